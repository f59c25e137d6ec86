"""Two people at the same time: one does it, the other is told; and no list asks more of the database as it grows."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.audits.inquiry import REASON, Inquiry, auditor_of, of
from tests.builders import statements
from tests.candidatures.dossiers import Dossier, People
from tests.clients import Client


def at_once(who: Client, *requests: tuple[str, Any]) -> Sequence[TestResponse]:
    """Each from a client of its own, as from another browser."""

    def send(request: tuple[str, Any]) -> TestResponse:
        path, words = request
        other = Client(who.http.application.test_client(), who.headers["Authorization"].partition(" ")[2])
        return other.send("POST", path, json=words)

    with ThreadPoolExecutor(len(requests)) as people:
        return list(people.map(send, requests))


def one_of(responses: Sequence[TestResponse]) -> None:
    statuses = sorted(one.status_code for one in responses)
    assert statuses[0] in {200, 201}, [one.get_data(as_text=True) for one in responses]
    assert set(statuses[1:]) == {409}


def test_one_audit_is_planned(twice: tuple[People, list[Dossier]]) -> None:
    people, (_, second) = twice
    words = {"candidature": second.id, "reason": REASON}
    one_of(at_once(auditor_of(people), *[("/audits", words)] * 4))


def test_one_plan_is_proposed_and_accepted_once(inquiry: Inquiry) -> None:
    (raised,) = inquiry.notified("majeure")
    words = {"description": "Corriger.", "working_days": 3}
    one_of(at_once(inquiry.editor, *[(f"/nonconformities/{raised['id']}/plans", words)] * 4))
    ((plan,),) = [one["plans"] for one in inquiry.nonconformities()]
    path = f"/action-plans/{plan['id']}"
    one_of(
        at_once(inquiry.auditor, (f"{path}/acceptance", {}), (f"{path}/refusal", {"comment": "Trop peu."}))
    )


def test_a_measure_is_decided_once(inquiry: Inquiry) -> None:
    inquiry.open()
    sanction = inquiry.announce(urgent_reason="Urgent.")
    path, words = f"/sanctions/{sanction['id']}/decision", {"decision": "Vu."}
    asked = [(path, {**words, "outcome": outcome}) for outcome in ("applied", "dropped", "applied")]
    one_of(at_once(inquiry.lead, *asked))
    assert inquiry.told().count("candidature.suspended") <= 1


def test_findings_plans_and_a_revocation_at_once_wait_for_each_other(inquiry: Inquiry) -> None:
    inquiry.open()
    fact = next(one["facts"][0]["verification"] for one in inquiry.sample() if one["facts"])
    revocation = f"/verifications/{fact}/revocation"
    words = {"reason": "Falsifiée.", "audit": inquiry.id}
    digest = inquiry.auditor.post(f"{revocation}?dry_run=true", words, 200)["digest"]
    finding = {"requirement": "INS/va1.01", "severity": "mineure", "description": "Vu."}
    requests: list[tuple[str, Any]] = [(f"{inquiry.path}/nonconformities", finding)] * 6
    requests += [
        (revocation, {**words, "digest": digest}),
        (f"{inquiry.path}/sanctions", {"measure": "suspension", "grounds": "Vu."}),
    ]
    answered = [one.status_code for one in at_once(inquiry.auditor, *requests)]
    assert answered == [201] * 6 + [200, 201]
    assert [one["number"] for one in inquiry.nonconformities()] == [1, 2, 3, 4, 5, 6]


@pytest.fixture
def grown(twice: tuple[People, list[Dossier]]) -> tuple[Inquiry, Callable[[], None]]:
    inquiry = of(twice[1][1], size=1).open()

    def more() -> None:
        there = {one["code"] for one in inquiry.sample()}
        for code in inquiry.dossier.codes("conform"):
            if code not in there:
                inquiry.auditor.post(f"{inquiry.path}/sample", {"item": code, "reason": "Aussi."})
        raised = inquiry.raise_()
        inquiry.find_all()
        if inquiry.auditor.get(inquiry.path)["state"] == "in_progress":
            inquiry.do("notification")
        inquiry.add(inquiry.auditor, ("a.txt", b"texte"), plan=inquiry.propose(raised)["id"])

    return inquiry, more


@pytest.mark.parametrize("part", ["", "/sample", "/nonconformities", "/evidence", "/sanctions", "/draw"])
def test_a_page_takes_as_many_queries_however_long(
    grown: tuple[Inquiry, Callable[[], None]], part: str
) -> None:
    inquiry, more = grown
    counts = []
    more()
    for _ in range(2):
        with statements(inquiry.people.parts.engine) as sent:
            inquiry.auditor.get(f"{inquiry.path}{part}")
        counts.append(len(sent))
        more()
    assert counts[0] == counts[1]
    assert counts[0] <= 6
