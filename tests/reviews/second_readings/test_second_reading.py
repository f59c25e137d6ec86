"""A drawn finding waits for a second reader, who does not know of it; what two agree on, or the third says, stands."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from referencing.accounts.models import Account
from referencing.base import db
from referencing.base.db import new_id
from referencing.base.permissions import Role
from referencing.candidatures.filing.quarantine import quarantine
from referencing.journal.models import Entry
from referencing.journal.operations import verify
from referencing.proofs.models import Verification
from referencing.reviews.queues.models import Reading
from tests.builders import statements
from tests.candidatures.dossiers import ALIZE, OLD_IDENTITY, OLD_PART, Dossier, People, verdict
from tests.clients import Client
from tests.conftest import Time
from tests.reviews.test_at_once import another, at_once, said

QUEUE = "/queues/second_reading"
SAID = "Le badge manque page 3."


@pytest.fixture
def colleague(people: People) -> Client:
    return people(Role.VERIFIER, "Colin")


@pytest.fixture
def third(people: People) -> Client:
    return people(Role.VERIFIER, "Troyes")


def set_rate(people: People, rate: int = 100, **words: Any) -> Any:
    return people.lead.put("/second-reading-rates", {"rate": rate, **words})


def account(people: People, client: Client) -> str:
    return str(client.get("/me")["id"])


def read(client: Client, task: str, outcome: str = "conform", comment: str = "Vu.") -> Any:
    """Take the task and say what was found."""
    taken = client.post(f"/tasks/{task}/claim", status=200)
    return client.post(f"/tasks/{task}/verdict", verdict(taken, outcome, comment), status=200)


def second_task(dossier: Dossier) -> Any:
    (task,) = dossier.tasks("second_reading")
    return task


def readers(dossier: Dossier) -> Sequence[tuple[str, str]]:
    """Who found what, of the facts about this dossier's items."""
    with db.transaction(dossier.people.parts.sessions) as session:
        rows = session.execute(
            sa.select(Account.name, Verification.finding)
            .join(Account, Account.id == Verification.verifier_id)
            .where(Verification.proof_code.in_(list(dossier.states())))
        )
        return [(name, finding.value) for name, finding in rows]


def test_without_a_rate_nothing_changes(people: People, dossier: Dossier) -> None:
    dossier.find(OLD_IDENTITY)
    assert dossier.item(OLD_IDENTITY)["state"] == "conform"
    assert dossier.tasks("second_reading") == []


@pytest.mark.parametrize("outcome", ["conform", "nonconform"])
def test_a_drawn_finding_waits_for_a_second_reader(people: People, dossier: Dossier, outcome: str) -> None:
    set_rate(people)
    closed = dossier.find(OLD_IDENTITY, outcome)
    assert closed["outcome"] == "read"
    item = dossier.item(OLD_IDENTITY)
    assert [item["state"], item["proof"]["state"], item["proof"]["verifications"]] == [
        "under_review",
        "submitted",
        [],
    ]
    task = second_task(dossier)
    assert [task["code"], task["item"]] == [OLD_IDENTITY, item["id"]]
    assert dossier.read()["holder"] == "agency"


def test_a_complement_is_asked_for_at_once(people: People, dossier: Dossier) -> None:
    set_rate(people)
    dossier.find(OLD_IDENTITY, "complement")
    assert dossier.item(OLD_IDENTITY)["state"] == "complement"
    assert dossier.tasks("second_reading") == []


def test_the_clock_of_the_item_runs_on(people: People, dossier: Dossier, time: Time) -> None:
    due = people.lead.get(f"/tasks/{dossier.task(OLD_IDENTITY)}")["due_on"]
    set_rate(people)
    time.pass_days(3)
    dossier.find(OLD_IDENTITY)
    task = second_task(dossier)
    assert [task["due_on"], task["working_days_left"]] == [due, 12]


