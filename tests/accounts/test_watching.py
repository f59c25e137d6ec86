"""Streams are let go of whose account, key or session is gone, and of whom something was taken from."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from referencing.accounts.keys.models import AccountKey
from referencing.accounts.watching_queries import to_be_asked_again
from referencing.base import db
from referencing.base.permissions import Entrance, Role
from tests.accounts.test_sessions import browser, is_in, new_key
from tests.builders import ALIZE, somebody, statements
from tests.clients import Client
from tests.conftest import parts


def by_key(client: Client, key: str) -> Entrance:
    return Entrance(UUID(client.get("/me")["id"]), db.utc_now(), UUID(key))


def asked_again(app: Flask, *entrances: Entrance) -> list[bool]:
    with db.transaction(parts(app).sessions) as session:
        left = to_be_asked_again(session, entrances)
    return [one in left for one in entrances]


def revoked(client: Client, key: str, _: Flask) -> None:
    client.expect(204, client.send("DELETE", f"/me/keys/{key}"))


def expired(_: Client, key: str, app: Flask) -> None:
    passed = sa.update(AccountKey).where(AccountKey.id == UUID(key))
    with db.transaction(parts(app).sessions) as session:
        session.execute(passed.values(expires_at=db.now(session)))


@pytest.mark.parametrize("end", [revoked, expired])
def test_a_key_that_ends_lets_go_of_what_came_in_with_it_alone(
    shared_app: Flask, end: Callable[[Client, str, Flask], None]
) -> None:
    verifier = somebody(shared_app, Role.VERIFIER)
    keys = [new_key(verifier)["id"] for _ in range(2)]
    watching = [by_key(verifier, key) for key in keys]
    assert asked_again(shared_app, *watching) == [False, False]
    end(verifier, keys[0], shared_app)
    assert asked_again(shared_app, *watching) == [True, False]


def test_a_session_that_ends_lets_go_of_its_pages_alone(shared_app: Flask) -> None:
    verifier = somebody(shared_app, Role.VERIFIER)
    assert all(is_in(browser(shared_app, verifier.key)) for _ in range(2))
    sessions = [one["id"] for one in verifier.get("/me/sessions")["items"]]
    account = UUID(verifier.get("/me")["id"])
    watching = [Entrance(account, db.utc_now(), browser=UUID(one)) for one in sessions]
    assert asked_again(shared_app, *watching) == [False, False]
    verifier.expect(204, verifier.send("DELETE", f"/me/sessions/{sessions[0]}"))
    assert asked_again(shared_app, *watching) == [True, False]


def test_a_closed_account_and_a_token_that_is_over_watch_nothing(shared_app: Flask) -> None:
    lead, verifier = somebody(shared_app, Role.LEAD), somebody(shared_app, Role.VERIFIER)
    by_token = Entrance(UUID(verifier.get("/me")["id"]), db.utc_now())
    later = replace(by_token, ends_at=by_token.since + timedelta(minutes=5))
    assert asked_again(shared_app, by_token, later, replace(later, ends_at=by_token.since)) == [
        False,
        False,
        True,
    ]
    lead.post(f"/accounts/{by_token.account}/closing", status=200)
    assert asked_again(shared_app, by_token, later) == [True, True]


def test_who_declares_a_conflict_of_interest_is_asked_again_and_nobody_else(shared_app: Flask) -> None:
    somebody(shared_app, Role.EDITOR, ALIZE)
    verifier, colleague = (somebody(shared_app, Role.VERIFIER) for _ in range(2))
    watching = [by_key(one, new_key(one)["id"]) for one in (verifier, colleague)]
    verifier.post("/conflicts", {"organisation": ALIZE})
    assert asked_again(shared_app, *watching) == [True, False]
    back = replace(watching[0], since=db.utc_now() + timedelta(seconds=10))
    assert asked_again(shared_app, back) == [False], "who came back was asked"


def test_all_who_watch_are_asked_of_in_one_statement(shared_app: Flask) -> None:
    verifier = somebody(shared_app, Role.VERIFIER)
    one = by_key(verifier, new_key(verifier)["id"])
    with db.transaction(parts(shared_app).sessions) as session, statements(parts(shared_app).engine) as sent:
        to_be_asked_again(session, [replace(one, since=one.since + timedelta(n)) for n in range(50)])
    assert len(sent) == 1
