"""Experts are asked by who has a task, answer or decline in time; the editor learns since when, never who nor what."""

import json
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from referencing.accounts.watching_queries import to_be_asked_again
from referencing.base import db
from referencing.base.permissions import Entrance, Role
from referencing.candidatures.tasks.models import Opinion
from referencing.journal.models import Entry
from referencing.journal.operations import verify
from referencing.mail.models import Letter
from tests.builders import statements
from tests.candidatures.dossiers import ALIZE, OLD_IDENTITY, OLD_PART, Dossier, People, verdict
from tests.clients import Client
from tests.conftest import Time
from tests.reviews.test_at_once import another, at_once

QUESTION = "Ce protocole est-il chiffré de bout en bout ?"
ANSWER = "Oui, en TLS 1.3."
FRIDAY = "2026-03-13"


@pytest.fixture
def expert(people: People) -> Client:
    return people(Role.EXPERT, "Esposito")


@pytest.fixture
def task(people: People, dossier: Dossier) -> Any:
    """The verifier has it."""
    return people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)


def account(client: Client) -> str:
    return str(client.get("/me")["id"])


def question(*experts: Client, due_on: str = FRIDAY) -> dict[str, Any]:
    return {"experts": [account(one) for one in experts], "question": QUESTION, "due_on": due_on}


def ask(people: People, task: Any, *experts: Client, due_on: str = FRIDAY) -> list[Any]:
    words = question(*experts, due_on=due_on)
    return list(people.verifier.post(f"/tasks/{task['id']}/opinions", words)["items"])


def counts(people: People) -> tuple[int, int]:
    queues = {queue["name"]: queue for queue in people.lead.get("/queues")["items"]}
    return queues["expert_opinion"]["waiting"], queues["expert_opinion"]["in_hand"]


def test_verifiers_and_leads_see_who_can_be_asked(people: People, dossier: Dossier, expert: Client) -> None:
    other = people(Role.EXPERT, "Ernaux")
    for reader in (people.verifier, people.lead):
        expected = [{"id": account(expert), "name": "Esposito"}, {"id": account(other), "name": "Ernaux"}]
        assert list(reader.every("/experts?limit=1")) == expected


def test_one_or_several_experts_are_asked(people: People, task: Any, expert: Client) -> None:
    other = people(Role.EXPERT, "Ernaux")
    asked = ask(people, task, expert, other)
    assert [(one["name"], one["state"]) for one in asked] == [("Esposito", "asked"), ("Ernaux", "asked")]
    assert counts(people) == (2, 0)
    assert [one["question"] for one in people.verifier.get(f"/tasks/{task['id']}")["opinions"]] == [
        QUESTION
    ] * 2


def test_an_expert_lists_what_they_are_asked_and_reads_the_files(
    people: People, dossier: Dossier, task: Any, expert: Client
) -> None:
    ask(people, task, expert)
    (listed,) = expert.every("/opinions?state=asked")
    assert [listed["question"], listed["due_on"], listed["asked_by"], listed["code"]] == [
        QUESTION,
        FRIDAY,
        "Vasseur",
        OLD_IDENTITY,
    ]
    whole = expert.get(f"/opinions/{listed['id']}")
    assert whole["subject"]["proof"] == task["subject"]["proof"]
    proof = whole["subject"]["proof"]
    assert expert.send("GET", f"/proofs/{proof['id']}/files/{proof['files'][0]['id']}").status_code == 200


def test_who_has_the_task_sees_the_answer(people: People, task: Any, expert: Client) -> None:
    (asked,) = ask(people, task, expert)
    answered = expert.post(f"/opinions/{asked['id']}/answer", {"opinion": ANSWER}, status=200)
    assert [answered["state"], answered["answered_at"]] == ["answered", "2026-03-02T09:00:00Z"]
    (shown,) = people.verifier.get(f"/tasks/{task['id']}")["opinions"]
    assert [shown["name"], shown["state"], shown["reply"]] == ["Esposito", "answered", ANSWER]
    assert counts(people) == (0, 0)


def test_an_expert_may_decline_and_says_why(people: People, task: Any, expert: Client) -> None:
    (asked,) = ask(people, task, expert)
    path = f"/opinions/{asked['id']}"
    expert.refused(422, "POST", f"{path}/refusal", json={"reason": " "})
    expert.post(f"{path}/refusal", {"reason": "Ce n'est pas mon domaine."}, status=200)
    (shown,) = people.verifier.get(f"/tasks/{task['id']}")["opinions"]
    assert [shown["state"], shown["reply"]] == ["declined", "Ce n'est pas mon domaine."]
    assert "déjà répondu" in expert.refused(409, "POST", f"{path}/answer", json={"opinion": ANSWER})["detail"]