def test_what_two_readers_find_is_the_fact_of_the_first(
    people: People, dossier: Dossier, colleague: Client
) -> None:
    set_rate(people)
    dossier.find(OLD_IDENTITY, comment="Vu par le premier.")
    read(colleague, second_task(dossier)["id"], comment="Vu par le second.")
    item = dossier.item(OLD_IDENTITY)
    (found,) = item["proof"]["verifications"]
    assert [item["state"], found["outcome"], found["comment"]] == [
        "conform",
        "conform",
        "Vu par le premier.",
    ]
    assert readers(dossier) == [("Vasseur", "verified")]
    assert dossier.tasks("second_reading") == []


def test_the_second_reader_is_named_in_the_record(
    people: People, dossier: Dossier, colleague: Client
) -> None:
    set_rate(people)
    first = dossier.task(OLD_IDENTITY)
    dossier.find(OLD_IDENTITY)
    read(colleague, second_task(dossier)["id"])
    told = [(event["action"], event["by"]) for event in dossier.timeline(people.lead)[-4:]]
    assert told == [
        ("reading.given", "Vasseur"),
        ("task.claimed", "Colin"),
        ("reading.given", "Colin"),
        ("item.find_conform", "Vasseur"),
    ]
    with db.transaction(people.parts.sessions) as session:
        (sealed,) = session.scalars(sa.select(Entry).where(Entry.stream == f"task:{first}"))
        readers = [account(people, people.verifier), account(people, colleague)]
        assert [one["verifier"] for one in sealed.detail["readings"]] == readers
        assert list(verify(session)) == []


def test_once_a_finding_stands_the_tasks_say_what_each_found(
    people: People, dossier: Dossier, colleague: Client, third: Client
) -> None:
    set_rate(people)
    tasks = [dossier.task(OLD_IDENTITY)]
    dossier.find(OLD_IDENTITY)
    for reader, outcome in ((colleague, "nonconform"), (third, "nonconform")):
        tasks.append(second_task(dossier)["id"])
        read(reader, tasks[-1], outcome)
    outcomes = [people.lead.get(f"/tasks/{task}")["outcome"] for task in tasks]
    assert outcomes == ["conform", "nonconform", "nonconform"]


@pytest.mark.parametrize("outcome", ["conform", "nonconform", "complement"])
def test_a_third_reader_s_finding_stands(
    people: People, dossier: Dossier, colleague: Client, third: Client, outcome: str
) -> None:
    set_rate(people)
    dossier.find(OLD_IDENTITY, "conform")
    read(colleague, second_task(dossier)["id"], "nonconform", SAID)
    assert dossier.item(OLD_IDENTITY)["state"] == "under_review"
    read(third, second_task(dossier)["id"], outcome)
    finding = {"conform": "verified", "nonconform": "rejected", "complement": "complement"}[outcome]
    assert readers(dossier) == [("Troyes", finding)]
    assert dossier.tasks("second_reading") == []


def test_a_lead_decides_where_the_rate_says_so(people: People, dossier: Dossier, colleague: Client) -> None:
    set_rate(people, on_disagreement="lead")
    taken = people.lead.get(f"/tasks/{dossier.task(OLD_IDENTITY)}")
    dossier.find(OLD_IDENTITY, "conform")
    second = second_task(dossier)["id"]
    assert list(people.lead.every("/second-readings?reader=lead")) == []
    problem = people.lead.refused(409, "POST", f"/second-readings/{second}/verdict", json=verdict(taken))
    assert "revient à un vérificateur" in problem["detail"]
    read(colleague, second, "nonconform", SAID)
    (waiting,) = people.lead.every("/second-readings?reader=lead")
    assert people.lead.get(f"/tasks/{waiting['task']}")["actions"] == ["arbitrate"]
    assert colleague.get(f"/tasks/{waiting['task']}")["actions"] == []
    whole = people.lead.get(f"/second-readings/{waiting['task']}")
    assert [(one["name"], one["outcome"], one["comment"]) for one in whole["readings"]] == [
        ("Vasseur", "conform", "Vu."),
        ("Colin", "nonconform", SAID),
    ]
    words = verdict(taken, "nonconform", "Le badge manque en effet.")
    answered = people.lead.post(f"/second-readings/{waiting['task']}/verdict", words, status=200)
    assert answered["outcome"] == "nonconform"
    assert readers(dossier) == [("Dominique", "rejected")]
    people.lead.refused(409, "POST", f"/second-readings/{waiting['task']}/verdict", json=words)


