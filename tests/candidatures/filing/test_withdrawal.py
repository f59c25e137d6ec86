"""Taking a dossier back: from any open state, leaving no work behind and keeping what was verified."""

from collections.abc import Callable

import pytest

from tests.candidatures.dossiers import GENERAL, IDENTITY, MAIL, OLD_IDENTITY, Dossier, People
from tests.clients import form


def incomplete(people: People) -> Dossier:
    dossier = people.submitted()
    dossier.judge("incomplete")
    return dossier


OPEN: dict[str, Callable[[People], Dossier]] = {
    "draft": People.draft,
    "submitted": People.submitted,
    "incomplete": incomplete,
    "in_review": People.in_review,
    "deliberation": People.in_deliberation,
}


def work_left(dossier: Dossier) -> list[str]:
    queues = ("admissibility", "proof_review", "equivalence")
    return [task["id"] for queue in queues for task in dossier.tasks(queue)]


@pytest.mark.parametrize("state", OPEN)
def test_an_open_dossier_is_withdrawn_and_leaves_no_work(people: People, state: str) -> None:
    dossier = OPEN[state](people)
    assert dossier.state == state
    withdrawn = dossier.withdraw()
    assert [withdrawn["state"], withdrawn["holder"]] == ["withdrawn", None]
    assert work_left(dossier) == []


def test_what_nobody_has_decided_on_is_dropped_and_the_rest_stays(people: People) -> None:
    dossier = people.in_review()
    dossier.find(IDENTITY)
    dossier.withdraw()
    states = {code: dossier.item(code)["proof"]["state"] for code in GENERAL}
    assert states == {**dict.fromkeys(GENERAL, "dropped"), IDENTITY: "decided"}


def test_what_was_verified_before_serves_the_next_dossier(people: People) -> None:
    solution = people.solution()
    first = people.in_review("LGC-V1", solution)
    first.find(OLD_IDENTITY)
    first.withdraw()
    assert people.draft("LGC-V2", solution).codes("covered") == [IDENTITY]


def test_what_was_waited_for_in_another_dossier_is_asked_for_again(people: People) -> None:
    solution = people.solution()
    first = people.submitted("LGC-V1", solution)
    second = people.draft("LGC-V2", solution)
    assert IDENTITY in second.codes("awaiting")
    first.withdraw()
    assert second.codes("required") == GENERAL


def test_a_verdict_on_a_withdrawn_dossier_comes_too_late(people: People) -> None:
    dossier = people.in_review()
    task = people.verifier.post("/queues/proof_review/claims")
    dossier.withdraw()
    words = {"outcome": "conform", "file_sha256": task["subject"]["proof"]["files"][0]["sha256"]}
    problem = people.verifier.refused(409, "POST", f"/tasks/{task['id']}/verdict", json=words)
    assert "terminée" in problem["detail"]


@pytest.mark.parametrize("outcome", ["referenced", "refused"])
def test_a_decided_dossier_is_not_withdrawn(people: People, outcome: str) -> None:
    dossier = people.in_deliberation("LGC-V1")
    dossier.decide(outcome)
    problem = people.editor.refused(409, "POST", f"{dossier.path}/withdrawal")
    assert "« retirer » n'est pas possible" in problem["detail"]


def test_a_withdrawn_dossier_is_closed_for_good(people: People) -> None:
    dossier = people.draft()
    dossier.withdraw()
    for action in ("withdrawal", "submission"):
        problem = people.editor.refused(409, "POST", f"{dossier.path}/{action}")
        assert problem["detail"].endswith("n'est pas possible.")
    file = form(("preuve.txt", b"trop tard"))
    problem = people.editor.refused(409, "POST", f"{dossier.item_path(MAIL)}/proofs", data=file)
    assert "La candidature est retirée" in problem["detail"]


def test_facts_that_come_later_change_nothing_in_a_withdrawn_dossier(people: People) -> None:
    solution = people.solution()
    dossier = people.draft("LGC-V2", solution)
    dossier.withdraw()
    people.referenced("LGC-V1", solution)
    assert dossier.codes("required") == GENERAL
