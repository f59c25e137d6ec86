"""What a lead puts first: by any criteria together, until a day, and told with each task."""

from typing import Any

import pytest

from tests.candidatures.dossiers import GENERAL, OLD_CNDA, OLD_IDENTITY, OLD_PART, Dossier, People
from tests.conftest import Time

LAST = "2026-03-10"


def boost(people: People, status: int = 201, **words: Any) -> Any:
    return people.lead.post("/boosts", {"reason": "Comité du mois", "ends_on": LAST, **words}, status)


def listed(people: People) -> list[tuple[str, str]]:
    tasks = people.verifier.get("/queues/proof_review/tasks")["items"]
    return [(task["candidature"], task["code"]) for task in tasks]


@pytest.fixture
def second(people: People, dossier: Dossier, time: Time) -> Dossier:
    """In the other vague, and a day younger: it comes last."""
    time.pass_days(1)
    second = people.in_review("LGC-V2")
    assert [one for one, _ in listed(people)] == [dossier.id] * 4 + [second.id] * 6
    return second


def test_a_boosted_candidature_comes_first(people: People, second: Dossier) -> None:
    boost(people, candidature=second.id)
    assert listed(people)[:6] == [(second.id, code) for code in GENERAL]
    assert people.verifier.post("/queues/proof_review/claims")["candidature"] == second.id


@pytest.mark.parametrize(
    "named", [{"vague": 2}, {"dispositif": "LGC", "vague": 2}, {"queue": "proof_review", "vague": 2}]
)
def test_a_boost_names_what_it_puts_first(people: People, second: Dossier, named: dict[str, Any]) -> None:
    boost(people, **named)
    assert {one for one, _ in listed(people)[:6]} == {second.id}


@pytest.mark.parametrize(("name", "value"), [("dispositif", "RIS"), ("vague", 9)])
def test_a_boost_of_what_no_dsr_has_is_refused(people: People, name: str, value: Any) -> None:
    words = {"reason": "Comité du mois", "ends_on": LAST, name: value}
    (error,) = people.lead.refused(422, "POST", "/boosts", json=words)["errors"]
    assert error["pointer"] == f"/{name}"


def test_a_boost_that_is_given_already_is_not_given_twice(people: People) -> None:
    made = boost(people, vague=2)
    words = {"reason": "Encore", "ends_on": LAST, "vague": 2}
    assert "déjà donnée" in people.lead.refused(409, "POST", "/boosts", json=words)["detail"]
    boost(people, vague=2, weight=2)
    people.lead.send("DELETE", f"/boosts/{made['id']}")
    boost(people, vague=2)


@pytest.mark.parametrize(
    "named",
    [
        {"queue": "equivalence", "vague": 2},
        {"queue": "second_reading", "dispositif": "LGC", "vague": 2},
        {"dispositif": "LGC"},  # all of them
    ],
)
def test_all_that_is_named_must_be_so(
    people: People, dossier: Dossier, second: Dossier, named: dict[str, Any]
) -> None:
    before = listed(people)
    boost(people, **named)
    assert listed(people) == before


def test_a_chapter_is_put_first_across_dossiers(people: People, dossier: Dossier, second: Dossier) -> None:
    boost(people, chapter="DMP")
    assert [code.partition(":")[2].partition("/")[0][:3] for _, code in listed(people)[:2]] == ["DMP", "DMP"]
    assert listed(people)[0] == (dossier.id, OLD_CNDA)  # among boosted tasks, the least days left


def test_the_weightier_boost_comes_first(people: People, dossier: Dossier, second: Dossier) -> None:
    boost(people, vague=2)
    boost(people, chapter="DMP", weight=2, reason="Retard du CNDA")
    first, following, *_ = people.verifier.get("/queues/proof_review/tasks")["items"]
    assert (first["code"], following["candidature"]) == (OLD_CNDA, second.id)
    assert "chapitre DMP, jusqu'au 10 mars 2026 (Retard du CNDA)" in following["order"]


def test_the_order_is_told_with_each_task(people: People, dossier: Dossier, second: Dossier) -> None:
    boost(people, dispositif="LGC", vague=2)
    tasks = people.verifier.get("/queues/proof_review/tasks")["items"]
    assert {task["order"] for task in tasks} == {
        "15 jours ouvrés restants ; priorité : LGC, vague 2, jusqu'au 10 mars 2026 (Comité du mois)",
        "14 jours ouvrés restants",
    }


def test_a_task_that_opens_under_a_boost_has_it(people: People, dossier: Dossier) -> None:
    boost(people, vague=2)
    second = people.in_review("LGC-V2")
    assert listed(people)[0] == (second.id, GENERAL[0])


def test_a_boost_ends_after_its_last_day(
    people: People, dossier: Dossier, second: Dossier, time: Time
) -> None:
    before = listed(people)
    boost(people, vague=2)
    time.pass_days(7)  # its last day
    people.tend()
    assert listed(people)[0] == (second.id, GENERAL[0])
    time.pass_days(1)
    people.tend()
    assert listed(people) == before
    assert people.lead.get("/boosts")["items"] == []


def test_a_boost_is_ended_sooner(people: People, dossier: Dossier, second: Dossier) -> None:
    before = listed(people)
    made = boost(people, vague=2)
    assert people.verifier.get("/boosts")["items"] == [made]
    assert people.lead.send("DELETE", f"/boosts/{made['id']}").status_code == 204
    assert listed(people) == before
    assert people.lead.get("/boosts")["items"] == []
    people.lead.refused(409, "DELETE", f"/boosts/{made['id']}")


def test_pages_follow_the_order_across_boosted_and_other_tasks(
    people: People, dossier: Dossier, second: Dossier
) -> None:
    boost(people, chapter="INS", weight=3)
    boost(people, vague=2)
    whole = listed(people)
    paged = people.verifier.every("/queues/proof_review/tasks?limit=3")
    assert [(task["candidature"], task["code"]) for task in paged] == whole
    assert len(whole) == 10
    assert [code for _, code in whole[:2]] == [OLD_IDENTITY, OLD_PART]


@pytest.mark.parametrize(
    ("words", "pointer"),
    [
        ({"vague": 2, "ends_on": "2026-03-01"}, "/ends_on"),
        ({"candidature": "00000000-0000-0000-0000-000000000007"}, "/candidature"),
        ({"vague": 2, "weight": 0}, "/weight"),
        ({"queue": "reviews"}, "/queue"),
    ],
)
def test_a_boost_that_makes_no_sense_is_pointed_at(
    people: People, words: dict[str, Any], pointer: str
) -> None:
    problem = people.lead.refused(422, "POST", "/boosts", json={"reason": "Comité", "ends_on": LAST, **words})
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_a_boost_names_something(people: People) -> None:
    words = {"reason": "Tout est urgent", "ends_on": LAST}
    assert "une file" in people.lead.refused(422, "POST", "/boosts", json=words)["detail"]


def test_a_cursor_that_was_tampered_with_is_refused(people: People) -> None:
    people.verifier.refused(400, "GET", "/queues/proof_review/tasks?cursor=WyIxIl0")