def test_a_lead_in_a_conflict_of_interest_finds_no_second_reading(
    people: People, dossier: Dossier, colleague: Client
) -> None:
    set_rate(people)
    dossier.find(OLD_IDENTITY)
    path = f"/second-readings/{second_task(dossier)['id']}"
    involved = people(Role.LEAD, "Denis")
    assert len(list(involved.every("/second-readings"))) == 1
    assert involved.get(path)["readings"]
    involved.post("/conflicts", {"organisation": ALIZE, "verifier": account(people, involved)})
    assert list(involved.every("/second-readings")) == []
    assert "conflit d'intérêts" in involved.refused(403, "GET", path)["detail"]


def test_what_waits_for_a_lead_is_no_verifier_s(
    people: People, dossier: Dossier, colleague: Client, third: Client
) -> None:
    set_rate(people, on_disagreement="lead")
    dossier.find(OLD_IDENTITY, "conform")
    read(colleague, second_task(dossier)["id"], "nonconform")
    task = second_task(dossier)
    assert third.send("POST", f"{QUEUE}/claims").status_code == 204
    assert "un responsable" in third.refused(409, "POST", f"/tasks/{task['id']}/claim")["detail"]
    (listed,) = third.get(f"{QUEUE}/tasks")["items"]
    assert listed["claimable"] is False


def test_nobody_reads_twice_what_they_read_first(people: People, dossier: Dossier, colleague: Client) -> None:
    set_rate(people)
    dossier.find(OLD_IDENTITY, "conform")
    for reader in (people.verifier, colleague):
        task = second_task(dossier)
        if reader is colleague:
            read(colleague, task["id"], "nonconform")
            task = second_task(dossier)
        problem = reader.refused(409, "POST", f"/tasks/{task['id']}/claim")
        assert "a déjà lu cette version" in problem["detail"]
        assert reader.send("POST", f"{QUEUE}/claims").status_code == 204
        (listed,) = reader.get(f"{QUEUE}/tasks")["items"]
        assert listed["claimable"] is False
        words = {"verifier": account(people, reader), "reason": "Urgent."}
        problem = people.lead.refused(409, "POST", f"/tasks/{task['id']}/takeover", json=words)
        assert "a déjà lu cette version" in problem["detail"]


def test_another_reader_is_given_it_next(people: People, dossier: Dossier, colleague: Client) -> None:
    set_rate(people)
    dossier.find(OLD_IDENTITY)
    (listed,) = colleague.get(f"{QUEUE}/tasks")["items"]
    assert listed["claimable"] is True
    assert colleague.post(f"{QUEUE}/claims")["id"] == listed["id"]


def test_who_found_on_a_version_before_does_not_read_it_second(
    people: People, dossier: Dossier, colleague: Client
) -> None:
    """Sent back after deliberation, it is read first by another."""
    for code in dossier.states():
        dossier.find(code)
    dossier.decide("sent_back", OLD_IDENTITY)
    set_rate(people)
    dossier.find(OLD_IDENTITY, verifier=colleague)
    task = second_task(dossier)
    people.verifier.refused(409, "POST", f"/tasks/{task['id']}/claim")
    read(people(Role.VERIFIER, "Troyes"), task["id"])
    assert dossier.item(OLD_IDENTITY)["state"] == "conform"


def test_first_readers_who_ask_at_once_never_get_their_own(
    people: People, dossier: Dossier, colleague: Client
) -> None:
    """Two have read two pieces each first; in many windows each gets the other's."""
    set_rate(people)
    codes = list(dossier.states())
    for code, reader in zip(codes, [people.verifier, colleague] * 2, strict=True):
        dossier.find(code, verifier=reader)
    crew = [another(one) for one in (people.verifier, colleague) for _ in range(4)]
    answers = at_once([partial(one.send, "POST", f"{QUEUE}/claims", json={"another": True}) for one in crew])
    taken = {task["code"]: task["claimed_by"] for task in said(answers, 201)}
    assert taken == dict(zip(codes, ["Colin", "Vasseur"] * 2, strict=True))


