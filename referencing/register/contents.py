"""What a line of the public list says, and the list as a sheet. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from referencing.base.sheets import csv_lines
from referencing.candidatures.record.states import STATES, State

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
    "Dernière version",
    "Depuis",
    "État",
)


@dataclass(frozen=True, slots=True)
class Referencing:
    """What anybody may know of a dossier: the version of which solution is, or was, referenced on what."""

    solution: UUID
    commercial_name: str
    editor: str
    software: str
    nil: str
    software_version: str
    couloir: str
    dispositif: str
    vague: int
    dsr: str
    dsr_version: int


@dataclass(frozen=True, slots=True)
class Line(Referencing):
    """A solution on the list, in its `state` from the end of the day `since`.

    `is_last`: no version of its software was referenced later in its couloir and dispositif, of those that still are.
    """

    referenced_on: date | None
    state: State
    since: date
    is_last: bool


def csv_of(lines: Iterable[Line], *, header: bool) -> str:
    """The lines of a sheet, under its headings where these are asked for."""
    return (csv_lines([COLUMNS]) if header else "") + csv_lines(
        (
            line.commercial_name,
            line.editor,
            line.software,
            line.nil,
            line.software_version,
            line.couloir,
            line.dispositif,
            line.vague,
            line.dsr,
            line.dsr_version,
            iso(line.referenced_on),
            "oui" if line.is_last else "non",
            line.since.isoformat(),
            STATES[line.state],
        )
        for line in lines
    )


def iso(day: date | None) -> str | None:
    """A day as it is written, YYYY-MM-DD."""
    return day.isoformat() if day else None
