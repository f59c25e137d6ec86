"""A verifier takes their own verdict back for a quarter of an hour, as a new entry: nothing is deleted."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.base.permissions import Role
from referencing.proofs.models import Verification
from tests.candidatures.dossiers import ALIZE, CNDA, IDENTITY, OLD_IDENTITY, Dossier, People, verdict
from tests.candidatures.running import Running
from tests.conftest import Time
from tests.reviews.queues.test_equivalence_tasks import after_the_first, side_by_side

REASON = {"reason": "Je me suis trompée de fichier."}
OUTCOMES = ["conform", "nonconform", "complement"]


def given(dossier: Dossier, code: str, outcome: str = "conform") -> str:
    """The task that a verdict has closed."""
    task = dossier.task(code)
    dossier.find(code, outcome)
    return task


def undo(people: People, task: str) -> Any:
    return people.verifier.post(f"/tasks/{task}/verdict/undo", REASON, status=200)


def refused(people: People, task: str, status: int = 409) -> str:
    return str(people.verifier.refused(status, "POST", f"/tasks/{task}/verdict/undo", json=REASON)["detail"])


@pytest.fixture
def second(running: Running) -> Iterator[Dossier]:
    with running.after(after_the_first) as (_, (dossier,)):
        yield dossier


@pytest.fixture
def both(running: Running) -> Iterator[list[Dossier]]:
    with running.after(side_by_side) as (_, dossiers):
        yield dossiers


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_item_is_under_review_again_in_the_same_round(
    people: People, dossier: Dossier, outcome: str
) -> None:
    task = given(dossier, OLD_IDENTITY, outcome)
    undo(people, task)
    item = dossier.item(OLD_IDENTITY)
    assert [item["state"], item["round"], item["verdict"], item["due_on"]] == ["under_review", 1, None, None]
    assert item["proof"]["state"] == "submitted"


def test_the_review_goes_on_as_another_task_that_the_verifier_has(
    people: People, dossier: Dossier, time: Time
) -> None:
    time.pass_days(7)
    task = given(dossier, OLD_IDENTITY)
    before = people.verifier.get(f"/tasks/{dossier.task(list(dossier.states())[1])}")
    again = undo(people, task)
    assert again["id"] != task
    assert [again["claimed_by"], again["queue"], again["closed_at"]] == ["Vasseur", "proof_review", None]
    assert [again["due_on"], again["working_days_left"]] == [before["due_on"], before["working_days_left"]]
    people.verifier.post(f"/tasks/{again['id']}/verdict", verdict(again, "nonconform"), status=200)
    assert dossier.item(OLD_IDENTITY)["state"] == "nonconform"


def test_who_declared_a_conflict_since_does_not_touch_it_any_more(people: People, dossier: Dossier) -> None:
    task = given(dossier, OLD_IDENTITY)
    people.verifier.post("/conflicts", {"organisation": ALIZE})
    assert "conflit d'intérêts" in refused(people, task, 403)


def test_who_is_away_since_leaves_it_in_its_queue(people: People, dossier: Dossier) -> None:
    task = given(dossier, OLD_IDENTITY)
    people.verifier.post("/absences", {"starts_on": "2026-03-02", "ends_on": "2026-03-06"})
    again = undo(people, task)
    assert [again["claimed_by"], again["closed_at"]] == [None, None]
    assert dossier.item(OLD_IDENTITY)["state"] == "under_review"


def test_nothing_is_deleted(people: People, dossier: Dossier) -> None:
    task = given(dossier, OLD_IDENTITY, "complement")
    undo(people, task)
    (found,) = dossier.item(OLD_IDENTITY)["proof"]["verifications"]
    assert [found["outcome"], found["revoked_on"]] == ["complement", "2026-03-02"]
    (told,) = people.editor.get(f"{dossier.item_path(OLD_IDENTITY)}/history")["items"]
    assert [told["outcome"], told["undone_at"], told["undone_reason"]] == [
        "complement",
        "2026-03-02T09:00:00Z",
        REASON["reason"],
    ]
    (event,) = [one for one in dossier.timeline() if one["action"] == "verdict.undone"]
    assert event["detail"] == {"code": OLD_IDENTITY, "round": 1, **REASON}


def test_after_a_quarter_of_an_hour_it_is_too_late(people: People, dossier: Dossier, time: Time) -> None:
    first, second = (given(dossier, code) for code in list(dossier.states())[:2])
    time.now += timedelta(minutes=15)
    undo(people, first)
    time.now += timedelta(seconds=1)
    assert "15 minutes" in refused(people, second)


def test_a_verdict_is_taken_back_by_who_gave_it(people: People, dossier: Dossier) -> None:
    task = given(dossier, OLD_IDENTITY)
    path = f"/tasks/{task}/verdict/undo"
    people(Role.VERIFIER, "Colin").refused(403, "POST", path, json=REASON)
    people.lead.refused(403, "POST", path, json=REASON)
    assert dossier.item(OLD_IDENTITY)["state"] == "conform"


def test_a_verdict_is_taken_back_once(people: People, dossier: Dossier) -> None:
    task = given(dossier, OLD_IDENTITY)
    undo(people, task)
    assert "déjà repris" in refused(people, task)


def test_there_has_to_be_a_verdict_and_a_reason(people: People, dossier: Dossier) -> None:
    assert "Aucun verdict" in refused(people, dossier.task(OLD_IDENTITY))
    refused(people, str(UUID(int=7)), 404)
    task = given(dossier, OLD_IDENTITY)
    people.verifier.refused(422, "POST", f"/tasks/{task}/verdict/undo", json={"reason": " "})


def test_a_later_verdict_stands(people: People, dossier: Dossier) -> None:
    task = given(dossier, OLD_IDENTITY, "complement")
    dossier.supply(OLD_IDENTITY, b"la date")
    dossier.find(OLD_IDENTITY)
    assert "Un autre verdict" in refused(people, task)


def test_what_the_editor_has_answered_stands(people: People, dossier: Dossier) -> None:
    task = given(dossier, OLD_IDENTITY, "complement")
    dossier.supply(OLD_IDENTITY, b"la date")
    assert "a suivi son cours" in refused(people, task)


def test_what_a_lead_has_reopened_stands(people: People, dossier: Dossier) -> None:
    tasks = [given(dossier, code, "nonconform") for code in dossier.states()]
    dossier.decide("sent_back", *dossier.states())
    assert "a suivi son cours" in refused(people, tasks[0])


def test_the_last_verdict_takes_its_dossier_back_from_deliberation(people: People, dossier: Dossier) -> None:
    tasks = [given(dossier, code) for code in dossier.states()]
    assert dossier.state == "deliberation"
    undo(people, tasks[-1])
    assert dossier.state == "in_review"
    assert dossier.read()["holder"] == "agency"


@pytest.mark.parametrize("end", ["referenced", "refused", "withdrawn"])
def test_what_is_decided_stands(people: People, dossier: Dossier, end: str) -> None:
    tasks = [given(dossier, code) for code in dossier.states()]
    if end == "withdrawn":
        dossier.withdraw()
    else:
        dossier.decide(end)
    assert "La candidature est" in refused(people, tasks[0])


def test_what_was_granted_from_it_is_resolved_again(both: list[Dossier]) -> None:
    first, second = both
    task = given(first, OLD_IDENTITY)
    assert second.item(IDENTITY)["state"] == "covered"
    undo(first.people, task)
    assert second.item(IDENTITY)["state"] == "awaiting"
    first.find(OLD_IDENTITY)
    assert second.item(IDENTITY)["state"] == "covered"


def test_what_a_decided_dossier_stands_on_stands(both: list[Dossier]) -> None:
    first, second = both
    tasks = [given(first, code) for code in first.states()]
    for task in second.tasks("proof_review") + second.tasks("equivalence"):
        second.find(task["code"])
    second.decide("referenced")
    assert first.state == "deliberation"
    assert "Une candidature a déjà été décidée" in refused(first.people, tasks[0])


def test_the_finding_before_stands_again(people: People, dossier: Dossier) -> None:
    for code in dossier.states():
        dossier.find(code)
    dossier.decide("sent_back", OLD_IDENTITY)
    undo(people, given(dossier, OLD_IDENTITY, "nonconform"))
    assert findings(people) == [("verified", False), ("rejected", True)]
    undo(people, given(dossier, OLD_IDENTITY, "complement"))
    assert findings(people) == [("verified", False), ("rejected", True), ("complement", True)]


def findings(people: People) -> list[tuple[str, bool]]:
    """What was found on the item, and whether it is revoked."""
    select = sa.select(Verification).where(Verification.proof_code == OLD_IDENTITY).order_by(Verification.id)
    with db.transaction(people.parts.sessions) as session:
        return [(one.finding.value, one.revoked_on is not None) for one in session.scalars(select)]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_verdict_on_a_claim_is_taken_back_with_the_claim(
    people: People, dossier: Dossier, outcome: str
) -> None:
    dossier.find(OLD_IDENTITY, "complement", "La date.")
    dossier.claim_not_applicable(OLD_IDENTITY, "Autre scénario.")
    task = given(dossier, OLD_IDENTITY, outcome)
    again = undo(people, task)
    item = dossier.item(OLD_IDENTITY)
    assert [item["state"], item["reason"], item["round"]] == ["under_review", "Autre scénario.", 2]
    people.verifier.post(
        f"/tasks/{again['id']}/verdict",
        verdict({**again, "subject": {"proof": None, "reason": item["reason"]}}),
        status=200,
    )
    assert dossier.item(OLD_IDENTITY)["state"] == "not_applicable"


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_verdict_on_a_reuse_is_taken_back(second: Dossier, outcome: str) -> None:
    people = second.people
    task = given(second, CNDA, outcome)
    again = undo(people, task)
    item = second.item(CNDA)
    assert [item["state"], item["round"], item["reuse"]["state"]] == ["to_confirm", 1, "proposed"]
    assert [again["queue"], again["claimed_by"]] == ["equivalence", "Vasseur"]
    assert [one["id"] for one in second.tasks("equivalence")] == [again["id"]]
    second.find(CNDA)
    assert second.item(CNDA)["state"] == "covered"