def test_the_first_reader_who_asks_while_their_verdict_is_given_never_gets_it(
    people: People, dossier: Dossier
) -> None:
    set_rate(people)
    for code in dossier.states():
        task = people.verifier.post(f"/tasks/{dossier.task(code)}/claim", status=200)
        windows = [another(people.verifier) for _ in range(3)]
        given, *asked = at_once(
            [
                partial(people.verifier.send, "POST", f"/tasks/{task['id']}/verdict", json=verdict(task)),
                *(partial(one.send, "POST", f"{QUEUE}/claims", json={"another": True}) for one in windows),
            ]
        )
        assert given.status_code == 200
        assert {one.status_code for one in asked} == {204}


def test_two_readers_of_one_second_reading_are_one(
    people: People, dossier: Dossier, colleague: Client, third: Client
) -> None:
    set_rate(people)
    dossier.find(OLD_IDENTITY)
    path = f"/tasks/{second_task(dossier)['id']}/claim"
    answers = at_once([partial(one.send, "POST", path) for one in (colleague, third)])
    assert sorted(answer.status_code for answer in answers) == [200, 409]


READS = (
    "/queues",
    "/queues/second_reading/tasks",
    "/queues/proof_review/tasks",
    "/tasks/{first}",
    "/tasks/{second}",
    "/candidatures/{dossier}",
    "/candidatures/{dossier}/items",
    "/candidatures/{dossier}/items/{item}",
    "/candidatures/{dossier}/timeline",
    "/candidatures/{dossier}/equivalence",
    "/proofs/{proof}",
)


@pytest.mark.parametrize("path", READS)
def test_the_second_reading_is_blind(people: People, dossier: Dossier, colleague: Client, path: str) -> None:
    """All that a second reader, an expert or the editor may read says the same, whatever the first found."""
    set_rate(people)
    names = {"dossier": dossier.id, "first": dossier.task(OLD_IDENTITY)}
    names |= {"proof": dossier.item(OLD_IDENTITY)["proof"]["id"], "item": dossier.item(OLD_IDENTITY)["id"]}
    dossier.find(OLD_IDENTITY, "nonconform", SAID)
    second = colleague.post(f"{QUEUE}/claims")
    assert_hidden(second)
    for reader in (colleague, people(Role.EXPERT), people.editor):
        answer = reader.send("GET", path.format(**names, second=second["id"]))
        assert answer.status_code in ({200} if reader is colleague else {200, 403, 404})
        assert_hidden(answer.json)


def assert_hidden(body: Any) -> None:
    shown = json.dumps(body, ensure_ascii=False)
    for word in (SAID, "rejected", '"outcome": "nonconform"', "find_nonconform", '"to": "nonconform"'):
        assert word not in shown


@pytest.mark.parametrize(
    "path",
    ["/second-readings", "/second-readings/{task}", "/second-reading-rates", "/second-readings/agreement"],
)
def test_what_others_found_is_for_a_lead(
    people: People, dossier: Dossier, colleague: Client, path: str
) -> None:
    set_rate(people)
    dossier.find(OLD_IDENTITY)
    task = second_task(dossier)["id"]
    for role in set(Role) - {Role.LEAD}:
        people(role).refused(403, "GET", path.format(task=task))
    people.lead.get(path.format(task=task))


def test_a_finding_is_void_when_the_dossier_is_withdrawn(
    people: People, dossier: Dossier, colleague: Client
) -> None:
    set_rate(people)
    dossier.find(OLD_IDENTITY)
    second = colleague.post(f"{QUEUE}/claims")
    dossier.withdraw()
    problem = colleague.refused(409, "POST", f"/tasks/{second['id']}/verdict", json=verdict(second))
    assert "terminée" in problem["detail"]
    assert readers(dossier) == []
    assert agreement(people) == []