def test_only_who_has_the_task_asks(people: People, dossier: Dossier, task: Any, expert: Client) -> None:
    problem = people(Role.VERIFIER, "Colin").refused(
        409, "POST", f"/tasks/{task['id']}/opinions", json=question(expert)
    )
    assert "prenez-la d'abord" in problem["detail"]
    people.verifier.refused(409, "POST", f"/tasks/{dossier.task(OLD_PART)}/opinions", json=question(expert))
    assert counts(people) == (0, 0)


def test_the_same_expert_twice_is_one_request(
    people: People, dossier: Dossier, task: Any, expert: Client
) -> None:
    first = ask(people, task, expert, expert)
    again = people.verifier.post(f"/tasks/{task['id']}/opinions", question(expert))["items"]
    assert again == first
    assert dossier.actions().count("expert.asked") == 1


def test_the_queue_of_opinions_is_steered_by_the_opinions_that_it_counts(
    people: People, task: Any, expert: Client, time: Time
) -> None:
    ask(people, task, expert, people(Role.EXPERT, "Ernaux"), due_on=FRIDAY)
    time.now += timedelta(days=4)
    (asked,) = expert.every("/opinions")
    expert.post(f"/opinions/{asked['id']}/answer", {"opinion": ANSWER}, status=200)
    queues = {queue["group"]: queue for queue in people.lead.get("/steering/queues?by=queue")["items"]}
    steered = queues["expert_opinion"]
    assert (steered["waiting"], steered["in_hand"]) == counts(people) == (1, 0)
    assert [band for band, opinions in steered["ages"].items() if opinions] == ["3-5"]
    assert [band for band, opinions in steered["days_left"].items() if opinions] == ["3-5"]
    assert (steered["closed"], steered["average_days"], steered["p90_days"]) == (1, 4.0, 4)
    assert sum(week["closed"] for week in steered["weeks"]) == 1


def test_another_question_to_an_expert_who_has_one_is_refused_and_not_dropped(
    people: People, task: Any, expert: Client
) -> None:
    (asked,) = ask(people, task, expert)
    path, words = f"/tasks/{task['id']}/opinions", {**question(expert), "question": "Et encore ?"}
    assert "a déjà une autre question" in people.verifier.refused(409, "POST", path, json=words)["detail"]
    expert.post(f"/opinions/{asked['id']}/answer", {"opinion": "Oui."}, status=200)
    assert "a déjà répondu" in people.verifier.refused(409, "POST", path, json=words)["detail"]
    (kept,) = people.verifier.get(f"/tasks/{task['id']}")["opinions"]
    assert kept["question"] == question(expert)["question"]


def test_asked_twice_at_once_an_expert_is_asked_once(
    people: People, dossier: Dossier, task: Any, expert: Client
) -> None:
    path, words = f"/tasks/{task['id']}/opinions", question(expert)
    windows = [another(people.verifier) for _ in range(4)]
    answers = at_once([partial(one.send, "POST", path, json=words) for one in windows])
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len(list(expert.every("/opinions"))) == 1
    assert dossier.actions().count("expert.asked") == 1


@pytest.mark.parametrize(
    "words",
    [
        {"experts": []},
        {"experts": [str(UUID(int=7))]},
        {"question": " "},
        {"due_on": "2026-03-01"},
        {"due_on": None},
    ],
    ids=str,
)
def test_a_question_names_experts_and_a_day_to_come(
    people: People, task: Any, expert: Client, words: dict[str, Any]
) -> None:
    people.verifier.refused(422, "POST", f"/tasks/{task['id']}/opinions", json=question(expert) | words)


def test_a_verifier_is_not_an_expert(people: People, task: Any) -> None:
    problem = people.verifier.refused(
        422, "POST", f"/tasks/{task['id']}/opinions", json=question(people.verifier)
    )
    assert problem["errors"][0]["pointer"] == "/experts/0"


def test_the_verdict_does_not_wait(people: People, dossier: Dossier, task: Any, expert: Client) -> None:
    (asked,) = ask(people, task, expert)
    people.verifier.post(f"/tasks/{task['id']}/verdict", verdict(task), status=200)
    assert dossier.item(OLD_IDENTITY)["state"] == "conform"
    assert [one["state"] for one in expert.every("/opinions")] == ["needless"]
    assert list(expert.every("/opinions?state=asked")) == []
    problem = expert.refused(409, "POST", f"/opinions/{asked['id']}/answer", json={"opinion": ANSWER})
    assert "n'est plus attendu" in problem["detail"]
    assert counts(people) == (0, 0)


