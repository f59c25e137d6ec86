"""Reading a requirement list: what the columns become, and what is reported without stopping."""

from dataclasses import astuple
from datetime import date
from io import BytesIO

import pytest

from referencing.catalogue.imports.workbook import ForeignWorkbook, chapter_of, read_workbook
from tests.catalogue.workbooks import (
    HEADINGS,
    blank,
    codes,
    inline,
    needs_real_cases,
    needs_real_lists,
    package,
    read,
    real_list,
    real_requirements,
    row,
    sheet_xml,
    workbook,
)

WITHOUT_PROOF = dict.fromkeys(["N° scénario", "Scénario de conformité", "proof", "Preuve"])


def refusal(file: BytesIO) -> str:
    with pytest.raises(ForeignWorkbook) as caught:
        read_workbook(file, dispositif="LGC")
    return caught.value.detail


# --- what the columns become --------------------------------------------------------------------------------


def test_a_row_becomes_a_requirement_with_its_proof() -> None:
    found = read(row(Commentaire="À lire avec INS.02", Profil_historique="Ancien"))

    (requirement,) = found.requirements
    (proof,) = requirement.proofs
    assert (found.rows, found.proofs, found.problems) == (1, 1, ())
    assert (requirement.code, requirement.chapter, requirement.position) == ("INS.01", "INS", 1)
    assert (requirement.title, requirement.function) == ("Identité du patient", "Recherche")
    assert requirement.text == "Le logiciel DOIT retrouver un patient à partir de son nom."
    assert (requirement.comment, requirement.former_profile) == ("À lire avec INS.02", "Ancien")
    assert (requirement.profile, requirement.perimeter) == ("Général", "Vague 2")
    assert (requirement.criticality, requirement.row) == ("Majeure", 2)
    assert (proof.suffix, proof.number, proof.row) == ("01.01", "INS.01.01.01", 2)
    assert (proof.text, proof.scenario_number) == ("Une vidéo de la recherche.", "INS.01.01")
    assert proof.scenario_text == "Chercher un patient par son nom."


def test_a_requirement_gathers_its_proofs_from_rows_that_do_not_follow_one_another() -> None:
    found = read(row(), row("INS.02", "INS.02.01.01"), row("INS.01", "INS.01.02.01"))

    assert [
        (requirement.code, requirement.position, [proof.suffix for proof in requirement.proofs])
        for requirement in found.requirements
    ] == [("INS.01", 1, ["01.01", "02.01"]), ("INS.02", 2, ["01.01"])]
    assert found.problems == ()


def test_a_proof_without_a_scenario_has_none() -> None:
    found = read(row(**{"N° scénario": None, "Scénario de conformité": None}))

    (proof,) = found.requirements[0].proofs
    assert (proof.scenario_number, proof.scenario_text) == (None, None)


@pytest.mark.parametrize(
    ("code", "number", "suffix"),
    [
        ("INS.01", "INS.01.02.03", "02.03"),
        ("INS/va1.01", "INS/va1.01.01.01", "01.01"),
        ("INS.01", "01.01", "01.01"),
        ("INS.01", "INS.02.01.01", "INS.02.01.01"),
        ("INS.01", "INS.010.01", "INS.010.01"),
        ("INS.01", "INS.01", "INS.01"),
    ],
)
def test_the_suffix_is_the_number_without_the_code_and_its_dot(code: str, number: str, suffix: str) -> None:
    (proof,) = read(row(code, number)).requirements[0].proofs
    assert proof.suffix == suffix


@pytest.mark.parametrize(
    ("code", "dispositif", "chapter"),
    [
        ("INS.01", "LGC", "INS"),
        ("INS/va1.01", "LGC", "INS"),
        ("SSI/IAM.80", "DPI", "SSI"),
        ("VI-CS.02", "DB", "VI-CS"),
        ("LGC/INS.01", "LGC", "INS"),
        ("LGC.INS.01", "LGC", "INS"),
        ("lgc.INS.01", "LGC", "INS"),
        ("LGC/INS.01", "DPI", "LGC"),
        ("DB.01", "DB", "DB"),
        ("DB/va1.01", "DB", "DB"),
        ("DB", "DB", "DB"),
        ("/INS.01", "LGC", "INS"),
    ],
)
def test_the_chapter_is_the_first_segment_after_the_dispositif(
    code: str, dispositif: str, chapter: str
) -> None:
    assert chapter_of(code, dispositif) == chapter


