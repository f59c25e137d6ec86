"""Who reads the queues, and who works on what waits in them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from referencing.base.permissions import ROLES, Role
from tests.candidatures.dossiers import People
from tests.candidatures.running import Running

READERS = [Role.VERIFIER, Role.LEAD]
VERIFIERS = [Role.VERIFIER]
LEADS = [Role.LEAD]
JUDGES = [Role.VERIFIER, Role.EXPERT, Role.LEAD, Role.AUDITOR]
EXPERTS = [Role.EXPERT]
ADVISED = [Role.EXPERT, Role.LEAD]
TASK = f"/tasks/{UUID(int=7)}"
QUESTION = {"experts": [str(UUID(int=7))], "question": "Que voit-on ?", "due_on": "2026-12-31"}
NOTHING = str(UUID(int=7))
TASK = f"/tasks/{NOTHING}"
TEMPLATE = f"/comment-templates/{NOTHING}"

#: What can be asked, and by whom; each request is good, so that nothing but the right is at stake.
ACTS: list[tuple[str, str, dict[str, Any], list[Role]]] = [
    ("GET", "/queues", {}, READERS),
    ("GET", "/queues/proof_review/tasks", {}, READERS),
    ("GET", TASK, {}, READERS),
    ("POST", "/queues/proof_review/claims", {}, VERIFIERS),
    ("POST", f"{TASK}/claim", {}, VERIFIERS),
    ("DELETE", f"{TASK}/claim", {}, VERIFIERS),
    ("POST", f"{TASK}/verdict", {"json": {"outcome": "conform"}}, VERIFIERS),
    ("POST", f"{TASK}/takeover", {"json": {"reason": "Urgent."}}, LEADS),
    ("POST", f"{TASK}/verdict/undo", {"json": {"reason": "Mauvais fichier."}}, VERIFIERS),
    ("GET", "/comment-templates", {}, READERS),
    ("POST", "/comment-templates", {"json": {"title": "Merci", "text": "Vu."}}, LEADS),
    ("GET", TEMPLATE, {}, READERS),
    ("PATCH", TEMPLATE, {"json": {"title": "Merci"}, "headers": {"If-Match": '"1"'}}, LEADS),
    ("DELETE", TEMPLATE, {"headers": {"If-Match": '"1"'}}, LEADS),
    ("POST", "/bulk/assignments", {"json": {"tasks": [NOTHING], "verifier": NOTHING}}, LEADS),
    ("POST", "/bulk/boosts", {"json": {"boosts": [{"reason": "Comité", "ends_on": "2026-03-02"}]}}, LEADS),
    ("POST", "/bulk/admissibility", {"json": {"candidatures": [NOTHING], "outcome": "incomplete"}}, LEADS),
    ("GET", "/budgets", {}, READERS),
    ("PUT", "/budgets/none", {"json": {"days": 15}}, LEADS),
    ("GET", "/boosts", {}, READERS),
    ("POST", "/boosts", {"json": {"reason": "Comité", "ends_on": "2026-03-02"}}, LEADS),
    ("DELETE", f"/boosts/{UUID(int=7)}", {}, LEADS),
    ("GET", "/verifiers", {}, LEADS),
    ("PUT", f"/verifiers/{UUID(int=7)}/skills", {"json": {}}, LEADS),
    ("GET", "/conflicts", {}, JUDGES),
    ("POST", "/conflicts", {"json": {"organisation": "Personne"}}, JUDGES),
    ("DELETE", f"/conflicts/{UUID(int=7)}", {}, JUDGES),
    (
        "POST",
        f"/conflicts/{UUID(int=7)}/reading",
        {"json": {"reason": "Audit"}},
        [Role.LEAD, Role.AUDITOR],
    ),
    ("GET", "/absences", {}, READERS),
    ("POST", "/absences", {"json": {"starts_on": "2026-01-01", "ends_on": "2026-01-02"}}, READERS),
    ("DELETE", f"/absences/{UUID(int=7)}", {}, READERS),
    ("GET", "/second-reading-rates", {}, LEADS),
    ("PUT", "/second-reading-rates", {"json": {"rate": 5, "verifier": str(UUID(int=7))}}, LEADS),
    ("DELETE", f"/second-reading-rates/{UUID(int=7)}", {}, LEADS),
    ("GET", "/second-readings", {}, LEADS),
    ("GET", "/second-readings/agreement", {}, LEADS),
    ("GET", f"/second-readings/{UUID(int=7)}", {}, LEADS),
    ("POST", f"/second-readings/{UUID(int=7)}/verdict", {"json": {"outcome": "conform"}}, LEADS),
    ("GET", "/experts", {}, READERS),
    ("POST", f"{TASK}/opinions", {"json": QUESTION}, VERIFIERS),
    ("GET", "/opinions", {}, ADVISED),
    ("GET", f"/opinions/{UUID(int=7)}", {}, ADVISED),
    ("POST", f"/opinions/{UUID(int=7)}/answer", {"json": {"opinion": "Oui."}}, EXPERTS),
    ("POST", f"/opinions/{UUID(int=7)}/refusal", {"json": {"reason": "Non."}}, EXPERTS),
]


@pytest.fixture(scope="module")
def people(running: Running) -> Iterator[People]:
    """One database for all: nothing is changed in it."""
    with running.after() as (people, _):
        yield people


@pytest.mark.parametrize(
    ("method", "path", "body", "whose", "role"),
    [(*act, role) for act in ACTS for role in Role if role not in act[3]],
)
def test_the_others_are_refused_and_told_whose_it_is(
    people: People, method: str, path: str, body: dict[str, Any], whose: list[Role], role: Role
) -> None:
    problem = people(role).refused(403, method, path, **body)
    assert ", ".join(sorted(ROLES[one] for one in whose)) in problem["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body", "role"), [(*act[:3], role) for act in ACTS for role in act[3]]
)
def test_those_whose_it_is_are_answered(
    people: People, method: str, path: str, body: dict[str, Any], role: Role
) -> None:
    assert people(role).send(method, path, **body).status_code in {200, 201, 204, 404, 422}
