"""Lines of the public list, for programs and for spreadsheets."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from referencing.base.errors import Malformed
from referencing.candidatures.record.states import STATES
from referencing.web.pages import Page, key_as
from referencing.web.sheets import csv_lines

from .queries import Listed

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


def listed_view(one: Listed) -> dict[str, Any]:
    return {name: value for name, value in asdict(one).items() if name != "key"}


def cursor_of(page: Page) -> tuple[str, UUID] | None:
    """The place in the list after which a page begins. Raises Malformed."""
    if page.after is None:
        return None
    if len(page.after) != 2:
        raise Malformed("Le curseur n'est pas lisible : reprenez la liste depuis le début.")
    return page.after[0], key_as(UUID, page.after[1])


def csv_rows(lines: Iterable[Listed]) -> str:
    return csv_lines(
        (
            one.commercial_name,
            one.editor,
            one.software,
            one.nil,
            one.software_version,
            one.couloir,
            one.dispositif,
            one.vague,
            one.dsr,
            one.dsr_version,
            one.referenced_on.isoformat() if one.referenced_on else None,
            STATES[one.state],
        )
        for one in lines
    )
