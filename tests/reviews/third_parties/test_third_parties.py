"""A third party has the ball of a task: its clock stands, nobody takes it, everybody sees who is awaited."""

import json
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.base.permissions import Role
from referencing.journal.models import Entry
from referencing.journal.operations import verify
from tests.builders import statements
from tests.candidatures.dossiers import ALIZE, OLD_IDENTITY, OLD_PART, OLD_TRAITS, Dossier, People, verdict
from tests.clients import Client
from tests.conftest import Time
from tests.reviews.second_readings.test_second_reading import read, second_task, set_rate
from tests.reviews.test_at_once import another, at_once

QUEUE = "/queues/proof_review"
WHY = "Le rapport cite un numéro de test inconnu."
LATER = "La plateforme est en maintenance."
ANSWER = "Le test 4012 a bien été passé."


@pytest.fixture
def colleague(people: People) -> Client:
    return people(Role.VERIFIER, "Colin")


def wait_for(
    client: Client, task: str, party: str = "Gazelle", expected_on: str = "2026-03-16", **words: Any
) -> Any:
    return client.post(
        f"/tasks/{task}/third-party",
        {"party": party, "reason": WHY, "expected_on": expected_on, **words},
        status=201,
    )


def waiting(dossier: Dossier, code: str = OLD_IDENTITY, **words: Any) -> str:
    """The task about an item, which a verifier took and which waits."""
    task = dossier.task(code)
    dossier.people.verifier.post(f"/tasks/{task}/claim", {"another": True}, status=200)
    wait_for(dossier.people.verifier, task, **words)
    return task


def answer(client: Client, task: str) -> Any:
    return client.post(f"/tasks/{task}/third-party/answer", {"answer": ANSWER}, status=200)


def stop(client: Client, task: str) -> Any:
    return client.expect(200, client.send("DELETE", f"/tasks/{task}/third-party"))


def reschedule(client: Client, task: str, expected_on: str = "2026-03-30", reason: str = LATER) -> Any:
    words = {"expected_on": expected_on, "reason": reason}
    return client.post(f"/tasks/{task}/third-party/rescheduling", words, status=200)


def waits(client: Client, query: str = "") -> list[Any]:
    return list(client.every(f"/third-party-waits{query}"))


def codes(client: Client, query: str = "") -> list[str]:
    return [task["code"] for task in client.every(f"{QUEUE}/tasks{query}")]


def test_the_clock_stands_while_a_third_party_has_the_ball(
    people: People, dossier: Dossier, time: Time
) -> None:
    time.pass_days(4)  # Friday: 4 days used
    task = waiting(dossier)
    time.pass_days(24)
    shown = people.verifier.get(f"/tasks/{task}")
    assert [shown["due_on"], shown["working_days_left"], shown["warning"], shown["order"]] == [
        None,
        11,
        None,
        None,
    ]
    assert shown["third_party_since"] == "2026-03-06T09:00:00Z"


def test_the_answer_restarts_the_clock_where_it_was(people: People, dossier: Dossier, time: Time) -> None:
    time.pass_days(4)
    task = waiting(dossier)
    time.pass_days(30)  # Sunday 5 April; the 6th is Easter Monday
    shown = answer(people.verifier, task)
    assert [shown["due_on"], shown["working_days_left"], shown["third_party_since"]] == [
        "2026-04-21",
        11,
        None,
    ]
    time.pass_days(3)  # Tuesday and Wednesday
    people.verifier.post(f"/tasks/{task}/claim", status=200)
    wait_for(people.verifier, task, "CNDA", "2026-05-04")
    time.pass_days(60)
    shown = stop(people.verifier, task)
    assert shown["working_days_left"] == 9


def test_who_had_the_task_has_it_again_once_they_note_the_answer(people: People, dossier: Dossier) -> None:
    task = waiting(dossier)
    assert people.verifier.get(f"/tasks/{task}")["claimed_by"] is None
    shown = answer(people.verifier, task)
    assert [shown["id"], shown["claimed_by"]] == [task, "Vasseur"]
    people.verifier.post(f"/tasks/{task}/verdict", verdict(shown), status=200)
    assert dossier.item(OLD_IDENTITY)["state"] == "conform"


