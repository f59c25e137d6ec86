"""Browsers' sessions: bound to the key that they began with, listed and ended by their person and who manages them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from referencing.accounts.keys.models import AccountKey
from referencing.base import db
from referencing.base.db import now
from referencing.base.permissions import Role
from tests.builders import somebody, unheard
from tests.clients import Client
from tests.conftest import parts

HOST = "http://127.0.0.1"


@pytest.fixture
def lead(shared_app: Flask) -> Client:
    return somebody(shared_app, Role.LEAD)


@pytest.fixture
def mandataire(lead: Client) -> Client:
    words = {"name": "Inès Morel", "role": "editor", "organisation": f"Éditions {unheard()}"}
    return Client(lead.http, lead.post("/accounts", words)["key"])


def browser(app: Flask, key: str) -> FlaskClient:
    """A browser of its own, which asks to come in with this key."""
    http = app.test_client()
    http.post("/connexion", base_url=HOST, data={"key": key}, headers={"Origin": HOST})
    return http


def is_in(http: FlaskClient) -> bool:
    return http.get("/compte", base_url=HOST).status_code == 200


def new_key(client: Client, **words: Any) -> Any:
    return client.post("/me/keys", {"name": "Poste", **words})


def test_a_session_ends_with_the_key_that_it_began_with(shared_app: Flask, mandataire: Client) -> None:
    lost, kept = new_key(mandataire), new_key(mandataire)
    by_lost, by_kept = browser(shared_app, lost["key"]), browser(shared_app, kept["key"])
    assert is_in(by_lost)
    mandataire.expect(204, mandataire.send("DELETE", f"/me/keys/{lost['id']}"))
    assert (is_in(by_lost), is_in(by_kept)) == (False, True)
    (left,) = mandataire.get("/me/sessions")["items"]
    assert left["key"] == kept["id"]


def test_a_session_stands_no_longer_than_its_key(shared_app: Flask, mandataire: Client) -> None:
    key = new_key(mandataire, last_day="2099-01-30")
    here = browser(shared_app, key["key"])
    assert is_in(here)
    with db.transaction(parts(shared_app).sessions) as session:
        passed = sa.update(AccountKey).where(AccountKey.id == UUID(key["id"])).values(expires_at=now(session))
        session.execute(passed)
    assert not is_in(here)


def test_a_session_says_until_when_it_stands_unused(shared_app: Flask, mandataire: Client) -> None:
    assert is_in(browser(shared_app, mandataire.key))
    (shown,) = mandataire.get("/me/sessions")["items"]
    opened, seen, expires, ends = (
        datetime.fromisoformat(shown[name]) for name in ("opened_at", "seen_at", "expires_at", "ends_at")
    )
    assert expires - seen == timedelta(hours=4)
    assert ends - opened == timedelta(hours=12)


def test_who_manages_a_person_lists_and_ends_their_sessions(
    shared_app: Flask, lead: Client, mandataire: Client
) -> None:
    words = {"name": "Théo Blanc", "role": "editor", "function": "salarie"}
    colleague = mandataire.post("/accounts", words)
    path = f"/accounts/{colleague['id']}/sessions"
    for manager in (mandataire, lead):
        there = browser(shared_app, colleague["key"])
        (shown,) = manager.get(path)["items"]
        manager.expect(204, manager.send("DELETE", f"{path}/{shown['id']}"))
        assert not is_in(there)
        manager.refused(404, "DELETE", f"{path}/{shown['id']}")


def test_nobody_else_does(shared_app: Flask, lead: Client, mandataire: Client) -> None:
    me = mandataire.get("/me")["id"]
    here = browser(shared_app, mandataire.key)
    (shown,) = mandataire.get("/me/sessions")["items"]
    words = {"name": "Ailleurs", "role": "editor", "organisation": f"Autre {unheard()}"}
    stranger = Client(lead.http, lead.post("/accounts", words)["key"])
    stranger.refused(404, "GET", f"/accounts/{me}/sessions")
    stranger.refused(404, "DELETE", f"/accounts/{me}/sessions/{shown['id']}")
    somebody(shared_app, Role.VERIFIER).refused(403, "GET", f"/accounts/{me}/sessions")
    assert is_in(here)


def test_another_function_is_another_session(shared_app: Flask, mandataire: Client) -> None:
    colleague = mandataire.post("/accounts", {"name": "Théo", "role": "editor", "function": "salarie"})
    here = browser(shared_app, colleague["key"])
    mandataire.put(f"/accounts/{colleague['id']}/function", {"function": "representant"})
    assert not is_in(here)
    assert is_in(browser(shared_app, colleague["key"]))
