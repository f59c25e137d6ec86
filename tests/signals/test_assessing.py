"""An auditor says of each signal whether it is worth following; the author reads that it was, and no more."""

from collections.abc import Callable
from typing import Any

import pytest

from referencing.base.permissions import Role
from tests.clients import Client
from tests.signals.conftest import Anybody

SAID = {"assessment": "Un affichage incomplet de l'identité."}
NOBODY_S = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def auditor(as_: Callable[..., Client]) -> Client:
    return as_(Role.AUDITOR, name="Ada")


@pytest.fixture
def path(anybody: Anybody, auditor: Client) -> str:
    anybody.tell()
    (found,) = auditor.get("/signals")["items"]
    return f"/signals/{found['id']}"


def told(anybody: Anybody, auditor: Client, path: str) -> Any:
    return anybody.status(auditor.get(path)["receipt"]).json


def test_it_is_qualified(anybody: Anybody, auditor: Client, path: str) -> None:
    found = auditor.post(f"{path}/qualification", SAID, 200)
    assert (found["state"], found["assessment"]) == ("qualified", SAID["assessment"])
    status = told(anybody, auditor, path)
    assert status["state"] == "qualified"
    assert SAID["assessment"] not in str(status)


def test_it_is_dismissed_and_may_be_looked_at_again(anybody: Anybody, auditor: Client, path: str) -> None:
    auditor.post(f"{path}/dismissal", SAID, 200)
    assert told(anybody, auditor, path)["state"] == "dismissed"
    again = auditor.post(f"{path}/reopening", {"reason": "Une capture est arrivée."}, 200)
    assert (again["state"], again["assessment"], again["assessed_at"]) == ("received", None, None)


@pytest.mark.parametrize("then", ["qualification", "dismissal"])
def test_the_second_click_finds_it_done(auditor: Client, path: str, then: str) -> None:
    auditor.post(f"{path}/{then}", SAID, 200)
    for other in ("qualification", "dismissal"):
        auditor.refused(409, "POST", f"{path}/{other}", json=SAID)


def test_what_is_not_known_is_not_found(auditor: Client, path: str) -> None:
    auditor.refused(404, "POST", f"/signals/{NOBODY_S}/qualification", json=SAID)
    auditor.refused(404, "POST", f"{path}/qualification", json={**SAID, "candidature": NOBODY_S})
    assert auditor.get(path)["state"] == "received", "nothing of a refused request stays"


def test_they_are_listed_by_state(anybody: Anybody, auditor: Client, path: str) -> None:
    anybody.tell()
    auditor.post(f"{path}/dismissal", SAID, 200)
    assert [f"/signals/{one['id']}" for one in auditor.get("/signals?state=dismissed")["items"]] == [path]
    assert len(auditor.get("/signals?state=received")["items"]) == 1


@pytest.mark.parametrize("role", [Role.LEAD, Role.VERIFIER, Role.EDITOR])
def test_nobody_else_says_so(as_: Callable[..., Client], path: str, role: Role) -> None:
    other = as_(role, name="Autre")
    for verb, words in (("qualification", SAID), ("dismissal", SAID), ("reopening", {"reason": "?"})):
        other.refused(403, "POST", f"{path}/{verb}", json=words)