def test_columns_are_found_by_name_in_any_order_and_others_are_ignored() -> None:
    headings = [" " + heading.upper().replace(" ", "\u00a0 ") for heading in reversed(HEADINGS)]
    values = [row().get(heading) for heading in reversed(HEADINGS)]
    cells = dict(zip((heading.strip() for heading in headings), values, strict=True))

    found = read_workbook(workbook(cells, headings=["Lot", *headings, "Statut"]), dispositif="LGC")

    assert [requirement.code for requirement in found.requirements] == ["INS.01"]
    assert found.problems == ()


def test_texts_keep_their_line_breaks_and_lose_the_rest() -> None:
    text = "  Le\u00a0logiciel\u202fDOIT :\r\n- cher\u200bcher ;_x000D_\n- e\u0301diter_x0007_. "
    found = read(row(Exigence=text))
    assert found.requirements[0].text == "Le logiciel DOIT :\n- chercher ;\n- éditer."


def test_labels_are_one_line() -> None:
    found = read(row(Profil="Cabinet\n de\u00a0groupe"))
    assert found.requirements[0].profile == "Cabinet de groupe"


def test_codes_have_no_white_space() -> None:
    (requirement,) = read(row(" INS\u00a0.01\n", "INS.01. 01.01")).requirements
    assert (requirement.code, requirement.proofs[0].suffix) == ("INS.01", "01.01")


@pytest.mark.parametrize("profile", ["général", "GENERAL", " Général\u00a0"])
def test_the_general_profile_is_recognised_however_it_is_typed(profile: str) -> None:
    assert read(row(Profil=profile)).requirements[0].profile == "Général"


def test_blank_rows_are_not_rows_but_count_in_the_numbers() -> None:
    found = read({}, blank(Ordre=2), row())
    assert (found.rows, found.requirements[0].row) == (1, 4)


# --- what is reported ---------------------------------------------------------------------------------------


def test_a_requirement_without_a_proof_is_kept_and_noted() -> None:
    found = read(row(**WITHOUT_PROOF))
    assert found.requirements[0].proofs == ()
    assert codes(found) == [(2, "requirement_without_proof")]


def test_a_suffix_given_twice_counts_once_the_first() -> None:
    found = read(row(), row(Preuve="Autre chose."), row("INS.02", "INS.02.01.01"))

    assert [proof.text for proof in found.requirements[0].proofs] == ["Une vidéo de la recherche."]
    assert codes(found) == [(3, "proof_repeated")]
    assert "ligne 2, avec un autre énoncé" in found.problems[0].detail


def test_one_suffix_written_with_and_without_the_code_is_given_twice() -> None:
    assert codes(read(row(), row("INS.01", "01.01"))) == [(3, "proof_repeated")]


def test_a_number_that_does_not_start_with_the_code_is_noted() -> None:
    assert codes(read(row("INS.01", "INS.02.01.01"))) == [(2, "proof_number_foreign")]


def test_a_proof_without_a_number_is_left_out() -> None:
    found = read(row(), row("INS.01", None))
    assert found.proofs == 1
    assert codes(found) == [(3, "proof_number_missing")]


def test_a_proof_without_a_text_is_kept() -> None:
    found = read(row(Preuve=None))
    assert found.proofs == 1
    assert codes(found) == [(2, "proof_text_missing")]


def test_a_scenario_without_a_proof_is_noted() -> None:
    found = read(row(), row("INS.01", None, Preuve=None))
    assert codes(found) == [(3, "scenario_without_proof")]