def test_an_expert_with_a_conflict_of_interest_is_not_asked(
    people: People, task: Any, expert: Client
) -> None:
    expert.post("/conflicts", {"organisation": ALIZE, "reason": "Ancien salarié."})
    problem = people.verifier.refused(409, "POST", f"/tasks/{task['id']}/opinions", json=question(expert))
    assert "conflit d'intérêts" in problem["detail"]
    assert "Esposito" in problem["detail"]


def test_an_expert_who_declares_a_conflict_steps_aside(people: People, task: Any, expert: Client) -> None:
    (asked,) = ask(people, task, expert)
    expert.post("/conflicts", {"organisation": ALIZE})
    (shown,) = people.verifier.get(f"/tasks/{task['id']}")["opinions"]
    assert [shown["state"], shown["reply"]] == ["declined", "Conflit d'intérêts déclaré."]
    expert.refused(409, "POST", f"/opinions/{asked['id']}/answer", json={"opinion": ANSWER})


def test_a_lead_declares_an_expert_s_conflict_and_an_expert_sees_their_own(
    people: People, dossier: Dossier, expert: Client
) -> None:
    people.lead.post("/conflicts", {"organisation": ALIZE, "verifier": account(expert)})
    people.verifier.post("/conflicts", {"organisation": ALIZE})
    assert [one["name"] for one in expert.every("/conflicts")] == ["Esposito"]
    expert.refused(
        403, "POST", "/conflicts", json={"organisation": ALIZE, "verifier": account(people.verifier)}
    )


def test_another_s_request_does_not_exist_for_an_expert(people: People, task: Any, expert: Client) -> None:
    (asked,) = ask(people, task, expert)
    other = people(Role.EXPERT, "Ernaux")
    assert list(other.every("/opinions")) == []
    other.refused(404, "GET", f"/opinions/{asked['id']}")
    other.refused(404, "POST", f"/opinions/{asked['id']}/answer", json={"opinion": ANSWER})
    other.refused(404, "POST", f"/opinions/{asked['id']}/refusal", json={"reason": "Non."})


def test_another_verifier_does_not_read_the_opinions_on_a_task(
    people: People, task: Any, expert: Client
) -> None:
    ask(people, task, expert)
    colleague = people(Role.VERIFIER, "Colin")
    assert colleague.get(f"/tasks/{task['id']}")["opinions"] == []
    assert len(people.lead.get(f"/tasks/{task['id']}")["opinions"]) == 1
    words = {"verifier": account(colleague), "reason": "Vasseur est malade."}
    people.lead.post(f"/tasks/{task['id']}/takeover", words, status=200)
    assert len(colleague.get(f"/tasks/{task['id']}")["opinions"]) == 1


def test_the_editor_sees_since_when_an_expert_is_asked(
    people: People, dossier: Dossier, task: Any, expert: Client, time: Time
) -> None:
    assert dossier.item(OLD_IDENTITY)["expert_asked_at"] is None
    time.pass_days(1)
    people.verifier.post(f"/tasks/{task['id']}/claim", status=200)
    (asked,) = ask(people, task, expert)
    assert dossier.item(OLD_IDENTITY)["expert_asked_at"] == "2026-03-03T09:00:00Z"
    assert dossier.item(OLD_PART)["expert_asked_at"] is None
    assert dossier.read()["holder"] == "agency"
    expert.post(f"/opinions/{asked['id']}/answer", {"opinion": ANSWER}, status=200)
    assert dossier.item(OLD_IDENTITY)["expert_asked_at"] is None
    told = [(one["action"], one["by"], one["detail"]) for one in dossier.timeline()]
    assert told[-2:] == [
        ("expert.asked", "agence", {"code": OLD_IDENTITY}),
        ("expert.answered", "agence", {"code": OLD_IDENTITY}),
    ]


def test_an_integration_is_told_nothing_of_experts(
    people: People, dossier: Dossier, task: Any, expert: Client
) -> None:
    ask(people, task, expert)
    platform = people(Role.INTEGRATION)
    dossier.allow(platform)
    assert platform.get(dossier.item_path(OLD_IDENTITY))["expert_asked_at"] is None


