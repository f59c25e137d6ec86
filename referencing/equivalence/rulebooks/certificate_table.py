"""Reads which proofs certificates replace, from a table of a sector's service catalogue: one CSV for a DSR. Pure.

The first column is `parcours`, then one for each chapter of the DSR, by its code, whatever its case. The row
`X_avec_certificat` is about the kind X, in capitals: `equivalence` where the certificate serves, `demande` where the
proof is asked for all the same. The other rows are about who has no certificate, and ask for everything.
"""

import glob
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from referencing.catalogue.imports.problems import RowProblem
from referencing.catalogue.imports.tables import read_table
from referencing.catalogue.imports.text import fold, quoted
from referencing.equivalence.engine.facts import CertificateKind

FIRST = "parcours"
_SERVES, _REQUIRED = "equivalence", "demande"
_WITH = re.compile(r"(?P<kind>.+)_avec_certificat", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CertificateTable:
    rows: int
    kinds: tuple[CertificateKind, ...]
    problems: tuple[RowProblem, ...]


def read_certificate_table(file: IO[bytes], dsr: str, chapters: Sequence[str]) -> CertificateTable:
    """The kinds of certificates with what each covers of a DSR. Raises ForeignTable when a chapter has no column."""
    rows = 0
    kinds: dict[str, CertificateKind] = {}
    problems: list[RowProblem] = []
    for number, row in read_table(file, (FIRST, *chapters)):
        rows += 1
        label = _WITH.fullmatch(row[FIRST])
        kind = label["kind"].upper() if label else None
        serving = [chapter for chapter in chapters if fold(row[chapter]) == _SERVES]
        fault = _fault(row, chapters, kind, serving, kinds)
        if fault is not None:
            problems.append(RowProblem(number, *fault))
        elif kind is not None:
            kinds[kind] = CertificateKind(
                kind, tuple({"dsr": glob.escape(dsr), "chapter": glob.escape(chapter)} for chapter in serving)
            )
    return CertificateTable(rows, tuple(kinds.values()), tuple(problems))


def _fault(
    row: dict[str, str],
    chapters: Sequence[str],
    kind: str | None,
    serving: Sequence[str],
    read_kinds: dict[str, CertificateKind],
) -> tuple[str, str] | None:
    """The code and the sentence of why a row is left aside, or None when it is read."""
    foreign = [chapter for chapter in chapters if fold(row[chapter]) not in {_SERVES, _REQUIRED}]
    if foreign:
        return (
            "cell_unknown",
            f"La colonne {quoted(foreign[0])} porte {quoted(row[foreign[0]])} : « {_REQUIRED} » ou "
            f"« {_SERVES} » est attendu. La ligne est laissée de côté.",
        )
    if kind is None and serving:
        return (
            "without_certificate",
            f"{quoted(row[FIRST])} n'a pas de certificat : rien n'y vaut équivalence. Nommez le type de "
            "certificat (TYPE_avec_certificat). La ligne est laissée de côté.",
        )
    if kind in read_kinds:
        return (
            "kind_repeated",
            f"Le certificat {quoted(kind or '')} est déjà donné : cette ligne-ci ne compte pas.",
        )
    return None