@pytest.mark.parametrize("number", ["INS.01.01#01", "INS.01.01:01", "INS.01.01;02", "INS.01." + "1" * 100])
def test_a_proof_number_that_cannot_be_referred_to_is_left_out(number: str) -> None:
    found = read(row(), row("INS.01", number))
    assert found.proofs == 1
    assert codes(found) == [(3, "proof_number_invalid")]


def test_a_row_without_a_code_is_left_out() -> None:
    found = read(row(None), row())
    assert (found.rows, len(found.requirements)) == (2, 1)
    assert codes(found) == [(2, "code_missing")]


@pytest.mark.parametrize("code", ["INS#01", "LGC-V1:INS.01", "INS.01;INS.02", "…", "I" * 101, "INS\u202e.01"])
def test_a_row_whose_code_cannot_be_referred_to_is_left_out(code: str) -> None:
    found = read(row(code), row())
    assert [requirement.code for requirement in found.requirements] == ["INS.01"]
    assert codes(found) == [(2, "code_invalid")]


@pytest.mark.parametrize("heading", ["Chapitre", "Fonction", "Exigence", "Profil", "Périmètre"])
def test_a_requirement_that_differs_between_its_rows_keeps_the_first(heading: str) -> None:
    found = read(row(), row("INS.01", "INS.01.01.02", **{heading: "Autrement"}))

    (requirement,) = found.requirements
    assert "Autrement" not in astuple(requirement)
    assert codes(found) == [(3, "requirement_differs")]
    assert f"« {heading} »" in found.problems[0].detail


def test_a_blank_on_a_later_row_differs_from_nothing() -> None:
    found = read(row(), row("INS.01", "INS.01.01.02", Exigence=None, Profil=None, Criticité=None))
    assert found.problems == ()


def test_a_blank_on_the_first_row_is_filled_by_a_later_one() -> None:
    found = read(row(Exigence=None), row("INS.01", "INS.01.01.02", Exigence="Chercher."))
    assert found.requirements[0].text == "Chercher."
    assert found.problems == ()


def test_a_requirement_without_a_text_is_reported() -> None:
    assert codes(read(row(Exigence=None))) == [(2, "text_missing")]


def test_a_requirement_without_a_profile_is_general_and_reported() -> None:
    found = read(row(Profil=None))
    assert found.requirements[0].profile == "Général"
    assert codes(found) == [(2, "profile_missing")]


@pytest.mark.parametrize("criticality", ["Vitale", None])
def test_a_criticality_that_is_not_known_is_reported(criticality: str | None) -> None:
    assert codes(read(row(Criticité=criticality))) == [(2, "criticality_unknown")]


def test_a_formula_without_a_stored_value_is_read_as_empty_and_reported() -> None:
    found = read(row(Commentaire="=A1"))
    assert found.requirements[0].comment == ""
    assert codes(found) == [(2, "cell_formula")]


def test_a_text_that_starts_like_a_formula_is_a_text() -> None:
    cells = inline("B2", "INS.01") + inline("E2", "=&gt; chercher")
    found = read_workbook(package(sheet_xml(f'<row r="2">{cells}</row>')), dispositif="LGC")
    assert found.requirements[0].text == "=> chercher"


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#NOM?"])
def test_an_error_is_read_as_empty_and_reported(error: str) -> None:
    found = read(row(Commentaire=error))
    assert found.requirements[0].comment == ""
    assert codes(found) == [(2, "cell_error")]


def test_a_whole_number_loses_the_decimals_that_a_spreadsheet_adds() -> None:
    assert read(row(Commentaire=3.0)).requirements[0].comment == "3"


def test_a_number_where_a_code_belongs_is_read_and_reported() -> None:
    found = read(row("INS.01", 1.1))
    assert found.requirements[0].proofs[0].suffix == "1.1"
    assert codes(found) == [(2, "cell_number"), (2, "proof_number_foreign")]


def test_a_date_where_a_code_belongs_is_not_guessed() -> None:
    found = read(row(), row("INS.01", date(2026, 2, 1)))
    assert found.proofs == 1
    assert codes(found) == [(3, "cell_date"), (3, "proof_number_missing")]