@pytest.mark.parametrize("end", ["answer", "refusal", "conflict", "verdict", "nothing"])
def test_the_editor_never_reads_who_was_asked_nor_what(
    people: People, dossier: Dossier, task: Any, expert: Client, end: str
) -> None:
    (asked,) = ask(people, task, expert)
    if end == "answer":
        expert.post(f"/opinions/{asked['id']}/answer", {"opinion": ANSWER}, status=200)
    elif end == "refusal":
        expert.post(f"/opinions/{asked['id']}/refusal", {"reason": ANSWER}, status=200)
    elif end == "conflict":
        expert.post("/conflicts", {"organisation": ALIZE, "reason": ANSWER})
    elif end == "verdict":
        people.verifier.post(f"/tasks/{task['id']}/verdict", verdict(task), status=200)
    proof = task["subject"]["proof"]["id"]
    paths = ["", "/items", "/timeline", "/equivalence", f"/items/{task['item']}"]
    for path in [*(f"{dossier.path}{one}" for one in paths), f"/proofs/{proof}", "/candidatures"]:
        shown = json.dumps(people.editor.get(path), ensure_ascii=False)
        for hidden in ("Esposito", account(expert), QUESTION, ANSWER, FRIDAY):
            assert hidden not in shown


def test_who_was_asked_what_and_answered_is_sealed(people: People, task: Any, expert: Client) -> None:
    (asked,) = ask(people, task, expert)
    expert.post(f"/opinions/{asked['id']}/answer", {"opinion": ANSWER}, status=200)
    with db.transaction(people.parts.sessions) as session:
        stream = sa.select(Entry).where(Entry.stream == f"task:{task['id']}").order_by(Entry.number)
        told = [(one.action, one.actor, one.detail) for one in session.scalars(stream)]
        assert told == [
            (
                "opinion.asked",
                "Vasseur",
                {"experts": [account(expert)], "question": QUESTION, "due_on": FRIDAY},
            ),
            ("opinion.answered", "Esposito", {"opinion": asked["id"], "reply": ANSWER}),
        ]
        assert list(verify(session)) == []


def reminders(people: People) -> list[bool]:
    """Of which deadlines somebody was reminded: whether they had passed."""
    with db.transaction(people.parts.sessions) as session:
        found = sa.select(Entry).where(Entry.action == "opinion.reminded").order_by(Entry.position)
        return [one.detail["overdue"] for one in session.scalars(found)]


def test_an_expert_is_reminded_two_working_days_before_and_once_overdue(
    people: People, task: Any, expert: Client, time: Time
) -> None:
    """Due on a Friday: reminded on Wednesday, and on Monday."""
    ask(people, task, expert)
    said = []
    for _ in range(16):
        people.tend("remind_experts")
        said.append(len(reminders(people)))
        time.pass_days(1)
    assert said == [0] * 9 + [1] * 5 + [2] * 2
    assert reminders(people) == [False, True]


def test_what_was_answered_or_is_no_longer_needed_is_not_reminded(
    people: People, dossier: Dossier, task: Any, expert: Client, time: Time
) -> None:
    (asked,) = ask(people, task, expert)
    expert.post(f"/opinions/{asked['id']}/answer", {"opinion": ANSWER}, status=200)
    other = people.verifier.post(f"/tasks/{dossier.task(OLD_PART)}/claim", {"another": True}, status=200)
    ask(people, other, expert)
    dossier.withdraw()
    time.pass_days(30)
    people.tend()
    assert reminders(people) == []
    assert list(people.lead.every("/opinions?due=overdue")) == []


def test_lists_warn_and_a_lead_lists_what_is_overdue(
    people: People, task: Any, expert: Client, time: Time
) -> None:
    ask(people, task, expert)
    seen = []
    for days in (0, 4, 7, 7):
        time.pass_days(days)
        (mine,) = expert.every("/opinions")
        seen.append((mine["warning"], len(list(people.lead.every("/opinions?due=overdue")))))
    assert seen == [(None, 0), ("soon", 0), ("urgent", 0), ("overdue", 1)]
    (late,) = people.lead.every("/opinions?due=overdue")
    assert late["name"] == "Esposito"


def test_experts_are_asked_and_not_taken_from_a_queue(people: People) -> None:
    problem = people.lead.refused(409, "GET", "/queues/expert_opinion/tasks")
    assert "/api/v1/opinions" in problem["detail"]


def test_requests_are_read_in_as_many_statements_however_many(
    people: People, dossier: Dossier, expert: Client
) -> None:
    sent_for = []
    for code in (OLD_IDENTITY, OLD_PART):
        task = people.verifier.post(f"/tasks/{dossier.task(code)}/claim", {"another": True}, status=200)
        (asked,) = ask(people, task, expert)
        paths = ["/opinions", f"/opinions/{asked['id']}", f"{dossier.path}/items"]
        for path in paths:
            with statements(people.parts.engine) as sent:
                expert.get(path)
            sent_for.append(len(sent))
    assert sent_for[:3] == sent_for[3:]
    assert sent_for[0] <= 2


