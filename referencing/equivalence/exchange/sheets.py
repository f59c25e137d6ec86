"""A rulebook as three CSV sheets in a zip, and back without any loss. Pure.

Every cell is in quotes. What a spreadsheet would take for a formula is written behind a backslash, and an apostrophe at
the beginning is doubled; reading takes one off again, since earlier sheets have it before formulas. Several values
stand one a line; `\\n`, `\\r`, `\\\\` write a line break or a backslash in a value, `\\0` an empty one.
"""

import csv
import io
import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import IO, TypeVar
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from referencing.base.errors import FieldError, Invalid
from referencing.base.sheets import ESCAPED_FORMULA, FORMULA
from referencing.catalogue.imports.tables import ForeignTable, day_of, rows_of, text_of
from referencing.equivalence.engine.facts import CertificateKind, Correspondence, Policy, Relation, Reuse
from referencing.equivalence.rulebooks.rulebooks import POLICY_KEYS, Rules

MIB = 1 << 20
MAX_SHEET = 10 * MIB
CONDITIONS = tuple(sorted(POLICY_KEYS))
COVER = ("dsr", "requirement", "chapter")
HEADINGS = {
    "correspondences.csv": ("id", "from", "to", "relation", "valid_from", "valid_until"),
    "certificate_kinds.csv": ("kind", "cover", *COVER),
    "policies.csv": (*CONDITIONS, "reuse", "max_age_days"),
}
#: Conditions that sheets exported before there were any do not have.
_ADDED = {"standing"}
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\z"}
_MEANT = {"\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\z": "\0", "\\0": ""}
_WRITTEN = re.compile(rf"\\[\\nrz0]|{ESCAPED_FORMULA.pattern}")
_DAMAGED = (
    BadZipFile, EOFError, KeyError, NotImplementedError, OSError, RuntimeError, ValueError, csv.Error, struct.error,
    zlib.error,
)  # fmt: skip
_EPOCH = (1980, 1, 1, 0, 0, 0)

Row = dict[str, str]
T = TypeVar("T")


def write_sheets(rules: Rules) -> bytes:
    """Rules as a zip of sheets; equal rules give equal bytes."""
    rows: dict[str, Iterable[Sequence[str]]] = {
        "correspondences.csv": map(_correspondence_row, rules.correspondences),
        "certificate_kinds.csv": (row for kind in rules.certificate_kinds for row in _kind_rows(kind)),
        "policies.csv": map(_policy_row, rules.policies),
    }
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, headings in HEADINGS.items():
            sheet = io.StringIO(newline="")
            writer = csv.writer(sheet, quoting=csv.QUOTE_ALL)
            writer.writerow(headings)
            writer.writerows([_guarded(cell) for cell in row] for row in rows[name])
            archive.writestr(ZipInfo(name, _EPOCH), sheet.getvalue().encode("utf-8-sig"), ZIP_DEFLATED)
    return packed.getvalue()


def _correspondence_row(rule: Correspondence) -> list[str]:
    days = [day.isoformat() if day else "" for day in (rule.valid_from, rule.valid_until)]
    return [
        _escaped(rule.id),
        _escaped_lines(rule.sources),
        _escaped(rule.target),
        rule.relation.value,
        *days,
    ]


def _kind_rows(kind: CertificateKind) -> Iterator[list[str]]:
    """A row for each cover, numbered from 1; a single row without a number for a kind that covers nothing."""
    if not kind.covers:
        yield [_escaped(kind.kind), "", *("" for _ in COVER)]
    for number, cover in enumerate(kind.covers, 1):
        cells = [_escaped(cover[key]) if key in cover else "" for key in COVER]
        yield [_escaped(kind.kind), str(number), *cells]


def _policy_row(policy: Policy) -> list[str]:
    age = "" if policy.max_age_days is None else str(policy.max_age_days)
    return [*(_escaped_lines(policy.when.get(key, ())) for key in CONDITIONS), policy.reuse.value, age]


def _escaped(value: str) -> str:
    return re.sub(r"[\\\n\r\0]", lambda match: _ESCAPES[match[0]], value) or "\\0"


def _escaped_lines(values: Iterable[str]) -> str:
    return "\n".join(map(_escaped, values))


def _guarded(cell: str) -> str:
    guarded = "\n".join(FORMULA.sub(r"\\", line) for line in cell.split("\n"))
    return f"'{guarded}" if guarded.startswith("'") else guarded


