"""A finding that waits for its second reading is taken back, unless another reader has begun; its draw stands."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.base.permissions import Role
from referencing.journal.models import Entry
from referencing.journal.operations import verify
from tests.candidatures.dossiers import OLD_IDENTITY, Dossier, People, verdict
from tests.clients import Client
from tests.conftest import Time
from tests.reviews.second_readings.test_second_reading import (
    QUEUE,
    READS,
    SAID,
    agreement,
    assert_hidden,
    read,
    readers,
    second_task,
    set_rate,
)
from tests.reviews.test_at_once import another, at_once, said
from tests.reviews.verdicts.test_undo import REASON, refused, undo


@pytest.fixture
def colleague(people: People) -> Client:
    return people(Role.VERIFIER, "Colin")


@pytest.fixture
def first(people: People, dossier: Dossier) -> str:
    """The task of a finding that was drawn."""
    set_rate(people)
    task = dossier.task(OLD_IDENTITY)
    dossier.find(OLD_IDENTITY, "nonconform", SAID)
    return task


def test_the_review_goes_on_as_another_task_that_the_verifier_has(
    people: People, dossier: Dossier, first: str
) -> None:
    waiting = second_task(dossier)
    again = undo(people, first)
    assert again["id"] not in {first, waiting["id"]}
    assert [again["queue"], again["claimed_by"], again["due_on"]] == [
        "proof_review",
        "Vasseur",
        waiting["due_on"],
    ]
    assert dossier.tasks("second_reading") == []
    closed = people.verifier.get(f"/tasks/{waiting['id']}")
    assert [closed["outcome"], closed["closed_at"] is None] == ["needless", False]
    assert dossier.item(OLD_IDENTITY)["state"] == "under_review"


def test_the_finding_is_given_again_and_compared(
    people: People, dossier: Dossier, first: str, colleague: Client
) -> None:
    again = undo(people, first)
    people.verifier.post(f"/tasks/{again['id']}/verdict", verdict(again, "conform"), status=200)
    read(colleague, second_task(dossier)["id"], "conform")
    assert dossier.item(OLD_IDENTITY)["state"] == "conform"
    assert readers(dossier) == [("Vasseur", "verified")]
    assert [(one["doubled"], one["agreed"]) for one in agreement(people)] == [(1, 1)]


def test_what_was_drawn_stays_drawn(people: People, dossier: Dossier, first: str, colleague: Client) -> None:
    """Whatever the rate is by now, and whoever reads it first."""
    again = undo(people, first)
    set_rate(people, 0)
    people.verifier.send("DELETE", f"/tasks/{again['id']}/claim")
    assert read(colleague, again["id"])["outcome"] == "read"
    assert second_task(dossier)["code"] == OLD_IDENTITY


def test_the_draw_stands_through_a_complement_that_is_taken_back(
    people: People, dossier: Dossier, first: str
) -> None:
    set_rate(people, 0)
    again = undo(people, first)
    people.verifier.post(f"/tasks/{again['id']}/verdict", verdict(again, "complement"), status=200)
    once_more = undo(people, again["id"])
    people.verifier.post(f"/tasks/{once_more['id']}/verdict", verdict(once_more), status=200)
    assert second_task(dossier)["code"] == OLD_IDENTITY


def test_a_verdict_that_stands_ends_the_draw(
    people: People, dossier: Dossier, first: str, colleague: Client
) -> None:
    again = undo(people, first)
    set_rate(people, 0)
    people.verifier.post(f"/tasks/{again['id']}/verdict", verdict(again), status=200)
    read(colleague, second_task(dossier)["id"])
    for code in dossier.codes("under_review"):
        dossier.find(code)
    dossier.decide("sent_back", OLD_IDENTITY)
    dossier.find(OLD_IDENTITY)
    assert dossier.item(OLD_IDENTITY)["state"] == "conform"


def test_once_a_colleague_has_begun_it_is_too_late(
    people: People, dossier: Dossier, first: str, colleague: Client, time: Time
) -> None:
    taken = colleague.post(f"{QUEUE}/claims")
    assert "Un collègue a commencé" in refused(people, first)
    assert second_task(dossier)["claimed_by"] == "Colin"
    colleague.send("DELETE", f"/tasks/{taken['id']}/claim")
    undo(people, first)


@pytest.mark.parametrize("outcome", ["conform", "nonconform"])
def test_once_a_colleague_has_read_it_is_too_late(
    people: People, dossier: Dossier, first: str, colleague: Client, outcome: str
) -> None:
    """The same is said whether they agree or not."""
    second = second_task(dossier)["id"]
    read(colleague, second, outcome)
    assert "D'autres lecteurs se sont prononcés" in refused(people, first)
    problem = colleague.refused(409, "POST", f"/tasks/{second}/verdict/undo", json=REASON)
    assert "D'autres lecteurs se sont prononcés" in problem["detail"]


def test_a_third_finding_that_stands_is_not_taken_back(
    people: People, dossier: Dossier, first: str, colleague: Client
) -> None:
    read(colleague, second_task(dossier)["id"], "conform")
    third, task = people(Role.VERIFIER, "Troyes"), second_task(dossier)["id"]
    read(third, task, "conform")
    problem = third.refused(409, "POST", f"/tasks/{task}/verdict/undo", json=REASON)
    assert "D'autres lecteurs" in problem["detail"]
    assert "D'autres lecteurs" in refused(people, first)


def test_it_is_taken_back_within_a_quarter_of_an_hour_once_and_by_who_gave_it(
    people: People, dossier: Dossier, first: str, colleague: Client, time: Time
) -> None:
    colleague.refused(403, "POST", f"/tasks/{first}/verdict/undo", json=REASON)
    time.now += timedelta(minutes=15)
    again = undo(people, first)
    assert "déjà repris" in refused(people, first)
    people.verifier.post(f"/tasks/{again['id']}/verdict", verdict(again), status=200)
    time.now += timedelta(minutes=15, seconds=1)
    assert "15 minutes" in refused(people, again["id"])


def test_what_is_withdrawn_stays(people: People, dossier: Dossier, first: str) -> None:
    dossier.withdraw()
    assert "La candidature est retirée" in refused(people, first)


def test_who_has_read_it_first_does_not_read_it_second(
    people: People, dossier: Dossier, first: str, colleague: Client
) -> None:
    """Even when a colleague then reads it before all others."""
    again = undo(people, first)
    people.verifier.send("DELETE", f"/tasks/{again['id']}/claim")
    read(colleague, again["id"])
    task = second_task(dossier)["id"]
    problem = people.verifier.refused(409, "POST", f"/tasks/{task}/claim")
    assert "a déjà lu cette version" in problem["detail"]
    assert people.verifier.send("POST", f"{QUEUE}/claims").status_code == 204


@pytest.mark.parametrize("path", READS)
def test_what_was_taken_back_stays_unknown_to_others(
    people: People, dossier: Dossier, first: str, colleague: Client, path: str
) -> None:
    names = {"dossier": dossier.id, "first": first, "item": dossier.item(OLD_IDENTITY)["id"]}
    names["proof"] = dossier.item(OLD_IDENTITY)["proof"]["id"]
    again = people.verifier.post(f"/tasks/{first}/verdict/undo", {"reason": SAID}, status=200)
    people.verifier.post(f"/tasks/{again['id']}/verdict", verdict(again), status=200)
    second = colleague.post(f"{QUEUE}/claims")
    for reader in (colleague, people.editor):
        answer = reader.send("GET", path.format(**names, second=second["id"]))
        assert answer.status_code in {200, 403}
        assert_hidden(answer.json)


def test_the_record_keeps_what_was_taken_back(people: People, dossier: Dossier, first: str) -> None:
    second = second_task(dossier)["id"]
    again = undo(people, first)
    people.verifier.post(f"/tasks/{again['id']}/verdict", verdict(again), status=200)
    events = [one for one in dossier.timeline() if one["action"] == "reading.undone"]
    assert [one["detail"] for one in events] == [{"code": OLD_IDENTITY, "task": first, "round": 1}]
    with db.transaction(people.parts.sessions) as session:
        (sealed,) = session.scalars(sa.select(Entry).where(Entry.stream == f"task:{first}"))
        assert [sealed.detail["finding"], sealed.detail["reason"]] == ["nonconform", REASON["reason"]]
        assert list(verify(session)) == []
    for task in (second, second_task(dossier)["id"]):
        shown = people.lead.get(f"/second-readings/{task}")["readings"]
        assert [(one["outcome"], one["undone_at"] is None) for one in shown] == [
            ("nonconform", False),
            ("conform", True),
        ]
        assert [one["undone_reason"] for one in shown] == [REASON["reason"], None]


def test_of_an_undo_and_a_claim_at_once_one_counts(
    people: People, dossier: Dossier, colleague: Client
) -> None:
    set_rate(people)
    for code in dossier.states():
        first = dossier.task(code)
        dossier.find(code)
        second = dossier.task(code)
        _, claimed = answers = at_once(
            [
                partial(people.verifier.send, "POST", f"/tasks/{first}/verdict/undo", json=REASON),
                partial(another(colleague).send, "POST", f"/tasks/{second}/claim"),
            ]
        )
        assert [one.status_code for one in answers] in ([200, 409], [409, 200]), said(answers, 500)
        assert (dossier.task(code) == second) is (claimed.status_code == 200)


def test_what_waits_was_not_taken_back(people: People, dossier: Dossier, first: str) -> None:
    """A first reading that was never taken back is shown without a date."""
    shown: Any = people.lead.get(f"/second-readings/{second_task(dossier)['id']}")["readings"]
    assert [(one["undone_at"], one["undone_reason"]) for one in shown] == [(None, None)]
