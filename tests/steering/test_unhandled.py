"""What waits and no verifier can take, and why: nobody handles it, those who do are barred, or they are away."""

from typing import Any

import pytest

from referencing.base.permissions import Role
from tests.builders import statements
from tests.candidatures.dossiers import ALIZE, OLD_IDENTITY, Dossier, People
from tests.reviews.conftest import dossier, people, time

__all__ = ["dossier", "people", "time"]

UNHANDLED = "/steering/unhandled"
DUE_ON = "2026-03-23"


@pytest.fixture
def vasseur(people: People, dossier: Dossier) -> str:
    """The only verifier there is."""
    return str(people.verifier.get("/me")["id"])


def told(people: People) -> list[tuple[Any, ...]]:
    shown = people.lead.get(UNHANDLED)["items"]
    return [(one["chapter"], one["tasks"], one["hindrance"], one["back_after"]) for one in shown]


def test_nothing_where_a_verifier_handles_everything(people: People, vasseur: str) -> None:
    assert told(people) == []


def test_where_there_is_no_verifier_nobody_handles_anything(people: People, dossier: Dossier) -> None:
    assert sum(one["tasks"] for one in people.lead.get(UNHANDLED)["items"]) == len(
        dossier.tasks("proof_review")
    )


def test_chapters_and_guichets_that_nobody_handles(people: People, vasseur: str) -> None:
    people.lead.put(f"/verifiers/{vasseur}/skills", {"chapters": ["INS"]})
    (of_cnda,) = people.lead.get(UNHANDLED)["items"]
    assert of_cnda == {
        "chapter": "DMP",
        "guichet": "CNDA",
        "hindrance": "nobody",
        "back_after": None,
        "tasks": 1,
        "due_on": DUE_ON,
    }
    people.lead.put(f"/verifiers/{vasseur}/skills", {"guichets": ["CNDA"]})
    assert {(chapter, why) for chapter, _, why, _ in told(people)} == {("INS", "nobody")}


def test_what_somebody_has_in_hand_is_handled(people: People, vasseur: str) -> None:
    people.verifier.post("/queues/proof_review/claims")
    people.lead.put(f"/verifiers/{vasseur}/skills", {"guichets": ["EDC_PSC"]})
    assert sum(tasks for _, tasks, _, _ in told(people)) == 3


def test_who_is_away_is_told_with_their_last_day(people: People, vasseur: str) -> None:
    people.lead.post("/absences", {"verifier": vasseur, "starts_on": "2026-03-02", "ends_on": "2026-03-06"})
    assert {(why, back) for _, _, why, back in told(people)} == {("leave", "2026-03-06")}
    people(Role.VERIFIER, "Colin").get("/queues")
    assert told(people) == []


def test_who_has_a_conflict_of_interest_is_barred(people: People, vasseur: str) -> None:
    people.verifier.post("/conflicts", {"organisation": ALIZE, "reason": "Ancien employeur."})
    assert {(why, back) for _, _, why, back in told(people)} == {("barred", None)}


def test_a_second_reading_is_not_for_who_read_first(people: People, dossier: Dossier, vasseur: str) -> None:
    people.lead.put("/second-reading-rates", {"rate": 100})
    dossier.find(OLD_IDENTITY)
    assert told(people) == [("INS", 1, "barred", None)]
    people(Role.VERIFIER, "Colin").get("/queues")
    assert told(people) == []


def test_only_leads_are_told_in_as_many_statements_however_much_waits(people: People, vasseur: str) -> None:
    for role in Role:
        if role is not Role.LEAD:
            people(role, "Personne").refused(403, "GET", UNHANDLED)
    counts = []
    for name in ("Colin", "Colette"):
        people(Role.VERIFIER, name).get("/queues")
        people.in_review("LGC-V1")
        with statements(people.parts.engine) as sent:
            people.lead.get(UNHANDLED)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 5
