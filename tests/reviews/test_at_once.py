"""Several verifiers at once, for real: nothing is held twice, nothing is lost, nobody waits for ever."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from threading import Barrier
from time import monotonic, sleep
from typing import Any, TypeVar
from uuid import UUID

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from referencing.accounts.models import Account
from referencing.base import db
from referencing.base.permissions import Actor, Role
from referencing.candidatures.filing import supplying
from referencing.candidatures.tasks.models import Task
from referencing.journal.operations import SYSTEM, record
from referencing.reviews.queues.outcomes import Outcome
from referencing.reviews.steering import priorities
from referencing.reviews.steering.declarations import declare_absence
from referencing.reviews.verdicts.operations import give_verdict
from tests.builders import statements
from tests.candidatures.dossiers import (
    CNDA,
    OLD_IDENTITY,
    Dossier,
    People,
    verdict,
)
from tests.clients import Client

T = TypeVar("T")

ANOTHER = {"another": True}


def at_once(acts: Sequence[Callable[[], T]]) -> list[T]:
    """What each act answers, all of them started together in threads of their own."""
    ready = Barrier(len(acts))

    def start(act: Callable[[], T]) -> T:
        ready.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(start, acts))


def said(answers: Sequence[TestResponse], status: int) -> list[Any]:
    return [answer.json for answer in answers if answer.status_code == status]


def another(client: Client) -> Client:
    """The same person in another window."""
    window = Client(client.http.application.test_client(), "")
    window.headers = client.headers
    return window


def verifiers(people: People, number: int) -> list[Client]:
    return [people(Role.VERIFIER, f"Vérificateur {place}") for place in range(number)]


def take_all(verifier: Client) -> list[Any]:
    """Take the next task until there is none."""
    taken = []
    while (response := verifier.send("POST", "/queues/proof_review/claims", json=ANOTHER)).status_code != 204:
        taken.append(Client.expect(201, response))
    return taken


def test_eight_verifiers_share_twenty_tasks_and_each_has_one_holder(people: People, dossier: Dossier) -> None:
    dossiers = [dossier, *(people.in_review("LGC-V1", people.solution()) for _ in range(4))]
    crew = verifiers(people, 8)
    taken = at_once([partial(take_all, one) for one in crew])
    held = Counter(task["id"] for tasks in taken for task in tasks)
    waiting = [task["id"] for dossier in dossiers for task in dossier.tasks("proof_review")]
    assert held == dict.fromkeys(waiting, 1)
    assert len(held) == 20


def test_of_eight_who_want_one_task_one_has_it_and_the_others_are_told_who(
    people: People, dossier: Dossier
) -> None:
    task = dossier.task(OLD_IDENTITY)
    crew = verifiers(people, 8)
    answers = at_once([partial(one.send, "POST", f"/tasks/{task}/claim") for one in crew])
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 7}
    (holder,) = {task["claimed_by"] for task in said(answers, 200)}
    refusals = {problem["detail"] for problem in said(answers, 409)}
    assert refusals == {f"{holder} a déjà cette tâche : prenez-en une autre."}


def test_one_who_takes_a_task_twice_at_once_has_it(people: People, dossier: Dossier) -> None:
    task = dossier.task(OLD_IDENTITY)
    crew = [another(people.verifier) for _ in range(4)]
    answers = at_once([partial(one.send, "POST", f"/tasks/{task}/claim") for one in crew])
    assert [answer.status_code for answer in answers] == [200] * 4


def test_of_two_verdicts_at_once_one_counts(people: People, dossier: Dossier) -> None:
    task = people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)
    again = another(people.verifier)
    path = f"/tasks/{task['id']}/verdict"
    answers = at_once(
        [
            partial(people.verifier.send, "POST", path, json=verdict(task, "conform")),
            partial(again.send, "POST", path, json=verdict(task, "nonconform")),
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (counted,) = said(answers, 200)
    assert dossier.item(OLD_IDENTITY)["state"] == counted["outcome"]
    assert len(dossier.item(OLD_IDENTITY)["proof"]["verifications"]) == 1


def test_of_a_verdict_and_a_task_given_back_at_once_one_counts(people: People, dossier: Dossier) -> None:
    again = another(people.verifier)
    for code in dossier.states():
        task = people.verifier.post(f"/tasks/{dossier.task(code)}/claim", status=200)
        path = f"/tasks/{task['id']}"
        given, back = at_once(
            [
                partial(people.verifier.send, "POST", f"{path}/verdict", json=verdict(task)),
                partial(again.send, "DELETE", f"{path}/claim"),
            ]
        )
        assert (given.status_code, back.status_code) in {(200, 409), (409, 204)}
        assert dossier.item(code)["state"] == ("conform" if given.status_code == 200 else "under_review")


def test_verdicts_on_two_dossiers_of_one_software_at_once_all_count(people: People) -> None:
    solution = people.solution()
    first, second = people.submitted("LGC-V1", solution), people.submitted("LGC-V2", solution)
    first.judge()
    second.judge()
    crew = verifiers(people, 2)

    def find_all(dossier: Dossier, verifier: Client) -> None:
        for code in dossier.codes("under_review"):
            dossier.find(code, verifier=verifier)

    at_once([partial(find_all, first, crew[0]), partial(find_all, second, crew[1])])
    assert first.state == "deliberation"
    assert second.read()["progress"] == {
        **dict.fromkeys(second.read()["progress"], 0),
        "conform": 3,
        "covered": 2,
        "to_confirm": 1,
    }


@pytest.fixture
def editor(people: People) -> Actor:
    """Who speaks below HTTP for the editor."""
    people.editor.get("/softwares")
    with db.transaction(people.parts.sessions) as session:
        account = session.scalars(sa.select(Account).where(Account.role == Role.EDITOR)).one()
    return Actor(account.id, account.name, account.role, account.organisation_id)


def lead(people: People) -> Actor:
    """Who speaks below HTTP for the lead."""
    people.lead.get("/queues")
    with db.transaction(people.parts.sessions) as session:
        account = session.scalars(sa.select(Account).where(Account.role == Role.LEAD).limit(1)).one()
    return Actor(account.id, account.name, account.role)


def test_a_boost_that_is_being_given_is_not_given_twice(people: People) -> None:
    words = {"reason": "Comité", "ends_on": "2026-03-10", "vague": 2, "weight": 1}
    wanted = priorities.WantedBoost(None, None, None, 2, None, 1, "Comité", date(2026, 3, 10))
    speaking = lead(people)
    with ThreadPoolExecutor(1) as thread:
        with db.transaction(people.parts.sessions) as session:
            priorities.boost(session, speaking, wanted)
            again = thread.submit(people.lead.send, "POST", "/boosts", json=words)
            wait_for_a_lock(people)
        (problem,) = said([again.result()], 409)
    assert "déjà donnée" in problem["detail"]
    assert len(people.lead.get("/boosts")["items"]) == 1


def test_days_of_absence_that_are_being_declared_are_not_declared_twice(people: People) -> None:
    speaking, day = lead(people), date(2026, 3, 9)
    words = {"starts_on": day.isoformat(), "ends_on": day.isoformat()}
    people.verifier.get("/queues")
    with ThreadPoolExecutor(1) as thread:
        with db.transaction(people.parts.sessions) as session:
            verifier = session.scalars(sa.select(Account.id).where(Account.name == "Vasseur")).one()
            declare_absence(session, speaking, starts_on=day, ends_on=day, verifier=verifier)
            again = thread.submit(people.verifier.send, "POST", "/absences", json=words)
            wait_for_a_lock(people)
        (problem,) = said([again.result()], 409)
    assert "déjà déclarés" in problem["detail"]


def test_who_takes_work_from_a_dossier_does_not_stand_in_the_way_of_its_editor(
    people: People, editor: Actor
) -> None:
    """The editor withdraws the item's reuse while a verifier is taking the task to confirm it."""
    solution = people.solution()
    people.referenced("LGC-V1", solution)
    dossier = people.in_review("LGC-V2", solution)
    task = dossier.task(CNDA)
    with ThreadPoolExecutor(1) as thread:
        with db.transaction(people.parts.sessions) as session:
            record(session, SYSTEM, "candidature.settled", f"candidature:{dossier.id}", {})
            claim = thread.submit(people.verifier.send, "POST", f"/tasks/{task}/claim")
            wait_for_a_lock(people)
            supplying.claim_not_applicable(session, editor, UUID(dossier.id), CNDA, "Sans objet ici.")
        taken = claim.result()
    assert dossier.item(CNDA)["state"] == "under_review"
    assert taken.status_code in {200, 409}
    assert people.verifier.get(f"/tasks/{task}")["outcome"] == "needless"


