"""The list of an issuer as a CSV: what is read of each row, and what is said of those that are not right."""

import io
from datetime import date

import pytest

from referencing.catalogue.imports.problems import ForeignTable
from referencing.certificates.issuers.listing import ListEntry, ListRead, read_list

HEADINGS = "type;numero;titulaire;debut;dernier_jour"


def read(*rows: str, headings: str = HEADINGS, encoding: str = "utf-8-sig") -> ListRead:
    text = "\r\n".join([headings, *rows])
    return read_list(io.BytesIO(text.encode(encoding)), ["CNDA-DMP", "Agrément Été"])


def test_the_last_day_is_included_and_kept_as_the_first_day_without() -> None:
    assert read("CNDA-DMP;2026-1;NIL-1;01/02/2026;31/01/2029").entries == (
        ListEntry("CNDA-DMP", "2026-1", "NIL-1", date(2026, 2, 1), date(2029, 2, 1)),
    )


def test_commas_other_headings_and_iso_days_are_read_as_well() -> None:
    found = read(
        'CNDA-DMP,Société « Été »,2026-1,2026-02-01,"DMP-Box@2.1",,x',
        headings="Type,Société,Numéro,DEBUT,Titulaire,Dernier_jour,autre",
        encoding="utf-8",
    )
    assert found.entries == (ListEntry("CNDA-DMP", "2026-1", "DMP-Box@2.1", date(2026, 2, 1), None),)
    assert found.problems == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_list_is_read_in_the_encoding_in_which_a_spreadsheet_saved_it(encoding: str) -> None:
    found = read(
        "Agrément Été;1;Éditeur@1.0;;", headings="Type;Numéro;Titulaire;Début;Dernier_jour", encoding=encoding
    )
    assert [(one.kind, one.holder) for one in found.entries] == [("Agrément Été", "Éditeur@1.0")]


def test_a_kind_is_the_same_whatever_its_case() -> None:
    assert [one.kind for one in read("agrément ÉTÉ;1;NIL-1;;").entries] == ["Agrément Été"]


def test_the_same_row_twice_counts_once() -> None:
    found = read("CNDA-DMP;1;NIL-1;;", "CNDA-DMP;1;NIL-1;;", "CNDA-DMP;1;NIL-2;;")
    assert [found.rows, len(found.entries), found.problems] == [3, 2, ()]


def test_rows_that_name_nothing_are_left_aside_and_said() -> None:
    found = read("DMN;1;NIL-1;;", "CNDA-DMP;;NIL-1;;", "CNDA-DMP;2;;;", "CNDA-DMP;3;NIL-3;;")
    assert [one.number for one in found.entries] == ["3"]
    assert [(one.row, one.code) for one in found.problems] == [
        (2, "kind_unknown"),
        (3, "number_missing"),
        (4, "holder_missing"),
    ]
    assert "Agrément Été, CNDA-DMP" in found.problems[0].detail


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("hier", ""),
        ("2026-02-30", ""),
        ("31/31/2026", ""),
        ("", "9999-12-31"),
        ("0026-02-02", ""),
        ("", "01/02/2206"),
        ("2026-02-02", "2026-02-01"),
    ],
)
def test_a_day_that_is_none_is_said_and_not_compared(start: str, end: str) -> None:
    found = read(f"CNDA-DMP;1;NIL-1;{start};{end}")
    assert [(one.valid_from, one.valid_until) for one in found.entries] == [(None, None)]
    assert [(one.row, one.code) for one in found.problems] == [(2, "date_invalid")]


def test_another_file_is_refused_whole() -> None:
    with pytest.raises(ForeignTable, match="dernier_jour"):
        read("CNDA-DMP;1", headings="type;numero;titulaire;debut")
