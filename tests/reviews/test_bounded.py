"""What a verifier or a lead opens is read in as many statements, however much there is of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from referencing.base.permissions import Role
from tests.builders import statements
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running
from tests.reviews.conftest import in_review

LISTS = [
    "/queues",
    "/queues/proof_review/tasks",
    "/queues/proof_review/tasks?due=5",
    "/tasks",
    "/tasks?due=5&couloir=M%C3%A9decine%20de%20ville",
    "/third-party-waits",
    "/budgets",
    "/boosts",
    "/verifiers",
    "/conflicts",
    "/absences",
    "/comment-templates",
]


def fill(people: People, round_: int) -> None:
    """Two dossiers of two organisations, one of them boosted; two verifiers, one of them away, one with a conflict."""
    for dossier in (people.in_review("LGC-V1"), people.in_review("LGC-V2")):
        words: dict[str, Any] = {"candidature": dossier.id, "reason": "Comité", "ends_on": "2026-12-31"}
        people.lead.post("/boosts", words)
    for queue in ("proof_review", "equivalence")[:round_]:
        people.lead.put(f"/budgets/{queue}", {"days": 4})
    people.lead.post("/comment-templates", {"title": f"Modèle {round_}", "text": "Vu."})
    for name in ("Colin", "Colette"):
        verifier = people(Role.VERIFIER, f"{name} {round_}")
        verifier.post("/queues/proof_review/claims")
    task = verifier.post("/queues/proof_review/claims", {"another": True})["id"]
    words = {"party": "CNDA", "reason": "Homologation.", "expected_on": "2026-03-06"}
    verifier.post(f"/tasks/{task}/third-party", words)
    verifier.post("/conflicts", {"organisation": "Éditions Alizé"})
    verifier.post("/absences", {"starts_on": "2026-03-02", "ends_on": "2026-03-06"})


@pytest.fixture(scope="module")
def readings(running: Running) -> Mapping[str, Sequence[tuple[int, int]]]:
    """Of each list, filled once and then twice: how many items it has and how many statements read it."""
    counted: dict[str, list[tuple[int, int]]] = {path: [] for path in LISTS}
    with running.after(in_review) as (people, _):
        for round_ in (1, 2):
            fill(people, round_)
            for path in LISTS:
                people.lead.get(path)
                with statements(people.parts.engine) as sent:
                    items = people.lead.get(path)["items"]
                counted[path].append((len(items), len(sent)))
    return counted


@pytest.mark.parametrize("path", LISTS)
def test_a_longer_list_is_read_in_as_many_statements(
    readings: Mapping[str, Sequence[tuple[int, int]]], path: str
) -> None:
    (few, sent_for_few), (many, sent_for_many) = readings[path]
    assert many > few or path == "/queues"
    assert sent_for_many == sent_for_few <= 6


def test_a_task_is_read_in_as_many_statements_whatever_its_dossier(people: People, dossier: Dossier) -> None:
    read = []
    for round_ in (1, 2):
        fill(people, round_)
        task = people.lead.get("/queues/proof_review/tasks")["items"][0]
        with statements(people.parts.engine) as sent:
            people.lead.get(f"/tasks/{task['id']}")
        read.append(len(sent))
    assert read[0] == read[1]