def test_who_waits_for_a_task_that_is_being_answered_does_not_get_it(
    people: People, dossier: Dossier
) -> None:
    """The colleague asks while the verdict is written, and is answered once it is there."""
    task = people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)
    colleague = people(Role.VERIFIER, "Colin")
    colleague.get("/queues")
    with db.transaction(people.parts.sessions) as session:
        account = session.scalars(sa.select(Account).where(Account.name == "Vasseur")).one()
    vasseur = Actor(account.id, account.name, account.role)
    with ThreadPoolExecutor(1) as thread:
        with db.transaction(people.parts.sessions) as session:
            file = verdict(task)["file_sha256"]
            give_verdict(session, vasseur, UUID(task["id"]), Outcome.CONFORM, "Vu.", file)
            claim = thread.submit(colleague.send, "POST", f"/tasks/{task['id']}/claim")
            wait_for_a_lock(people)
        (problem,) = said([claim.result()], 409)
    assert "terminée" in problem["detail"]
    assert dossier.actions().count("task.claimed") == 1


def wait_for_a_lock(people: People) -> None:
    """Until some request of the application waits for another."""
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    deadline = monotonic() + 10
    with people.parts.engine.connect() as connection:
        while not connection.scalar(waiting):
            connection.rollback()
            assert monotonic() < deadline, "nobody waits"
            sleep(0.01)