def test_who_has_enough_or_is_away_leaves_it_in_its_queue(people: People, dossier: Dossier) -> None:
    task = waiting(dossier)
    people.lead.put(f"/verifiers/{people.verifier.get('/me')['id']}/skills", {"most_in_hand": 1})
    people.verifier.post(f"{QUEUE}/claims")
    assert answer(people.verifier, task)["claimed_by"] is None
    assert task in {one["id"] for one in people.verifier.get(f"{QUEUE}/tasks")["items"]}


def test_who_declared_a_conflict_meanwhile_leaves_it_to_a_lead(people: People, dossier: Dossier) -> None:
    task = waiting(dossier)
    people.verifier.post("/conflicts", {"organisation": ALIZE})
    people.verifier.refused(403, "POST", f"/tasks/{task}/third-party/answer", json={"answer": ANSWER})
    shown = answer(people.lead, task)
    assert [shown["claimed_by"], shown["third_party_since"]] == [None, None]
    people.verifier.refused(403, "POST", f"/tasks/{task}/verdict", json=verdict(shown))


def test_a_lead_leaves_it_in_its_place(people: People, dossier: Dossier, time: Time) -> None:
    before = codes(people.lead)
    task = waiting(dossier, before[0])
    assert codes(people.lead) == before[1:]
    time.pass_days(1)
    shown = answer(people.lead, task)
    assert shown["claimed_by"] is None
    assert codes(people.lead) == [*before[1:], before[0]]  # a day was lost by the others
    task = waiting(dossier, before[1])
    stop(people.lead, task)
    assert codes(people.lead) == [*before[1:], before[0]]


def test_nobody_takes_what_waits(people: People, dossier: Dossier, colleague: Client) -> None:
    task = waiting(dossier)
    taken = {colleague.post(f"{QUEUE}/claims", {"another": True})["id"] for _ in range(3)}
    assert task not in taken
    assert colleague.send("POST", f"{QUEUE}/claims", json={"another": True}).status_code == 204
    for client in (colleague, people.verifier):
        problem = client.refused(409, "POST", f"/tasks/{task}/claim")
        assert "attend d'abord la réponse d'un tiers" in problem["detail"]
    who = {"verifier": colleague.get("/me")["id"], "reason": "Urgent."}
    people.lead.refused(409, "POST", f"/tasks/{task}/takeover", json=who)
    words = {"tasks": [task], "verifier": colleague.get("/me")["id"]}
    (line,) = people.lead.post("/bulk/assignments", words, status=200)["lines"]
    assert line["outcome"] == "refused"
    assert people.verifier.get(f"/tasks/{task}")["claimable"] is False


def test_who_does_not_have_the_task_does_not_say_so(
    people: People, dossier: Dossier, colleague: Client
) -> None:
    task = dossier.task(OLD_IDENTITY)
    words = {"party": "CNDA", "reason": WHY, "expected_on": "2026-03-16"}
    people.verifier.refused(409, "POST", f"/tasks/{task}/third-party", json=words)
    people.verifier.post(f"/tasks/{task}/claim", status=200)
    colleague.refused(409, "POST", f"/tasks/{task}/third-party", json=words)
    for role in set(Role) - {Role.VERIFIER, Role.LEAD}:
        people(role).refused(403, "POST", f"/tasks/{task}/third-party", json=words)
        people(role).refused(403, "DELETE", f"/tasks/{task}/third-party")
    assert people.verifier.get(f"/tasks/{task}")["claimed_by"] == "Vasseur"


def test_a_lead_may_whoever_has_it(people: People, dossier: Dossier) -> None:
    task = dossier.task(OLD_IDENTITY)
    taken = people.verifier.post(f"/tasks/{task}/claim", status=200)
    wait_for(people.lead, task)
    people.verifier.refused(409, "POST", f"/tasks/{task}/verdict", json=verdict(taken))
    people.verifier.refused(403, "POST", f"/tasks/{task}/third-party/answer", json={"answer": ANSWER})
    answer(people.lead, task)
    people.verifier.post(f"/tasks/{task}/claim", status=200)
    people.verifier.post(f"/tasks/{task}/verdict", verdict(taken), status=200)


def test_an_answer_is_noted_by_who_asked_or_a_lead_once(
    people: People, dossier: Dossier, colleague: Client
) -> None:
    task = waiting(dossier)
    problem = colleague.refused(403, "POST", f"/tasks/{task}/third-party/answer", json={"answer": ANSWER})
    assert "par qui l'attend, ou par un responsable" in problem["detail"]
    answer(people.lead, task)
    problem = people.verifier.refused(409, "DELETE", f"/tasks/{task}/third-party")
    assert "n'attend la réponse d'aucun tiers" in problem["detail"]
    people.verifier.refused(422, "POST", f"/tasks/{task}/third-party/answer", json={"answer": " "})


