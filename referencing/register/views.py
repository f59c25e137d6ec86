"""The public list as a sheet."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from referencing.base.sheets import csv_lines
from referencing.candidatures.record.states import STATES
from referencing.web.pages import Page

from .queries import ListedSolution

COLUMNS = (
    "Solution",
    "Éditeur",
    "Logiciel",
    "NIL",
    "Version",
    "Couloir",
    "Dispositif",
    "Vague",
    "DSR",
    "Version du DSR",
    "Référencée le",
    "État",
)


def cursor_of(page: Page) -> tuple[Any, ...] | None:
    """The place in the list after which a page begins. Raises Malformed."""
    return page.keys(str, UUID)


def solutions_sheet(solutions: Iterable[ListedSolution], *, header: bool) -> str:
    """The lines of these solutions, under the headings where they are asked for."""
    return (csv_lines([COLUMNS]) if header else "") + csv_lines(
        (
            solution.commercial_name,
            solution.editor,
            solution.software,
            solution.nil,
            solution.software_version,
            solution.couloir,
            solution.dispositif,
            solution.vague,
            solution.dsr,
            solution.dsr_version,
            solution.referenced_on.isoformat() if solution.referenced_on else None,
            STATES[solution.state],
        )
        for solution in solutions
    )
