"""The table of what certificates replace: what is read of it, and what is said of what is not right."""

import io

import pytest

from referencing.catalogue.imports.problems import ForeignTable
from referencing.equivalence.rulebooks.certificate_table import CertificateTable, read_certificate_table

CHAPTERS = ("SECURITE", "RGPD")


def read(
    *rows: str, headings: str = "parcours,Sécurité,rgpd", encoding: str = "utf-8-sig"
) -> CertificateTable:
    return read_certificate_table(
        io.BytesIO("\n".join([headings, *rows]).encode(encoding)), "MES-V1", CHAPTERS
    )


def test_a_kind_covers_the_chapters_where_it_serves() -> None:
    (kind,) = read("cas_classique,demande,demande", "dmn_avec_certificat,équivalence,Demande").kinds
    assert (kind.kind, kind.covers) == ("DMN", ({"dsr": "MES-V1", "chapter": "SECURITE"},))


def test_a_certificate_that_serves_nowhere_covers_nothing() -> None:
    assert read("dmn_avec_certificat,demande,demande").kinds[0].covers == ()


def test_a_table_that_a_french_spreadsheet_saved_is_read() -> None:
    rows = ("Établissement;demande;demande", "dmn_avec_certificat;Équivalence;demande")
    found = read(*rows, headings="Parcours;Sécurité;RGPD", encoding="cp1252")
    assert [(one.kind, one.covers[0]["chapter"]) for one in found.kinds] == [("DMN", "SECURITE")]
    assert found.problems == ()


def test_semicolons_are_read_and_the_order_of_columns_does_not_count() -> None:
    (kind,) = read("demande;equivalence;x_avec_certificat", headings="RGPD;SECURITE;parcours").kinds
    assert (kind.kind, kind.covers[0]["chapter"]) == ("X", "SECURITE")


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (["dmn_avec_certificat,oui,demande"], [(2, "cell_unknown")]),
        (["dmn_avec_certificat,,demande"], [(2, "cell_unknown")]),
        (["cas_classique,equivalence,demande"], [(2, "without_certificate")]),
        (["dmn_sans_certificat,demande,equivalence"], [(2, "without_certificate")]),
        (["a_avec_certificat,demande,demande", "A_avec_certificat,demande,demande"], [(3, "kind_repeated")]),
    ],
)
def test_what_is_not_right_is_left_aside_and_said(rows: list[str], found: list[tuple[int, str]]) -> None:
    table = read(*rows)
    assert [(one.row, one.code) for one in table.problems] == found
    assert len(table.kinds) == len(rows) - 1


def test_every_chapter_has_its_column() -> None:
    with pytest.raises(ForeignTable, match="RGPD"):
        read("cas_classique,demande", headings="parcours,securite")