def test_it_waits_for_one_at_a_time(people: People, dossier: Dossier) -> None:
    task = waiting(dossier)
    words = {"party": "CNDA", "reason": WHY, "expected_on": "2026-03-16"}
    people.lead.refused(409, "POST", f"/tasks/{task}/third-party", json=words)
    assert [one["party"] for one in waits(people.lead)] == ["Gazelle"]


@pytest.mark.parametrize(
    "words",
    [
        {"expected_on": "2026-03-01"},
        {"expected_on": "2027-03-04"},
        {"party": " "},
        {"reason": ""},
        {"party": "x" * 201},
    ],
)
def test_what_makes_no_sense_is_refused(people: People, dossier: Dossier, words: dict[str, str]) -> None:
    task = people.verifier.post(f"{QUEUE}/claims")["id"]
    whole = {"party": "CNDA", "reason": WHY, "expected_on": "2026-03-02", **words}
    people.verifier.refused(422, "POST", f"/tasks/{task}/third-party", json=whole)
    assert people.verifier.get(f"/tasks/{task}")["claimed_by"] == "Vasseur"


def test_a_task_that_does_not_exist_waits_for_nobody(people: People) -> None:
    words = {"party": "CNDA", "reason": WHY, "expected_on": "2026-03-02"}
    people.lead.refused(404, "POST", f"/tasks/{UUID(int=7)}/third-party", json=words)
    people.lead.refused(404, "DELETE", f"/tasks/{UUID(int=7)}/third-party")


def test_a_second_click_is_answered_as_the_first(people: People, dossier: Dossier) -> None:
    task = people.verifier.post(f"{QUEUE}/claims")["id"]
    words = {"party": "CNDA", "reason": WHY, "expected_on": "2026-03-16"}
    twice = [
        people.verifier.send(
            "POST", f"/tasks/{task}/third-party", json=words, headers={"Idempotency-Key": "deux-fois"}
        )
        for _ in range(2)
    ]
    assert [one.status_code for one in twice] == [201, 201]
    assert len(waits(people.lead)) == 1


def test_the_editor_sees_who_is_awaited_since_when(people: People, dossier: Dossier, time: Time) -> None:
    time.pass_days(1)
    waiting(dossier, party="CNDA – homologation")
    awaited = {
        "item": dossier.item(OLD_IDENTITY)["id"],
        "code": OLD_IDENTITY,
        "party": "CNDA – homologation",
        "since": "2026-03-03T09:00:00Z",
        "expected_on": "2026-03-16",
    }
    assert dossier.item(OLD_IDENTITY)["third_party"] == awaited
    assert dossier.read()["third_parties"] == [awaited]
    (listed,) = people.editor.get("/candidatures")["items"]
    assert listed["third_parties"] == [awaited]
    (event,) = [one for one in dossier.timeline() if one["action"] == "third_party.awaited"]
    assert [event["by"], event["detail"]["party"], event["detail"]["expected_on"]] == [
        "agence",
        "CNDA – homologation",
        "2026-03-16",
    ]
    answer(people.verifier, dossier.task(OLD_IDENTITY))
    assert dossier.item(OLD_IDENTITY)["third_party"] is None
    assert dossier.read()["third_parties"] == []
    assert dossier.actions()[-1] == "third_party.answered"


def test_an_integration_is_not_told_who_is_awaited(people: People, dossier: Dossier) -> None:
    waiting(dossier)
    machine = people(Role.INTEGRATION)
    dossier.allow(machine)
    assert machine.get(dossier.path)["third_parties"] == []
    assert machine.get(dossier.item_path(OLD_IDENTITY))["third_party"] is None


def test_neither_the_reason_nor_the_answer_leaves_the_agency(people: People, dossier: Dossier) -> None:
    task = waiting(dossier)
    answer(people.verifier, task)
    for path in (dossier.path, f"{dossier.path}/items", f"{dossier.path}/timeline", "/events"):
        shown = json.dumps(people.editor.get(path), ensure_ascii=False)
        assert WHY not in shown
        assert ANSWER not in shown
    with db.transaction(people.parts.sessions) as session:
        sealed = session.scalars(
            sa.select(Entry).where(Entry.stream == f"task:{task}").order_by(Entry.number)
        )
        said = [(one.action, one.detail.get("reason"), one.detail.get("answer")) for one in sealed]
        assert list(verify(session)) == []
    assert said == [("third_party.awaited", WHY, None), ("third_party.answered", None, ANSWER)]


