"""Which socle a requirement descends from, and which rows are set aside."""

from io import BytesIO

import pytest

from referencing.catalogue.imports.socle_links import Fidelity, ForeignTable, SocleTable, read_socles
from tests.catalogue.workbooks import REM, needs_real_lists

HEADINGS = "dispositif,vague,exigence,socle,texte,evolution_socle,impact_scenario"


def read(*rows: str, headings: str = HEADINGS) -> SocleTable:
    return read_socles(BytesIO("\n".join([headings, *rows]).encode()), "LGC", 2)


def codes(found: SocleTable) -> list[tuple[int, str]]:
    return [(problem.row, problem.code) for problem in found.problems]


@pytest.mark.parametrize(
    ("written", "fidelity"),
    [
        ("identique", Fidelity.IDENTICAL),
        ("surchargée", Fidelity.OVERRIDDEN),
        ("Surchargee ", Fidelity.OVERRIDDEN),
    ],
)
def test_a_row_links_a_requirement_to_its_socle(written: str, fidelity: Fidelity) -> None:
    found = read(f"LGC,2,INS.01,SC.INS.01,{written},Inchangée,")
    (link,) = found.entries
    assert (link.requirement, link.socle, link.fidelity, link.row) == ("INS.01", "SC.INS.01", fidelity, 2)
    assert (found.rows, found.ignored, found.problems) == (1, 0, ())


def test_a_table_that_a_french_spreadsheet_saved_is_read() -> None:
    content = f"{HEADINGS}\r\nLGC,2,INS.01,SC.INS.01,surchargée,Inchangée,\r\n".replace(",", ";").encode(
        "cp1252"
    )
    (link,) = read_socles(BytesIO(content), "LGC", 2).entries
    assert (link.socle, link.fidelity) == ("SC.INS.01", Fidelity.OVERRIDDEN)


@pytest.mark.parametrize("row", ["DPI,2,INS.01,SC.1,identique", "LGC,1,INS.01,SC.1,identique", "DPI,?,,,"])
def test_rows_of_other_dsrs_are_only_counted(row: str) -> None:
    found = read(row)
    assert (found.rows, found.ignored, found.entries, found.problems) == (0, 1, (), ())


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("LGC,deux,INS.01,SC.1,identique", "vague_unreadable"),
        ("LGC,2,,SC.1,identique", "code_missing"),
        ("LGC,2,INS#01,SC.1,identique", "code_invalid"),
        ("LGC,2,INS.01,,identique", "socle_missing"),
        ("LGC,2,INS.01,SC:1,identique", "socle_invalid"),
        ("LGC,2,INS.01,SC.1,copié", "texte_unknown"),
        ("LGC,2,INS.01,SC.1,", "texte_unknown"),
    ],
)
def test_a_row_that_links_nothing_is_reported_and_left_out(row: str, code: str) -> None:
    found = read("LGC,2,INS.02,SC.2,identique", row)
    assert [link.requirement for link in found.entries] == ["INS.02"]
    assert codes(found) == [(3, code)]


@pytest.mark.parametrize("row", ["LGC,2,INS.01,SC.2,identique", "LGC,2,INS.01,SC.1,surchargée"])
def test_a_requirement_linked_again_and_otherwise_keeps_the_first(row: str) -> None:
    found = read("LGC,2,INS.01,SC.1,identique", row)
    assert [(link.socle, link.fidelity) for link in found.entries] == [("SC.1", Fidelity.IDENTICAL)]
    assert codes(found) == [(3, "socle_conflict")]
    assert "ligne 2" in found.problems[0].detail


def test_a_link_given_twice_is_one_link() -> None:
    found = read("LGC,2,INS.01,SC.1,identique", "LGC,2,INS. 01,SC.1,identique")
    assert (len(found.entries), found.problems) == (1, ())


def test_a_table_without_a_column_is_refused() -> None:
    with pytest.raises(ForeignTable, match="« texte »"):
        read(headings="dispositif,vague,exigence,socle")


@needs_real_lists
@pytest.mark.parametrize(
    ("dispositif", "vague", "links"), [("LGC", 2, 185), ("DPI", 2, 118), ("DB", 2, 57), ("LGC", 1, 0)]
)
def test_the_real_table_links_its_known_number(dispositif: str, vague: int, links: int) -> None:
    with (REM / "socles.csv").open("rb") as file:
        found = read_socles(file, dispositif, vague)
    assert (len(found.entries), found.rows + found.ignored, found.problems) == (links, 360, ())
