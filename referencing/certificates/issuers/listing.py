"""Reading the list of an issuer: a CSV that a spreadsheet saved, one certificate a row. Pure but for the file.

Columns `type;numero;titulaire;debut;dernier_jour`: the kind, the number, the holder (a NIL or `identifiant@version`),
the first and the last day, that one included, as `AAAA-MM-JJ` or `JJ/MM/AAAA`; an empty day is one that the list does
not tell. A column `siren` may name the holder's organisation. A row that cannot be used is left aside and reported; a
day that cannot be read is reported and not compared.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import IO

from referencing.catalogue.imports.problems import RowProblem
from referencing.catalogue.imports.tables import day_of, read_table
from referencing.catalogue.imports.text import clean_label, quoted
from referencing.solutions.nils import clean_nil

COLUMNS = ("type", "numero", "titulaire", "debut", "dernier_jour")
SIREN = "siren"
LONGEST = 200


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A certificate as the list tells it. `valid_until` is the first day without, as everywhere else."""

    kind: str
    number: str
    holder: str
    valid_from: date | None
    valid_until: date | None
    siren: str | None = None


@dataclass(frozen=True, slots=True)
class ListRead:
    rows: int
    entries: tuple[ListEntry, ...]
    problems: tuple[RowProblem, ...]


def read_list(file: IO[bytes], kinds: Collection[str]) -> ListRead:
    """The certificates of these kinds. Raises ForeignTable for a file that is no such table."""
    rows = 0
    entries: dict[ListEntry, int] = {}
    problems: list[RowProblem] = []
    kind_of = {kind.casefold(): kind for kind in kinds}
    for number, row in read_table(file, COLUMNS, [SIREN]):
        rows += 1
        kind = kind_of.get(clean_label(row["type"]).casefold())
        faults = [*_faults(row, kind, kinds)]
        if kind is None or faults:
            problems += (RowProblem(number, code, detail) for code, detail in faults)
            continue
        start, end, unread = _days(row)
        problems += (RowProblem(number, "date_invalid", detail) for detail in unread)
        after = end + timedelta(days=1) if end else None
        siren, holder = clean_label(row.get(SIREN, "")) or None, clean_nil(row["titulaire"])
        entry = ListEntry(kind, clean_label(row["numero"]), holder, start, after, siren)
        entries.setdefault(entry, number)
    return ListRead(rows, tuple(entries), tuple(problems))


def _faults(row: dict[str, str], kind: str | None, kinds: Collection[str]) -> Iterator[tuple[str, str]]:
    """The faults that make a row unusable: each a code and a sentence."""
    if kind is None:
        yield (
            "kind_unknown",
            f"Le type {quoted(row['type'])} n'est pas de cet émetteur : la ligne est laissée de côté. "
            f"Types connus : {', '.join(sorted(kinds))}.",
        )
    for column, code in (("numero", "number_missing"), ("titulaire", "holder_missing")):
        if not row[column]:
            yield code, f"La colonne « {column} » est vide : la ligne est laissée de côté."
        elif len(row[column]) > LONGEST:
            yield (
                "cell_too_long",
                f"La colonne « {column} » dépasse {LONGEST} caractères : la ligne est laissée de côté.",
            )


def _days(row: dict[str, str]) -> tuple[date | None, date | None, list[str]]:
    """The first and the last day of a row, and sentences on what is wrong with them."""
    unread = []
    days: list[date | None] = []
    for column in ("debut", "dernier_jour"):
        day = day_of(row[column])
        if day is None and row[column]:
            unread.append(
                f"La colonne « {column} » porte {quoted(row[column])}, qui n'est pas un jour du programme "
                "(AAAA-MM-JJ ou JJ/MM/AAAA, de 1990 à 2099) : ce jour ne sera pas comparé."
            )
        days.append(day)
    start, end = days
    if start and end and end < start:
        unread.append("Le dernier jour précède le début : ces jours ne seront pas comparés.")
        return None, None, unread
    return start, end, unread
