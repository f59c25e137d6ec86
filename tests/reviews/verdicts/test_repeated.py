"""Work whose answer was lost on the way is sent again with its key: it gets the first answer, and is done once."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.candidatures.dossiers import ALIZE, OLD_IDENTITY, Dossier, People, verdict
from tests.clients import Client

KEY = {"Idempotency-Key": "réponse perdue".encode().hex()}

#: Brings a dossier to where the request may be sent: who sends it, its path below /api/v1, and its body.
Ready = tuple[Client, str, Any]


def a_verdict(people: People) -> Ready:
    dossier = people.in_review("LGC-V1")
    task = people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)
    return people.verifier, f"/tasks/{task['id']}/verdict", verdict(task)


def a_verdict_taken_back(people: People) -> Ready:
    dossier = people.in_review("LGC-V1")
    task = dossier.task(OLD_IDENTITY)
    dossier.find(OLD_IDENTITY)
    return people.verifier, f"/tasks/{task}/verdict/undo", {"reason": "Mauvais fichier."}


def a_claim_of_the_next(people: People) -> Ready:
    people.in_review("LGC-V1")
    return people.verifier, "/queues/proof_review/claims", None


def a_claim_of_the_first(people: People) -> Ready:
    people.in_review("LGC-V1")
    return people.verifier, "/claims", None


def a_claim(people: People) -> Ready:
    dossier = people.in_review("LGC-V1")
    return people.verifier, f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", None


def a_submission(people: People) -> Ready:
    dossier = people.draft("LGC-V1")
    dossier.supply_all()
    return people.editor, f"{dossier.path}/submission", None


def a_withdrawal(people: People) -> Ready:
    return people.editor, f"{people.draft('LGC-V1').path}/withdrawal", None


def an_admission(people: People) -> Ready:
    words = {"outcome": "admissible", "comment": ""}
    return people.lead, f"{people.submitted('LGC-V1').path}/admissibility", words


def a_decision(people: People) -> Ready:
    words = {"outcome": "referenced", "comment": "Vu en comité.", "items": []}
    return people.lead, f"{people.in_deliberation('LGC-V1').path}/decision", words


@pytest.mark.parametrize(
    "bring",
    [
        a_verdict,
        a_verdict_taken_back,
        a_claim_of_the_next,
        a_claim_of_the_first,
        a_claim,
        a_submission,
        a_withdrawal,
        an_admission,
        a_decision,
    ],
)
def test_what_is_sent_again_gets_the_first_answer(people: People, bring: Callable[[People], Ready]) -> None:
    sender, path, words = bring(people)
    first, again = (sender.send("POST", path, json=words, headers=KEY) for _ in range(2))
    assert first.status_code in {200, 201}, first.get_data(as_text=True)
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("bring", [a_verdict, a_claim, a_claim_of_the_first])
def test_who_may_not_read_it_any_more_is_given_no_answer_again(
    people: People, bring: Callable[[People], Ready]
) -> None:
    sender, path, words = bring(people)
    assert sender.send("POST", path, json=words, headers=KEY).status_code in {200, 201}
    sender.post("/conflicts", {"organisation": ALIZE})
    refused = sender.refused(403, "POST", path, json=words, headers=KEY)
    assert "conflit d'intérêts" in refused["detail"]


def test_a_verdict_sent_again_is_in_the_timeline_once(people: People, dossier: Dossier) -> None:
    task = people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)
    for _ in range(2):
        people.verifier.post(f"/tasks/{task['id']}/verdict", verdict(task), 200, headers=KEY)
    assert dossier.actions().count("item.find_conform") == 1


def test_a_verdict_sent_again_without_a_key_is_refused(people: People, dossier: Dossier) -> None:
    task = people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)
    path = f"/tasks/{task['id']}/verdict"
    people.verifier.post(path, verdict(task), 200)
    people.verifier.refused(409, "POST", path, json=verdict(task))