def test_a_finding_is_void_when_the_version_is_quarantined_and_replaced(
    people: People, dossier: Dossier, colleague: Client
) -> None:
    set_rate(people)
    task = people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)
    people.verifier.post(f"/tasks/{task['id']}/verdict", verdict(task), status=200)
    second = colleague.post(f"{QUEUE}/claims")
    with db.transaction(people.parts.sessions) as session:
        quarantine(session, verdict(task)["file_sha256"])
    assert dossier.item(OLD_IDENTITY)["state"] == "complement"
    colleague.refused(409, "POST", f"/tasks/{second['id']}/verdict", json=verdict(second))
    dossier.supply(OLD_IDENTITY, b"une autre version")
    read(people.verifier, dossier.task(OLD_IDENTITY), "nonconform")
    read(colleague, second_task(dossier)["id"], "nonconform")
    assert readers(dossier) == [("Vasseur", "rejected")]
    assert [one["agreed"] for one in agreement(people)] == [1]


def test_a_second_verdict_names_the_file_that_was_read(
    people: People, dossier: Dossier, colleague: Client
) -> None:
    set_rate(people)
    dossier.find(OLD_IDENTITY)
    second = colleague.post(f"{QUEUE}/claims")
    path = f"/tasks/{second['id']}/verdict"
    colleague.refused(422, "POST", path, json={"outcome": "conform"})
    colleague.refused(409, "POST", path, json={"outcome": "conform", "file_sha256": "0" * 64})
    assert dossier.item(OLD_IDENTITY)["state"] == "under_review"


def test_claims_that_an_item_does_not_apply_are_read_once(people: People, dossier: Dossier) -> None:
    set_rate(people)
    filed = people.draft("LGC-V1")
    filed.supply_all(but=[OLD_PART])
    filed.claim_not_applicable(OLD_PART)
    filed.submit()
    filed.judge()
    people.verifier.post(f"/tasks/{filed.task(OLD_PART)}/claim", status=200)
    words = {"outcome": "not_applicable", "comment": ""}
    people.verifier.post(f"/tasks/{filed.task(OLD_PART)}/verdict", words, status=200)
    assert filed.item(OLD_PART)["state"] == "not_applicable"


def agreement(people: People, query: str = "") -> list[Any]:
    return list(people.lead.every(f"/second-readings/agreement{query}"))


def test_agreement_is_told_for_each_requirement(
    people: People, dossier: Dossier, colleague: Client, third: Client
) -> None:
    set_rate(people)
    for solution_dossier, outcome in ((dossier, "conform"), (people.in_review("LGC-V1"), "nonconform")):
        solution_dossier.find(OLD_IDENTITY, "conform")
        read(colleague, second_task(solution_dossier)["id"], outcome)
        if outcome == "nonconform":
            read(third, second_task(solution_dossier)["id"], outcome)
    dossier.find(OLD_PART)
    read(colleague, second_task(dossier)["id"])
    expected = [
        {"dsr": "LGC-V1", "requirement": "INS.01", "doubled": 2, "agreed": 1, "disagreed": 1, "rate": 50.0},
        {"dsr": "LGC-V1", "requirement": "INS.02", "doubled": 1, "agreed": 1, "disagreed": 0, "rate": 100.0},
    ]
    assert agreement(people) == expected
    assert agreement(people, "?limit=1") == expected
    assert agreement(people, "?dsr=LGC-V1") == expected
    assert agreement(people, "?dsr=LGC-V2") == []
    assert agreement(people, "?chapter=Nulle%20part") == []
    chapter = dossier.item(OLD_PART)["chapter"]
    assert agreement(people, f"?chapter={chapter}")[-1] == expected[-1]


