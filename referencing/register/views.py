"""Lines of the public list, for programs and for spreadsheets."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from referencing.candidatures.record.states import STATES
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
