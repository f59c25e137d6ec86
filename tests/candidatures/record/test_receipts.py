"""What is done to a candidature is answered by a receipt, which can be checked against the record afterwards."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.base.permissions import Role
from referencing.journal.models import Entry
from tests.candidatures.dossiers import Dossier, People
from tests.structure.test_description import operations

#: Acts of the API that are answered by a receipt.
ACTS = ("submission", "taking-back", "withdrawal", "admissibility", "decision")


def draft(people: People) -> Dossier:
    return people.draft("LGC-V2", people.solution("Gamma"))


def filed(people: People) -> tuple[Dossier, Any]:
    dossier = draft(people)
    return dossier, people.editor.post(f"{dossier.path}/submission", {"incomplete": True}, 200)["receipt"]


def check(people: People, receipt: Any) -> Any:
    return people.editor.get(f"/candidatures/{receipt['candidature']}/receipts/{receipt['number']}")


def test_every_act_is_described_with_its_receipt() -> None:
    for act in ACTS:
        described = operations()[f"POST /api/v1/candidatures/{{}}/{act}"]["responses"]["200"]
        assert described["content"]["application/json"]["schema"]["$ref"].endswith("/ActedOut")


def test_a_submission_is_answered_by_its_receipt(people: People) -> None:
    dossier, receipt = filed(people)
    assert (receipt["action"], receipt["by"]) == ("candidature.submitted", "Camille")
    assert receipt["candidature"] == dossier.id
    assert re.fullmatch("[0-9a-f]{64}", receipt["digest"])
    assert check(people, receipt) == {**receipt, "intact": True}


@pytest.mark.parametrize(
    ("act", "who", "words", "action"),
    [
        ("taking-back", "editor", None, "candidature.taken_back"),
        ("withdrawal", "editor", None, "candidature.withdrawn"),
        (
            "admissibility",
            "lead",
            {"outcome": "incomplete", "comment": "À compléter."},
            "candidature.found_incomplete",
        ),
    ],
)
def test_what_follows_is_answered_by_its_own(
    people: People, act: str, who: str, words: Any, action: str
) -> None:
    dossier, first = filed(people)
    receipt = getattr(people, who).post(f"{dossier.path}/{act}", words, 200)["receipt"]
    assert receipt["action"] == action
    assert receipt["number"] > first["number"]
    assert check(people, receipt)["digest"] == receipt["digest"]


def test_a_decision_is_answered_by_its_receipt_which_the_editor_reads_too(people: People) -> None:
    dossier = people.in_deliberation("LGC-V1")
    words = {"outcome": "referenced", "comment": "Tout est conforme."}
    receipt = people.lead.post(f"{dossier.path}/decision", words, 200)["receipt"]
    read = check(people, receipt)
    assert (read["action"], read["digest"], read["intact"]) == (
        "candidature.decided",
        receipt["digest"],
        True,
    )
    assert (receipt["by"], read["by"]) == ("Dominique", "agence")


def test_the_receipts_of_a_dossier_are_listed_with_those_of_deposits(people: People) -> None:
    dossier = people.in_review("LGC-V1")
    listed = list(people.editor.every(f"{dossier.path}/receipts?limit=2"))
    assert [one["action"] for one in listed][-2:] == ["candidature.submitted", "candidature.admitted"]
    deposit = next(one for one in listed if one["action"] == "proof.supplied")
    position = next(
        item["proof"]["journal_position"]
        for item in people.editor.every(f"{dossier.path}/items")
        if item["proof"] and item["proof"]["id"] == deposit["detail"]["proof"]
    )
    assert deposit["number"] == position


def test_a_record_that_was_changed_is_told(people: People) -> None:
    _, receipt = filed(people)
    with db.transaction(people.parts.sessions) as session:
        session.execute(
            sa.text("SET LOCAL session_replication_role = replica")
        )  # past the trigger that forbids it
        session.execute(
            sa.update(Entry)
            .where(Entry.stream == f"candidature:{receipt['candidature']}", Entry.number == receipt["number"])
            .values(detail={"deposited_on": "x"})
        )
    assert check(people, receipt)["intact"] is False


def test_there_is_no_receipt_of_what_is_no_act_nor_of_others(people: People) -> None:
    dossier, receipt = filed(people)
    people.editor.refused(404, "GET", f"{dossier.path}/receipts/1")
    rival = people(Role.EDITOR, "Rive", "Mistral Santé")
    rival.refused(404, "GET", f"{dossier.path}/receipts/{receipt['number']}")
    rival.refused(404, "GET", f"{dossier.path}/receipts")