def test_a_text_longer_than_a_cell_may_hold_is_cut() -> None:
    cells = inline("B2", "INS.01") + inline("E2", "a" * 40_000)
    found = read_workbook(package(sheet_xml(f'<row r="2">{cells}</row>')), dispositif="LGC")
    assert len(found.requirements[0].text) == 32_767
    assert (2, "cell_too_long") in codes(found)


def test_problems_come_by_row_and_speak_french() -> None:
    found = read(row("INS.02", "INS.02.01.01", Profil=None), row(None), row())
    assert [problem.row for problem in found.problems] == [2, 3]
    assert found.problems[1].detail == "La ligne n'a pas d'ID : elle est laissée de côté."


# --- which workbooks are refused ----------------------------------------------------------------------------


def test_a_workbook_without_the_sheet_is_refused_with_those_seen() -> None:
    assert "« Feuil1 »" in refusal(workbook(row(), sheet="Feuil1"))


def test_the_sheet_is_found_however_its_name_is_typed() -> None:
    assert read_workbook(workbook(row(), sheet=" exigences"), dispositif="LGC").rows == 1


def test_a_workbook_without_some_columns_is_refused_with_their_names() -> None:
    headings = [heading for heading in HEADINGS if heading not in {"Preuve", "Profil"}]
    detail = refusal(workbook(row(), headings=headings))
    assert "n'a pas : « Profil », « Preuve »" in detail


def test_a_column_given_twice_is_refused() -> None:
    assert "plusieurs fois : « Profil »" in refusal(workbook(row(), headings=[*HEADINGS, "PROFIL"]))


def test_an_empty_sheet_is_refused() -> None:
    assert "est vide" in refusal(workbook(headings=[]))


def test_a_sheet_with_headings_alone_has_nothing() -> None:
    found = read()
    assert (found.rows, found.requirements, found.problems) == (0, (), ())


# --- the real lists -----------------------------------------------------------------------------------------


@needs_real_lists
@pytest.mark.parametrize(
    ("dsr", "requirements", "proofs"),
    [
        ("LGC-V1", 108, 205),
        ("LGC-V2", 227, 302),
        ("DPI-V1", 42, 62),
        ("DPI-V2", 146, 207),
        ("DB-V2", 146, 86),
    ],
)
def test_a_real_list_has_its_known_size(dsr: str, requirements: int, proofs: int) -> None:
    found = real_list(dsr)
    assert (len(found.requirements), found.proofs) == (requirements, proofs)


@needs_real_lists
@pytest.mark.parametrize(
    ("dsr", "problems"),
    [
        ("LGC-V1", {
            "requirement_without_proof": 9, "proof_repeated": 4, "requirement_differs": 4, "text_missing": 6,
        }),
        ("LGC-V2", {
            "requirement_without_proof": 28, "proof_repeated": 1, "proof_number_foreign": 3,
            "scenario_without_proof": 1,
        }),
        ("DPI-V1", {"requirement_without_proof": 2, "proof_number_foreign": 4}),
        ("DPI-V2", {"requirement_without_proof": 13, "proof_repeated": 2, "proof_number_foreign": 8}),
        ("DB-V2", {"requirement_without_proof": 89, "proof_repeated": 1, "proof_number_foreign": 4}),
    ],
)  # fmt: skip
def test_a_real_list_has_its_known_problems(dsr: str, problems: dict[str, int]) -> None:
    found = [problem.code for problem in real_list(dsr).problems]
    assert {code: found.count(code) for code in found} == problems


@needs_real_cases
@pytest.mark.parametrize("dsr", ["LGC-V1", "LGC-V2", "DPI-V2", "DB-V2"])
def test_a_real_list_gives_the_requirements_of_the_cases_made_of_it(dsr: str) -> None:
    read_here = [
        (entry.code, entry.chapter, entry.profile, [proof.suffix for proof in entry.proofs])
        for entry in real_list(dsr).requirements
    ]
    assert read_here == [
        (case["code"], case["chapter"], case["profile"], [proof["suffix"] for proof in case["proofs"]])
        for case in real_requirements()[dsr]
    ]
