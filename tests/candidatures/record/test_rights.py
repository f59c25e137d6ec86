"""Who may do what to a dossier: every other role is refused, and told whose it is to do."""

from typing import Any

import pytest

from referencing.base.permissions import ROLES, Role
from tests.candidatures.dossiers import MAIL, Dossier, People
from tests.clients import form

EDITORS = [Role.EDITOR]
SUPPLIERS = [Role.EDITOR, Role.INTEGRATION]
LEADS = [Role.LEAD]
READERS: list[Role] = [role for role in Role if role is not Role.CATALOGUE]
FOLLOWERS: list[Role] = [role for role in READERS if role is not Role.INTEGRATION]

#: What can be asked of a dossier, and of whom.
ACTS: dict[str, tuple[str, str, dict[str, Any], list[Role]]] = {
    "read": ("GET", "", {}, READERS),
    "read its items": ("GET", "/items", {}, READERS),
    "read an item": ("GET", "/items/{item}", {}, READERS),
    "read its timeline": ("GET", "/timeline", {}, FOLLOWERS),
    "read its equivalence": ("GET", "/equivalence", {}, FOLLOWERS),
    "supply": ("POST", "/items/{item}/proofs", {"file": True}, SUPPLIERS),
    "claim": ("POST", "/items/{item}/not-applicable", {"json": {"reason": "Sans objet."}}, EDITORS),
    "take back": ("DELETE", "/items/{item}/not-applicable", {}, EDITORS),
    "submit": ("POST", "/submission", {"json": {"incomplete": True}}, EDITORS),
    "take the dossier back": ("POST", "/taking-back", {}, EDITORS),
    "withdraw": ("POST", "/withdrawal", {}, EDITORS),
    "amend": ("PATCH", "", {"json": {}, "headers": {"If-Match": '"1"'}}, EDITORS),
    "judge": ("POST", "/admissibility", {"json": {"outcome": "admissible"}}, LEADS),
    "decide": ("POST", "/decision", {"json": {"outcome": "referenced"}}, LEADS),
}


@pytest.fixture(scope="module")
def dossier(people: People) -> Dossier:
    """On which the integration is allowed."""
    drafted = people.draft("LGC-V2")
    drafted.allow(people(Role.INTEGRATION))
    return drafted


def send(dossier: Dossier, role: Role, act: str) -> Any:
    """What that role is answered; the body is good, so that nothing but the right is at stake."""
    method, path, body, _ = ACTS[act]
    options = {"data": form(("preuve.txt", b"le rapport"))} if "file" in body else body
    item = dossier.item(MAIL)["id"]
    return dossier.people(role).send(method, dossier.path + path.format(item=item), **options)


@pytest.mark.parametrize(
    ("act", "role"), [(act, role) for act, (*_, may) in ACTS.items() for role in Role if role not in may]
)
def test_the_others_are_refused_and_told_whose_it_is(dossier: Dossier, act: str, role: Role) -> None:
    before = dossier.read(), dossier.states()
    response = send(dossier, role, act)
    assert response.status_code == 403
    assert all(ROLES[allowed] in response.json["detail"] for allowed in ACTS[act][3])
    assert (dossier.read(), dossier.states()) == before


@pytest.mark.parametrize(("act", "role"), [(act, role) for act, (*_, may) in ACTS.items() for role in may])
def test_those_whose_it_is_are_not(people: People, dossier: Dossier, act: str, role: Role) -> None:
    hidden = role not in {Role.EDITOR, Role.INTEGRATION}  # a draft is its editor's
    assert send(dossier, role, act).status_code in {200, 201, 409} | ({404} if hidden else set())


@pytest.mark.parametrize("act", ACTS)
def test_nobody_does_anything_without_a_key(people: People, dossier: Dossier, act: str) -> None:
    method, path, _, _ = ACTS[act]
    response = people.editor.http.open(f"/api/v1{dossier.path}{path.format(item='0')}", method=method)
    assert response.status_code == 401


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.EDITOR])
def test_editors_alone_draft(people: People, dossier: Dossier, role: Role) -> None:
    asked = {"dsr": "LGC-V2", "solution": dossier.read()["solution"], "software_version": "1"}
    problem = people(role).refused(403, "POST", "/candidatures", json=asked)
    assert "éditeur" in problem["detail"]


@pytest.mark.parametrize(
    ("method", "below", "body"),
    [
        ("POST", "/submission", {}),
        ("POST", "/taking-back", {}),
        ("POST", "/withdrawal", {}),
        ("POST", "/items/x/not-applicable", {"json": {"reason": "Sans objet."}}),
    ],
)
def test_an_editor_of_another_organisation_does_not_know_of_it(
    dossier: Dossier, method: str, below: str, body: dict[str, Any]
) -> None:
    rival = dossier.people(Role.EDITOR, organisation="Logiciels Mistral")
    rival.refused(404, method, f"{dossier.path}{below}", **body)