def read_sheets(file: IO[bytes]) -> Rules:
    """The rules of a zip of sheets. Raises Invalid with the sheet and the row of each thing that cannot be read."""
    problems: list[FieldError] = []
    try:
        with ZipFile(file) as archive:
            rows = {name: list(_rows(archive, name)) for name in HEADINGS}
    except _DAMAGED as error:
        names = ", ".join(HEADINGS)
        raise Invalid(f"Envoyez un zip des feuilles {names}, en CSV, telles qu'exportées.") from error
    correspondences = _read_rows(rows, "correspondences.csv", _read_correspondence, problems)
    covers = _read_rows(rows, "certificate_kinds.csv", _read_cover, problems)
    policies = _read_rows(rows, "policies.csv", _read_policy, problems)
    if problems:
        raise Invalid("Corrigez les lignes indiquées et envoyez de nouveau les feuilles.", problems)
    return Rules(tuple(correspondences), tuple(_kinds(covers)), tuple(policies))


def _rows(archive: ZipFile, name: str) -> Iterator[Row]:
    with archive.open(name) as opened:
        content = opened.read(MAX_SHEET + 1)
    if len(content) > MAX_SHEET:
        raise Invalid(f"La feuille {name} dépasse {MAX_SHEET // MIB} Mio.")
    headings = HEADINGS[name]
    try:
        lines = rows_of(text_of(content), headings)
    except ForeignTable as error:
        raise Invalid(f"{name} : {error.detail}") from error
    present = tuple(next(lines, ()))
    if present not in {headings, tuple(key for key in headings if key not in _ADDED)}:
        raise Invalid(f"La première ligne de {name} doit être : {','.join(headings)}.")
    for line in lines:
        if any(line):
            cells = [_unguarded(cell) for cell in line] + [""] * (len(present) - len(line))
            yield dict.fromkeys(headings, "") | dict(zip(present, cells, strict=False))


def _unguarded(cell: str) -> str:
    return cell.removeprefix("'")


def _read_rows(
    rows: dict[str, list[Row]], name: str, reader: Callable[[Row], T], problems: list[FieldError]
) -> list[T]:
    values = []
    for number, row in enumerate(rows[name], 2):
        try:
            values.append(reader(row))
        except ValueError:
            words = "Cette ligne n'est pas lisible : vérifiez ses dates, ses nombres et ses mots réservés."
            problems.append(FieldError(f"/{name}/{number}", words))
    return values


def _unescaped(cell: str) -> str:
    return _WRITTEN.sub(lambda match: _MEANT.get(match[0], ""), cell)


def _unescaped_lines(cell: str) -> tuple[str, ...]:
    return tuple(_unescaped(line.rstrip("\r")) for line in cell.split("\n")) if cell else ()


def _read_correspondence(row: Row) -> Correspondence:
    start, end = (_day(row[key]) for key in ("valid_from", "valid_until"))
    target = _unescaped(row["to"])
    return Correspondence(
        _unescaped(row["id"]), _unescaped_lines(row["from"]), target, Relation(row["relation"]), start, end
    )


def _day(cell: str) -> date | None:
    day = day_of(cell)
    if cell and day is None:
        raise ValueError(cell)
    return day


def _read_cover(row: Row) -> tuple[str, dict[str, str] | None]:
    cover = {key: _unescaped(row[key]) for key in COVER if row[key]}
    return _unescaped(row["kind"]), cover if row["cover"] else None


def _kinds(covers: Iterable[tuple[str, dict[str, str] | None]]) -> Iterator[CertificateKind]:
    """The kinds with their covers; rows of one kind may stand anywhere in the sheet."""
    covers_by_kind: dict[str, list[dict[str, str]]] = {}
    for kind, cover in covers:
        covers_by_kind.setdefault(kind, [])
        if cover is not None:
            covers_by_kind[kind].append(cover)
    return (CertificateKind(kind, tuple(of_kind)) for kind, of_kind in covers_by_kind.items())


def _read_policy(row: Row) -> Policy:
    age = int(row["max_age_days"]) if row["max_age_days"] else None
    when = {key: _unescaped_lines(row[key]) for key in CONDITIONS if row[key]}
    return Policy(when, Reuse(row["reuse"]), age)
