"""What a line of the public list says, and the list as a sheet. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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


def last_of(lines: Iterable[Line]) -> Line | None:
    """The line of one software, in one couloir and dispositif, whose version was referenced last: of the highest wave.

    None where none of them is referenced; a suspended one is not.
    """
    referenced = [line for line in lines if line.state is State.REFERENCED]
    return max(referenced, key=lambda line: (line.vague, line.referenced_on or date.min), default=None)


def with_last(lines: Sequence[Line]) -> list[Line]:
    """Lines of the list on one day, each with whether its version is the last one."""
    by_software: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in lines:
        by_software[_software(line)].append(line)
    last = {software: last_of(of_software) for software, of_software in by_software.items()}
    return [replace(line, is_last=_is_last(line, last[_software(line)])) for line in lines]


def _software(line: Line) -> tuple[str, ...]:
    return line.nil, line.couloir, line.dispositif


def _is_last(line: Line, last: Line | None) -> bool:
    is_referenced = line.state is State.REFERENCED
    return is_referenced and last is not None and line.software_version == last.software_version


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
