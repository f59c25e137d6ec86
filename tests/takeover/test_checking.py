"""A file of past referencings is looked at line by line: what could be taken over, and what is wrong with the rest."""

import io
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from openpyxl import Workbook

from referencing.base.permissions import Role
from tests.candidatures.dossiers import ALIZE, OLD_CNDA, OLD_IDENTITY, OLD_PART, OLD_TRAITS, People
from tests.takeover.files import HEADINGS, going_on, row, sheet


def check(people: People, *rows: str, encoding: str = "utf-8-sig") -> Any:
    return send(people, sheet(*rows, encoding=encoding))


def send(people: People, content: bytes, name: str = "stock.csv") -> Any:
    return people.lead.upload("/takeovers/checks", (name, content), status=200)


def codes(report: Any) -> list[tuple[int, str]]:
    return [(problem["row"], problem["code"]) for problem in report["problems"]]


@pytest.fixture
def editor(people: People) -> People:
    """The organisation is registered."""
    _ = people.editor
    return people


def test_a_referencing_is_told_on_several_rows_and_its_proofs_in_several_ways(editor: People) -> None:
    report = check(
        editor,
        row(),
        going_on("ins.02.01.01", "Non conforme", "2024-01-31"),
        going_on("INS.03#01.01", "Sans objet"),
        encoding="cp1252",
    )
    assert codes(report) == [(2, "proofs_untold")]
    assert report["referencings"] == [
        {
            "row": 2,
            "organisation": ALIZE,
            "nil": "NIL-STOCK",
            "commercial_name": "Alpha",
            "dsr": "LGC-V1",
            "version": 1,
            "referenced_on": "2024-02-15",
            "outcomes": {"conform": 1, "nonconform": 1, "not_applicable": 1},
            "untold": 1,
            "new_software": True,
        }
    ]
    assert [report[key] for key in ("rows", "usable", "left_aside", "problem_count")] == [3, 1, 0, 1]


def test_a_workbook_tells_the_same_as_a_sheet_saved_as_csv(editor: People) -> None:
    rows = [row(), going_on(OLD_TRAITS, "conforme")]
    book = Workbook()
    written_sheet = book.active
    assert written_sheet is not None
    written_sheet.title = "Reprise"
    for line in [HEADINGS, *rows]:
        written_sheet.append([cell.strip('"') or None for cell in line.split(";")])
    written = io.BytesIO()
    book.save(written)
    told = send(editor, written.getvalue(), "stock.xlsx")
    assert told == check(editor, *rows)
    assert told["usable"] == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"Organisation": "Inconnue SAS"}, ["organisation_unknown"]),
        ({"Organisation": ""}, ["name_missing"]),
        ({"Logiciel": ""}, ["name_missing"]),
        ({"DSR": "LGC-V9"}, ["dsr_unknown"]),
        ({"Version_du_DSR": "7"}, ["version_unknown"]),
        ({"Profils": "Lunaire"}, ["profile_unknown"]),
        ({"Composition": "mss=MonMSS"}, ["composition_invalid"]),
        ({"Composition": "mss=MonMSS@1;mss=Autre@2"}, ["composition_invalid"]),
        ({"Référencée_le": "hier"}, ["date_invalid"]),
        ({"Référencée_le": "2099-01-01"}, ["date_to_come"]),
        ({"Déposée_le": "2024-03-01"}, ["dates_contradict"]),
        ({"Preuve": "LGC-V1:INS.99#01.01"}, ["nothing_told", "proof_unknown"]),
        ({"Résultat": "peut-être"}, ["nothing_told", "outcome_unknown"]),
        ({"Résultat": ""}, ["nothing_told", "outcome_missing"]),
        ({"Vérifiée_le": "2024-02-16"}, ["dates_contradict", "nothing_told"]),
    ],
)
def test_what_is_unknown_or_impossible_is_told_and_left_aside(
    editor: People, words: dict[str, str], told: Sequence[str]
) -> None:
    report = check(editor, row(**words))
    assert [report["usable"], report["left_aside"]] == [0, 1]
    assert sorted(code for _, code in codes(report)) == told


def test_a_proof_told_twice_counts_once_and_one_told_in_two_ways_not_at_all(editor: People) -> None:
    report = check(
        editor,
        row(),
        going_on(OLD_IDENTITY, "conforme"),
        going_on(OLD_PART, "conforme"),
        going_on(OLD_PART, "non conforme"),
        going_on(OLD_CNDA, "conforme"),
    )
    assert codes(report) == [(2, "proofs_untold"), (3, "proof_repeated"), (5, "proof_contradiction")]
    assert report["referencings"][0]["outcomes"] == {"conform": 2, "nonconform": 0, "not_applicable": 0}


def test_rows_that_describe_a_referencing_in_two_ways_leave_it_aside_whole(editor: People) -> None:
    report = check(editor, row(), row(Preuve=OLD_PART, Composition="mss=MonMSS@2"), row(Solution="Bêta"))
    assert codes(report)[0] == (3, "referencing_contradiction")
    assert [one["commercial_name"] for one in report["referencings"]] == ["Bêta"]


@pytest.mark.parametrize("version", ["1", "v1"])
def test_a_referencing_whose_version_is_written_in_two_ways_is_one(editor: People, version: str) -> None:
    report = check(editor, row(), row(Version_du_DSR=version, Résultat="non conforme"))
    assert (3, "referencing_repeated") in codes(report)
    assert [report["usable"], report["left_aside"]] == [1, 1]
    assert [one["row"] for one in report["referencings"]] == [2]


def test_a_solution_that_is_referenced_here_already_is_told(editor: People) -> None:
    solution = editor.solution("Alpha", editor.software("NIL-HERE"))
    editor.referenced("LGC-V1", solution)
    report = check(editor, row(NIL="NIL-HERE"), row(NIL="NIL-HERE", Solution="Bêta", Logiciel="Autre nom"))
    assert Counter(code for _, code in codes(report)) == {
        "already_referenced": 1,
        "software_differs": 1,
        "proofs_untold": 1,
    }
    assert [one["new_software"] for one in report["referencings"]] == [False]


def test_a_nil_of_another_organisation_is_a_contradiction(editor: People) -> None:
    other = editor(Role.EDITOR, organisation="Logiciels Bise")
    editor.software("NIL-ELSEWHERE", other)
    assert codes(check(editor, row(NIL="NIL-ELSEWHERE"))) == [(2, "nil_elsewhere")]


def test_nobody_but_leads_and_catalogue_managers_asks(editor: People) -> None:
    for client in (editor.editor, editor.verifier):
        file = {"file": (io.BytesIO(HEADINGS.encode()), "stock.csv")}
        assert client.refused(403, "POST", "/takeovers/checks", data=file)["status"] == 403
    assert editor(Role.CATALOGUE).upload("/takeovers/checks", ("stock.csv", HEADINGS.encode()), status=200)


def test_a_file_without_the_columns_says_which_ones_it_lacks(editor: People) -> None:
    file = {"file": (io.BytesIO(b"NIL;Preuve\nx;y"), "stock.csv")}
    refused = editor.lead.refused(422, "POST", "/takeovers/checks", data=file)
    assert "« Organisation »" in refused["detail"]
