"""The socle that each requirement of a DSR descends from, read from a table in the `socles.csv` layout."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import IO

from .problems import ForeignTable, RowProblem, problem
from .tables import read_table
from .text import clean_code, code_fault, fold, quoted

__all__ = ["Fidelity", "ForeignTable", "SocleLink", "SocleTable", "read_socles"]

# Of the seven of the layout, those that say something of the link.
COLUMNS = ("dispositif", "vague", "exigence", "socle", "texte")


class Fidelity(StrEnum):
    """The share of the socle's text that the requirement kept."""

    IDENTICAL = "identical"  # word for word
    OVERRIDDEN = "overridden"  # has its own


@dataclass(frozen=True, slots=True)
class SocleLink:
    requirement: str
    socle: str
    fidelity: Fidelity
    row: int


@dataclass(frozen=True, slots=True)
class SocleTable:
    """`rows` counts the rows of the DSR asked for, `ignored` those of others."""

    rows: int
    ignored: int
    entries: tuple[SocleLink, ...]  # one a requirement, in the order of the rows
    problems: tuple[RowProblem, ...]


_FIDELITIES = {"identique": Fidelity.IDENTICAL, "surchargee": Fidelity.OVERRIDDEN}


def read_socles(file: IO[bytes], dispositif: str, vague: int) -> SocleTable:
    """The socle links of one DSR. ForeignTable when the file is not such a table."""
    links: dict[str, SocleLink] = {}
    problems: list[RowProblem] = []
    rows = ignored = 0
    for row, cells in read_table(file, COLUMNS):
        if fold(cells["dispositif"]) != fold(dispositif):
            ignored += 1
            continue
        read = _vague(row, cells["vague"])
        if isinstance(read, int) and read != vague:
            ignored += 1
            continue
        rows += 1
        link = read if isinstance(read, RowProblem) else _link(row, cells)
        if isinstance(link, SocleLink):
            first = links.setdefault(link.requirement, link)
            if (first.socle, first.fidelity) == (link.socle, link.fidelity):
                continue
            link = problem(row, "socle_conflict", value=quoted(link.requirement), first=first.row)
        problems.append(link)
    return SocleTable(rows, ignored, tuple(links.values()), tuple(problems))


def _vague(row: int, written: str) -> int | RowProblem:
    try:
        return int(written)
    except ValueError:
        return problem(row, "vague_unreadable", value=quoted(written))


def _link(row: int, cells: Mapping[str, str]) -> SocleLink | RowProblem:
    requirement, socle = clean_code(cells["exigence"]), clean_code(cells["socle"])
    fidelity = _FIDELITIES.get(fold(cells["texte"]))
    if not requirement:
        return problem(row, "code_missing")
    if fault := code_fault(requirement):
        return problem(row, "code_invalid", value=quoted(requirement), fault=fault)
    if not socle:
        return problem(row, "socle_missing", value=quoted(requirement))
    if fault := code_fault(socle):
        return problem(row, "socle_invalid", value=quoted(socle), fault=fault)
    if fidelity is None:
        return problem(row, "texte_unknown", value=quoted(cells["texte"]))
    return SocleLink(requirement, socle, fidelity, row)