def test_a_second_reader_is_not_told_why_the_first_waited(
    people: People, dossier: Dossier, colleague: Client
) -> None:
    set_rate(people)
    task = waiting(dossier)
    shown = answer(people.verifier, task)
    assert [one["answer"] for one in shown["third_parties"]] == [ANSWER]
    people.verifier.post(f"/tasks/{task}/verdict", verdict(shown), status=200)
    second = colleague.post("/queues/second_reading/claims")
    for body in (second, colleague.get(f"/tasks/{task}"), waits(colleague)):
        text = json.dumps(body, ensure_ascii=False)
        assert WHY not in text
        assert ANSWER not in text
    assert [one["reason"] for one in people.lead.get(f"/tasks/{task}")["third_parties"]] == [WHY]


def test_a_verifier_who_takes_the_task_after_the_answer_reads_it(
    people: People, dossier: Dossier, colleague: Client
) -> None:
    task = waiting(dossier)
    answer(people.lead, task)
    assert people.verifier.get(f"/tasks/{task}")["third_parties"][0]["answer"] == ANSWER
    assert colleague.get(f"/tasks/{task}")["third_parties"][0]["answer"] is None
    taken = colleague.post(f"/tasks/{task}/claim", status=200)
    assert taken["third_parties"][0]["answer"] == ANSWER


def test_the_dossier_waits_for_a_third_party_when_nothing_else_is_to_be_done(
    people: People, dossier: Dossier, time: Time
) -> None:
    first, *others = dossier.states()
    task = waiting(dossier, first)
    assert dossier.read()["holder"] == "agency"
    for code in others:
        dossier.find(code)
    time.pass_days(4)
    read = dossier.read()
    assert [read["holder"], read["due_on"], read["working_days_used"]] == ["third_party", None, 0]
    assert read["expected_next"]["on"] is None
    assert "Un tiers doit d'abord répondre" in read["expected_next"]["reason"]
    answer(people.verifier, task)
    read = dossier.read()
    assert [read["holder"], read["due_on"]] == ["agency", "2026-03-27"]


def test_the_editor_has_the_ball_when_they_can_go_on(people: People, dossier: Dossier) -> None:
    first, second, *others = dossier.states()
    waiting(dossier, first)
    dossier.find(second, "complement", "La date.")
    for code in others:
        dossier.find(code)
    assert dossier.read()["holder"] == "editor"


def test_a_dossier_may_wait_before_it_is_complete(people: People, time: Time) -> None:
    dossier = people.submitted("LGC-V1")
    (task,) = dossier.tasks("admissibility")
    wait_for(people.lead, task["id"], "Greffe")
    assert dossier.read()["holder"] == "third_party"
    assert [one["item"] for one in dossier.read()["third_parties"]] == [None]
    time.pass_days(30)
    dossier.judge()
    assert dossier.read()["holder"] == "agency"
    assert [one["state"] for one in waits(people.lead)] == ["needless"]
    with db.transaction(people.parts.sessions) as session:
        used = session.scalar(sa.text("SELECT days_used FROM task WHERE id = :id"), {"id": task["id"]})
    assert used == 0


def test_tasks_of_one_dossier_wait_for_different_parties(people: People, dossier: Dossier) -> None:
    waiting(dossier, OLD_IDENTITY, party="CNDA", expected_on="2026-03-20")
    waiting(dossier, OLD_PART, party="Gazelle", expected_on="2026-03-10")
    assert [one["party"] for one in dossier.read()["third_parties"]] == ["Gazelle", "CNDA"]
    stop(people.verifier, dossier.task(OLD_PART))
    assert [one["party"] for one in dossier.read()["third_parties"]] == ["CNDA"]


def test_withdrawing_the_dossier_ends_it(people: People, dossier: Dossier) -> None:
    task = waiting(dossier)
    dossier.withdraw()
    assert dossier.read()["third_parties"] == []
    assert [one["state"] for one in waits(people.lead)] == ["needless"]
    assert waits(people.lead, "?state=awaited") == []
    people.verifier.refused(409, "POST", f"/tasks/{task}/third-party/answer", json={"answer": ANSWER})
    assert people.lead.get(f"/tasks/{task}")["third_party_since"] is None