def test_what_is_read_takes_as_many_statements_however_much_there_is(
    people: People, dossier: Dossier, colleague: Client, third: Client
) -> None:
    paths = ("/queues/second_reading/tasks", "/second-readings", "/second-reading-rates")
    sent_for: list[list[int]] = [[], []]
    read_before, read_after, *waiting = dossier.states()
    for round_, codes in enumerate(([read_before, waiting[0]], [read_after, waiting[1]])):
        set_rate(people, chapter=("DMP", "MSS")[round_])
        set_rate(people)
        dossier.find(codes[0])
        read(colleague, dossier.task(codes[0]))
        dossier.find(codes[1])
        for path in (*paths, "/second-readings/agreement", f"/second-readings/{dossier.task(codes[1])}"):
            with statements(people.parts.engine) as sent:
                people.lead.get(path)
            sent_for[round_].append(len(sent))
        with statements(people.parts.engine) as sent:
            assert len(third.get("/queues/second_reading/tasks")["items"]) == round_ + 1
        sent_for[round_].append(len(sent))
    assert sent_for[0] == sent_for[1]
    assert max(sent_for[0]) <= 6


def test_the_most_specific_rate_counts(people: People, dossier: Dossier) -> None:
    chapter = dossier.item(OLD_IDENTITY)["chapter"]
    verifier = account(people, people.verifier)
    set_rate(people, 100)
    set_rate(people, 0, chapter=chapter)
    dossier.find(OLD_IDENTITY)
    assert dossier.tasks("second_reading") == []
    set_rate(people, 100, verifier=verifier)
    dossier.find(OLD_PART)
    assert len(dossier.tasks("second_reading")) == 1
    both = set_rate(people, 0, verifier=verifier, chapter=chapter)
    *_, code, last = dossier.states()
    dossier.find(code)
    assert len(dossier.tasks("second_reading")) == 1
    assert people.lead.send("DELETE", f"/second-reading-rates/{both['id']}").status_code == 204
    if dossier.item(last)["chapter"] == chapter:
        dossier.find(last)
        assert len(dossier.tasks("second_reading")) == 2


def test_a_rate_is_set_again_and_keeps_its_seed(people: People, dossier: Dossier) -> None:
    first = set_rate(people, 10, chapter="INS")
    again = set_rate(people, 20, chapter="INS")
    assert again == {**first, "rate": 20}
    assert len(first["seed"]) == 32
    assert set_rate(people, 20, chapter="INS", seed="2026")["seed"] == "2026"
    assert [one["rate"] for one in people.lead.every("/second-reading-rates")] == [20]


@pytest.mark.parametrize("rate", [-1, 101, 12.5, None])
def test_a_rate_is_a_percentage(people: People, rate: Any) -> None:
    people.lead.refused(422, "PUT", "/second-reading-rates", json={"rate": rate})


def test_a_rate_names_a_verifier(people: People) -> None:
    people.lead.refused(404, "PUT", "/second-reading-rates", json={"rate": 5, "verifier": str(UUID(int=7))})
    people.lead.refused(404, "DELETE", f"/second-reading-rates/{UUID(int=7)}")


def test_a_waiting_reading_is_one_of_its_reader_s(people: People, dossier: Dossier) -> None:
    """The database itself refuses a reader who would read twice."""
    set_rate(people)
    dossier.find(OLD_IDENTITY)
    second = UUID(second_task(dossier)["id"])
    with people.parts.sessions() as session:
        first = session.scalars(sa.select(Reading)).one()
        again = {
            column.key: getattr(first, column.key) for column in sa.inspect(Reading).mapper.column_attrs
        } | {"id": new_id(), "task_id": second, "round": 2}
        with pytest.raises(sa.exc.IntegrityError, match="uq_reading_waiting"):
            session.execute(sa.insert(Reading).values(again))


def test_a_first_reading_says_that_it_waits_for_the_second(
    people: People, dossier: Dossier, colleague: Client
) -> None:
    code = next(iter(dossier.states()))
    assert not dossier.item(code)["awaits_second_reading"]
    set_rate(people)
    assert dossier.find(code)["awaits_second_reading"]
    assert dossier.item(code)["awaits_second_reading"]
    assert not dossier.find(code, verifier=colleague)["awaits_second_reading"]
    assert not dossier.item(code)["awaits_second_reading"]