def test_pages_of_requests_follow_each_other(people: People, dossier: Dossier, expert: Client) -> None:
    for code in dossier.states():
        ask(
            people,
            people.verifier.post(f"/tasks/{dossier.task(code)}/claim", {"another": True}, status=200),
            expert,
        )
    listed = [one["code"] for one in expert.every("/opinions?limit=1")]
    assert listed == list(dossier.states())


def test_a_reply_is_an_answer_or_a_refusal(people: People, task: Any, expert: Client) -> None:
    ask(people, task, expert)
    with people.parts.sessions() as session, pytest.raises(sa.exc.IntegrityError, match="ck_opinion_reply"):
        session.execute(sa.update(Opinion).values(reply=ANSWER))


# --- asked by mistake ---------------------------------------------------------------------------------------


def withdraw(who: Client, opinion: Any) -> None:
    who.expect(204, who.send("DELETE", f"/opinions/{opinion['id']}"))


def test_an_expert_asked_by_mistake_is_asked_no_more_and_is_told(
    people: People, dossier: Dossier, task: Any, expert: Client
) -> None:
    (asked,) = ask(people, task, expert)
    withdraw(people.verifier, asked)
    assert list(expert.every("/opinions?state=asked")) == []
    told = expert.get(f"/opinions/{asked['id']}")
    assert (told["state"], told["withdrawn_at"], told["warning"]) == (
        "withdrawn",
        "2026-03-02T09:00:00Z",
        None,
    )
    assert [one["id"] for one in expert.every("/opinions?state=withdrawn")] == [asked["id"]]
    with db.transaction(people.parts.sessions) as session:
        (letter,) = session.scalars(sa.select(Letter).where(Letter.account_id == UUID(account(expert)))).all()
    assert OLD_IDENTITY in letter.subject
    assert QUESTION in letter.text
    assert counts(people) == (0, 0)
    assert dossier.item(OLD_IDENTITY)["expert_asked_at"] is None
    assert dossier.actions()[-2:] == ["expert.asked", "expert.withdrawn"]
    problem = expert.refused(409, "POST", f"/opinions/{asked['id']}/answer", json={"opinion": ANSWER})
    assert "retirée" in problem["detail"]


def test_who_was_asked_no_more_can_be_asked_again(people: People, task: Any, expert: Client) -> None:
    (asked,) = ask(people, task, expert)
    withdraw(people.lead, asked)
    (again,) = ask(people, task, expert, due_on="2026-03-20")
    assert (again["state"], again["due_on"], again["withdrawn_at"]) == ("asked", "2026-03-20", None)
    expert.post(f"/opinions/{again['id']}/answer", {"opinion": ANSWER}, 200)


def test_what_was_answered_is_not_taken_back(people: People, task: Any, expert: Client) -> None:
    (asked,) = ask(people, task, expert)
    expert.post(f"/opinions/{asked['id']}/answer", {"opinion": ANSWER}, 200)
    problem = people.verifier.refused(409, "DELETE", f"/opinions/{asked['id']}")
    assert "a déjà répondu" in problem["detail"]
    assert expert.get(f"/opinions/{asked['id']}")["reply"] == ANSWER


def test_only_who_asked_who_has_the_task_and_a_lead_ask_no_more(
    people: People, task: Any, expert: Client
) -> None:
    (asked,) = ask(people, task, expert)
    people(Role.VERIFIER, "Voisin").refused(404, "DELETE", f"/opinions/{asked['id']}")
    expert.refused(403, "DELETE", f"/opinions/{asked['id']}")
    assert expert.get(f"/opinions/{asked['id']}")["state"] == "asked"


def test_a_withdrawn_question_reminds_nobody(people: People, task: Any, expert: Client, time: Time) -> None:
    (asked,) = ask(people, task, expert)
    withdraw(people.verifier, asked)
    time.pass_days(20)
    people.tend()
    assert expert.get(f"/opinions/{asked['id']}")["reminded_at"] is None


def test_who_is_asked_no_longer_is_asked_again_for_the_right_to_what_they_watch(
    people: People, task: Any, expert: Client
) -> None:
    (asked,) = ask(people, task, expert)
    watching = Entrance(UUID(account(expert)), people.parts.sessions.kw["info"]["clock"]())
    with db.transaction(people.parts.sessions) as session:
        assert [*to_be_asked_again(session, [watching])] == []
    people.verifier.expect(204, people.verifier.send("DELETE", f"/opinions/{asked['id']}"))
    with db.transaction(people.parts.sessions) as session:
        assert [*to_be_asked_again(session, [watching])] == [watching]