def test_the_reminder_comes_once_when_the_day_is_past(people: People, dossier: Dossier, time: Time) -> None:
    task = waiting(dossier, expected_on="2026-03-07")  # a Saturday: late on Monday
    time.pass_days(6)
    people.tend()
    assert waits(people.verifier, "?due=overdue") == []
    time.pass_days(1)
    people.tend()
    people.tend()
    reminders = [one for one in dossier.timeline() if one["action"] == "third_party.overdue"]
    assert [(one["detail"]["party"], one["detail"]["expected_on"]) for one in reminders] == [
        ("Gazelle", "2026-03-07")
    ]
    (late,) = waits(people.verifier, "?due=overdue")
    assert [late["task"], late["warning"]] == [task, "overdue"]
    answer(people.verifier, task)
    assert waits(people.verifier, "?due=overdue") == []


def test_the_expected_day_is_changed_with_a_reason(people: People, dossier: Dossier, time: Time) -> None:
    task = waiting(dossier)
    time.pass_days(2)
    shown = reschedule(people.verifier, task)
    (awaited,) = shown["third_parties"]
    assert [shown["claimed_by"], shown["third_party_since"], awaited["state"]] == [
        None,
        "2026-03-02T09:00:00Z",
        "awaited",
    ]
    assert awaited["expected_on"] == "2026-03-30"
    assert awaited["rescheduled"] == [
        {
            "previously": "2026-03-16",
            "expected_on": "2026-03-30",
            "reason": LATER,
            "decided_by": "Vasseur",
            "decided_at": "2026-03-04T09:00:00Z",
        }
    ]
    reschedule(people.lead, task, "2026-03-23", "Ils répondent plus tôt.")
    assert [(one["previously"], one["expected_on"]) for one in waits(people.lead)[0]["rescheduled"]] == [
        ("2026-03-16", "2026-03-30"),
        ("2026-03-30", "2026-03-23"),
    ]


def test_the_editor_sees_the_new_day_and_not_why(people: People, dossier: Dossier) -> None:
    task = waiting(dossier)
    reschedule(people.verifier, task)
    assert dossier.item(OLD_IDENTITY)["third_party"]["expected_on"] == "2026-03-30"
    event = dossier.timeline()[-1]
    assert [event["action"], event["by"]] == ["third_party.rescheduled", "agence"]
    assert event["detail"] == {
        "code": OLD_IDENTITY,
        "task": task,
        "party": "Gazelle",
        "expected_on": "2026-03-30",
        "previously": "2026-03-16",
    }
    for path in (dossier.path, f"{dossier.path}/items", f"{dossier.path}/timeline", "/events"):
        assert LATER not in json.dumps(people.editor.get(path), ensure_ascii=False)
    with db.transaction(people.parts.sessions) as session:
        sealed = session.scalars(
            sa.select(Entry).where(Entry.stream == f"task:{task}").order_by(Entry.position)
        )
        assert [one.detail["reason"] for one in sealed] == [WHY, LATER]
        assert list(verify(session)) == []


def test_a_colleague_is_told_the_new_day_and_not_why(
    people: People, dossier: Dossier, colleague: Client
) -> None:
    reschedule(people.verifier, waiting(dossier))
    (seen,) = waits(colleague)
    assert [(one["expected_on"], one["reason"]) for one in seen["rescheduled"]] == [("2026-03-30", None)]


def test_reminders_follow_the_new_day(people: People, dossier: Dossier, time: Time) -> None:
    def noted() -> list[str]:
        return [
            one["detail"]["expected_on"]
            for one in dossier.timeline()
            if one["action"] == "third_party.overdue"
        ]

    task = waiting(dossier, expected_on="2026-03-03")
    time.pass_days(2)
    people.tend()
    assert noted() == ["2026-03-03"]
    reschedule(people.verifier, task, "2026-03-09")
    people.tend()
    assert noted() == ["2026-03-03"]
    assert waits(people.verifier, "?due=overdue") == []
    time.pass_days(6)
    people.tend()
    people.tend()
    assert noted() == ["2026-03-03", "2026-03-09"]


