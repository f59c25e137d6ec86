"""What is late, or will soon be, in all the queues together."""

from collections.abc import Iterator
from typing import Any

import pytest

from referencing.base.permissions import Role
from tests.builders import statements
from tests.candidatures.dossiers import CNDA, OLD_IDENTITY, Dossier, People
from tests.candidatures.running import Running
from tests.clients import Client
from tests.conftest import Time
from tests.reviews.queues.test_equivalence_tasks import after_the_first


@pytest.fixture
def second(running: Running) -> Iterator[Dossier]:
    """Proofs to review, and a reuse to confirm."""
    with running.after(after_the_first) as (_, (dossier,)):
        yield dossier


def tasks(client: Client, query: str = "") -> list[Any]:
    return list(client.every(f"/tasks{query}"))


def lines(client: Client, query: str = "") -> list[tuple[str, str | None, int, str | None]]:
    return [
        (one["queue"], one["code"], one["working_days_left"], one["warning"]) for one in tasks(client, query)
    ]


def test_it_goes_over_all_queues_the_least_days_left_first(second: Dossier, time: Time) -> None:
    people = second.people
    people.lead.put("/budgets/equivalence", {"days": 4})
    time.pass_days(1)
    people.submitted("LGC-V2")
    time.pass_days(1)
    found = tasks(people.verifier)
    left = [one["working_days_left"] for one in found]
    assert left == sorted(left)
    assert found[0]["code"] == CNDA
    assert {one["queue"] for one in found} == {"admissibility", "proof_review", "equivalence"}
    assert tasks(people.verifier, "?limit=2") == found
    assert [one["working_days_left"] for one in found if one["queue"] == "admissibility"] == [14]


def test_a_boost_moves_nothing_in_it(people: People, dossier: Dossier, time: Time) -> None:
    time.pass_days(1)
    later = people.in_review("LGC-V1")
    words = {"candidature": later.id, "reason": "Comité", "ends_on": "2026-12-31"}
    people.lead.post("/boosts", words)
    assert [one["candidature"] for one in tasks(people.lead)] == [dossier.id] * 4 + [later.id] * 4
    assert [one["candidature"] for one in people.lead.get("/queues/proof_review/tasks")["items"][:4]] == [
        later.id
    ] * 4


def test_it_is_narrowed_down_to_what_is_late_or_soon_due(second: Dossier, time: Time) -> None:
    people = second.people
    people.lead.put("/budgets/equivalence", {"days": 1})
    people.lead.put("/budgets/proof_review", {"days": 5})
    time.pass_days(2)
    assert lines(people.lead, "?due=overdue") == [("equivalence", CNDA, -1, "overdue")]
    assert {(queue, left, warning) for queue, _, left, warning in lines(people.lead, "?due=5")} == {
        ("equivalence", -1, "overdue"),
        ("proof_review", 3, "soon"),
    }
    assert lines(people.lead, "?due=2") == lines(people.lead, "?due=overdue")
    assert lines(people.lead, "?due=5&queue=equivalence") == [("equivalence", CNDA, -1, "overdue")]
    assert lines(people.lead, "?due=overdue&queue=proof_review") == []


def test_it_is_narrowed_down_to_a_chapter_or_a_couloir(people: People, dossier: Dossier) -> None:
    chapter = dossier.item(OLD_IDENTITY)["chapter"]
    chapters = {one["chapter"] for one in tasks(people.lead)}
    assert len(chapters) > 1
    assert {one["chapter"] for one in tasks(people.lead, f"?chapter={chapter}")} == {chapter}
    assert tasks(people.lead, "?chapter=Nulle%20part") == []
    assert tasks(people.lead, "?couloir=Médecine%20de%20ville") == tasks(people.lead)
    assert tasks(people.lead, "?couloir=Hôpital&limit=1") == []
    people.lead.refused(422, "GET", "/tasks?queue=ailleurs")
    people.lead.refused(400, "GET", "/tasks?cursor=nimporte")


def test_what_is_done_withdrawn_or_waits_for_a_third_party_is_not_late(
    people: People, dossier: Dossier, time: Time
) -> None:
    done, waiting, *late = dossier.states()
    time.pass_days(40)
    dossier.find(done)
    words = {"party": "CNDA", "reason": "Homologation.", "expected_on": "2026-05-01"}
    people.lead.post(f"/tasks/{dossier.task(waiting)}/third-party", words)
    assert sorted(one["code"] for one in tasks(people.lead, "?due=overdue")) == sorted(late)
    dossier.withdraw()
    assert tasks(people.lead) == []


def test_it_is_for_who_reads_the_queues(people: People, dossier: Dossier) -> None:
    for role in Role:
        if role in {Role.VERIFIER, Role.LEAD}:
            assert len(tasks(people(role))) == 4
        else:
            people(role).refused(403, "GET", "/tasks")


def test_what_one_has_in_hand_and_what_a_colleague_has(people: People, dossier: Dossier) -> None:
    mine = people.verifier.post("/claims")
    colleague = people(Role.VERIFIER, "Voisin")
    theirs = [colleague.post("/claims", {"another": True})["id"] for _ in range(2)]
    assert [one["id"] for one in tasks(people.verifier, "?mine=true")] == [mine["id"]]
    holder = colleague.get("/me")["id"]
    assert [one["id"] for one in tasks(people.lead, f"?holder={holder}&limit=1")] == theirs
    assert tasks(people.lead, "?mine=true") == []
    for own in ("mine=true", "claimed_by=me"):
        problem = people.lead.refused(422, "GET", f"/tasks?holder={holder}&{own}")
        assert [error["pointer"] for error in problem["errors"]] == ["/query/holder"]


def test_what_is_in_hand_and_what_waits_of_a_dossier_take_as_many_statements_however_many(
    people: People, dossier: Dossier
) -> None:
    holder = people.verifier.get("/me")["id"]
    counts: dict[str, set[int]] = {}
    for taken in (1, 2, 3):
        people.verifier.post("/claims", {"another": True})
        for query in ("?mine=true", f"?holder={holder}", f"?candidature={dossier.id}&limit={taken}"):
            with statements(people.parts.engine) as sent:
                page = people.verifier.get(f"/tasks{query}")
            assert len(page["items"]) == taken
            counts.setdefault(query.partition("&")[0], set()).add(len(sent))
    assert all(len(sent) == 1 and max(sent) <= 6 for sent in counts.values()), counts


def test_what_waits_of_one_dossier(people: People, dossier: Dossier) -> None:
    other = people.in_review("LGC-V1")
    assert {one["candidature"] for one in tasks(people.lead)} == {dossier.id, other.id}
    found = tasks(people.lead, f"?candidature={other.id}&limit=2")
    assert [one["candidature"] for one in found] == [other.id] * 4