def test_sixteen_who_ask_for_the_next_at_once_get_sixteen_tasks_in_few_statements(
    people: People, dossier: Dossier
) -> None:
    """Nobody tries again and again for what another has just taken."""
    dossiers = [dossier, *(people.in_review("LGC-V1", people.solution()) for _ in range(3))]
    crew = verifiers(people, 16)
    for one in crew:
        one.get("/queues")
    with statements(people.parts.engine) as sent:
        taken = at_once([partial(one.post, "/queues/proof_review/claims", ANOTHER) for one in crew])
    waiting = [task["id"] for dossier in dossiers for task in dossier.tasks("proof_review")]
    assert sorted(task["id"] for task in taken) == sorted(waiting)
    assert len([one for one in sent if "pg_try_advisory_xact_lock" in one.statement]) <= 2 * len(crew)


def test_one_verifier_in_many_windows_stays_within_the_limit(people: People, dossier: Dossier) -> None:
    people.verifier.get("/queues")
    (one,) = people.lead.get("/verifiers")["items"]
    people.lead.put(f"/verifiers/{one['id']}/skills", {"most_in_hand": 2})
    windows = [another(people.verifier) for _ in range(4)]
    answers = at_once(
        [partial(one.send, "POST", "/queues/proof_review/claims", json=ANOTHER) for one in windows]
    )
    assert Counter(answer.status_code for answer in answers) == {201: 2, 409: 2}


def test_a_boost_or_a_budget_does_not_stand_in_the_way_of_a_verdict(people: People, dossier: Dossier) -> None:
    """Tasks that somebody is closing are left alone, not waited for."""
    task = people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)
    with db.transaction(people.parts.sessions) as session:
        session.execute(sa.select(Task.id).where(Task.id == task["id"]).with_for_update())
        people.lead.put("/budgets/proof_review", {"days": 5})
        words = {"vague": 1, "reason": "Comité", "ends_on": "2026-03-10"}
        people.lead.post("/boosts", words)
    told = {
        one["id"]: one["working_days_left"]
        for one in people.verifier.get("/queues/proof_review/tasks")["items"]
    }
    assert told.pop(task["id"]) == 15
    assert set(told.values()) == {5}
    people.tend()
    found = people.verifier.get(f"/tasks/{task['id']}")
    assert [found["working_days_left"], "Comité" in found["order"]] == [5, True]