def test_the_day_that_was_postponed_is_not_noted(people: People, dossier: Dossier, time: Time) -> None:
    task = waiting(dossier, expected_on="2026-03-03")
    reschedule(people.verifier, task)
    time.pass_days(7)
    people.tend()
    assert "third_party.overdue" not in dossier.actions()


def test_a_second_click_changes_the_day_once(people: People, dossier: Dossier) -> None:
    task = waiting(dossier)
    answers = at_once([partial(reschedule, one, task) for one in (people.lead, another(people.verifier))])
    assert [one["third_parties"][0]["expected_on"] for one in answers] == ["2026-03-30"] * 2
    reschedule(people.verifier, task)
    assert len(waits(people.lead)[0]["rescheduled"]) == 1
    assert dossier.actions().count("third_party.rescheduled") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"expected_on": "2026-03-01"}, "Donnez un jour à venir, dans l'année."),
        ({"expected_on": "2027-03-04"}, "Donnez un jour à venir, dans l'année."),
        ({"expected_on": "2026-03-16"}, "La réponse est déjà attendue ce jour-là : donnez-en un autre."),
        ({"expected_on": "demain"}, "Donnez une date AAAA-MM-JJ."),
        ({"reason": " "}, "Ce champ ne peut pas être vide."),
    ],
)
def test_a_bad_day_is_refused_in_french(
    people: People, dossier: Dossier, words: dict[str, str], said: str
) -> None:
    task = waiting(dossier)
    whole = {"expected_on": "2026-03-30", "reason": LATER, **words}
    problem = people.verifier.refused(422, "POST", f"/tasks/{task}/third-party/rescheduling", json=whole)
    assert problem["errors"] == [{"pointer": f"/{next(iter(words))}", "detail": said}]
    assert waits(people.lead)[0]["expected_on"] == "2026-03-16"


def test_the_day_is_changed_by_who_asked_or_a_lead(
    people: People, dossier: Dossier, colleague: Client
) -> None:
    task = waiting(dossier)
    path, words = f"/tasks/{task}/third-party/rescheduling", {"expected_on": "2026-03-30", "reason": LATER}
    problem = colleague.refused(403, "POST", path, json=words)
    assert "par qui l'attend, ou par un responsable" in problem["detail"]
    for role in set(Role) - {Role.VERIFIER, Role.LEAD}:
        people(role).refused(403, "POST", path, json=words)
    stop(people.verifier, task)
    people.verifier.refused(409, "POST", path, json=words)
    waiting(dossier)
    dossier.withdraw()
    people.verifier.refused(409, "POST", path, json=words)
    people.lead.refused(404, "POST", f"/tasks/{UUID(int=7)}/third-party/rescheduling", json=words)


def test_what_is_answered_or_withdrawn_needs_no_reminder(
    people: People, dossier: Dossier, time: Time
) -> None:
    answer(people.verifier, waiting(dossier))
    waiting(dossier, OLD_PART)
    dossier.withdraw()
    time.pass_days(60)
    people.tend()
    assert "third_party.overdue" not in dossier.actions()


def test_who_is_awaited_is_listed_by_the_day_it_is_expected_on(people: People, dossier: Dossier) -> None:
    days = dict(zip(dossier.states(), ("2026-03-30", "2026-03-04", "2026-03-09", "2026-03-04"), strict=True))
    for code, day in days.items():
        waiting(dossier, code, expected_on=day)
    listed = waits(people.verifier, "?limit=1")
    assert [one["expected_on"] for one in listed] == sorted(days.values())
    assert {one["code"]: one["expected_on"] for one in listed} == days
    assert [one["expected_on"] for one in waits(people.verifier, "?due=2")] == ["2026-03-04"] * 2
    assert len(waits(people.verifier, "?queue=proof_review&state=awaited")) == 4
    assert waits(people.verifier, "?queue=equivalence") == []
    for role in (Role.EDITOR, Role.EXPERT, Role.AUDITOR):
        people(role).refused(403, "GET", "/third-party-waits")


def test_the_queue_tells_how_much_waits_for_third_parties(people: People, dossier: Dossier) -> None:
    def figures() -> list[int]:
        (queue,) = [one for one in people.lead.get("/queues")["items"] if one["name"] == "proof_review"]
        return [queue["waiting"], queue["in_hand"], queue["third_party"]]

    waiting(dossier)
    people.verifier.post(f"/tasks/{dossier.task(OLD_PART)}/claim", status=200)
    assert figures() == [2, 1, 1]
    stop(people.verifier, dossier.task(OLD_IDENTITY))
    assert figures() == [2, 2, 0]


def test_what_waits_is_not_late_in_the_figures(people: People, dossier: Dossier, time: Time) -> None:
    waiting(dossier)
    time.pass_days(30)
    (found,) = [one for one in people.lead.get("/steering/queues")["items"] if one["group"] == "proof_review"]
    assert [found["waiting"], found["third_party"], found["days_left"]["overdue"]] == [3, 1, 3]
    assert sum(found["ages"].values()) == 3
    assert OLD_IDENTITY not in codes(people.lead, "?due=overdue")
    sheet = people.lead.send("GET", "/steering/queues?format=csv").get_data(as_text=True).splitlines()
    assert "Chez un tiers" in sheet[0]


def test_a_budget_that_changes_meanwhile_counts_once_the_clock_goes_on(
    people: People, dossier: Dossier, time: Time
) -> None:
    time.pass_days(4)
    task = waiting(dossier)
    people.lead.put("/budgets/proof_review", {"days": 20})
    time.pass_days(10)
    people.tend()
    shown = answer(people.verifier, task)
    assert shown["working_days_left"] == 16


def test_the_next_task_about_the_item_counts_the_pauses(people: People, dossier: Dossier, time: Time) -> None:
    time.pass_days(4)  # 4 days used
    task = waiting(dossier, OLD_TRAITS)
    time.pass_days(14)
    shown = answer(people.verifier, task)
    time.pass_days(3)  # Friday to Monday: 1 more
    people.verifier.post(f"/tasks/{task}/verdict", verdict(shown, "complement"), status=200)
    dossier.supply(OLD_TRAITS, b"la suite")
    assert people.verifier.get(f"/tasks/{dossier.task(OLD_TRAITS)}")["working_days_left"] == 10


def test_a_second_reading_may_wait_too(people: People, dossier: Dossier, colleague: Client) -> None:
    set_rate(people)
    dossier.find(OLD_IDENTITY)
    second = colleague.post("/queues/second_reading/claims")
    wait_for(colleague, second["id"])
    assert dossier.tasks("second_reading") == []
    assert answer(colleague, second["id"])["claimed_by"] == "Colin"
    assert second_task(dossier)["id"] == second["id"]
    read(colleague, second["id"])
    assert dossier.item(OLD_IDENTITY)["state"] == "conform"


def test_of_two_who_note_the_answer_at_once_one_counts(people: People, dossier: Dossier) -> None:
    task = waiting(dossier)
    path = f"/tasks/{task}/third-party"
    answers = at_once(
        [
            partial(people.lead.send, "DELETE", path),
            partial(another(people.verifier).send, "POST", f"{path}/answer", json={"answer": ANSWER}),
        ]
    )
    assert sorted(one.status_code for one in answers) == [200, 409]
    assert len(waits(people.lead)) == 1


def test_of_a_verdict_and_a_wait_at_once_one_counts(people: People, dossier: Dossier) -> None:
    words = {"party": "CNDA", "reason": WHY, "expected_on": "2026-03-16"}
    for code in dossier.states():
        task = people.verifier.post(f"/tasks/{dossier.task(code)}/claim", status=200)
        given, waits_ = at_once(
            [
                partial(people.verifier.send, "POST", f"/tasks/{task['id']}/verdict", json=verdict(task)),
                partial(people.lead.send, "POST", f"/tasks/{task['id']}/third-party", json=words),
            ]
        )
        assert (given.status_code, waits_.status_code) in {(200, 409), (409, 201)}
        assert dossier.item(code)["state"] == ("conform" if given.status_code == 200 else "under_review")


def test_lists_are_read_in_as_many_statements_however_many_wait(people: People, dossier: Dossier) -> None:
    paths = ("/third-party-waits", "/candidatures", f"{dossier.path}/items", "/queues")
    sent_for: list[list[int]] = [[], []]
    for round_, codes_ in enumerate((list(dossier.states())[:1], list(dossier.states())[1:])):
        for code in codes_:
            reschedule(people.verifier, waiting(dossier, code))
        for path in paths:
            with statements(people.parts.engine) as sent:
                people.lead.get(path)
            sent_for[round_].append(len(sent))
    assert sent_for[0] == sent_for[1]
    assert sent_for[0][0] <= 6
