"""Sixteen threads on keys that are being revoked: a key that is revoked serves nothing that is begun after."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from time import monotonic
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from referencing.base.permissions import Role
from tests.accounts.test_sessions import browser, is_in, new_key
from tests.builders import somebody
from tests.clients import Client
from tests.reviews.test_at_once import at_once

#: Seconds within which a thread has made its first request, on however slow a machine.
LONG = 120


@dataclass
class Attempts:
    """What was tried with each key, from when on, and whether it was served; the browsers that came in."""

    app: Flask
    tried: list[tuple[str, float, bool]] = field(default_factory=list)
    revoked: dict[str, float] = field(default_factory=dict)
    browsers: list[FlaskClient] = field(default_factory=list)

    def client(self, key: str) -> Client:
        return Client(self.app.test_client(), key)

    def sign_in(self, key: str) -> bool:
        here = browser(self.app, key)
        self.browsers.append(here)
        return is_in(here)

    def read(self, key: str) -> bool:
        return self.client(key).send("GET", "/me").status_code == 200

    def make_key(self, key: str) -> bool:
        """A key that it makes is taken back at once: an account has twenty at the most."""
        made = self.client(key).send("POST", "/me/keys", json={"name": "Autre"})
        if made.status_code == 201:
            assert made.json is not None
            self.client(made.json["key"]).send("DELETE", f"/me/keys/{made.json['id']}")
        return made.status_code == 201

    def until_refused(self, key: str, begun: Event, attempt: Callable[[str], bool]) -> None:
        served, revoked = True, False
        while served and not revoked:
            revoked = key in self.revoked  # then this attempt is the last one, whatever it is answered
            begun_at = monotonic()
            served = attempt(key)
            self.tried.append((key, begun_at, served))
            begun.set()

    def revoke(self, owner: str, key: Any, begun: list[Event]) -> None:
        try:
            for one in begun:
                assert one.wait(LONG)
            client = self.client(owner)
            client.expect(204, client.send("DELETE", f"/me/keys/{key['id']}"))
        finally:  # whatever happens, the other threads come to their end
            self.revoked[key["key"]] = monotonic()

    def on(self, owner: str, key: Any) -> Iterator[Callable[[], None]]:
        """Four threads: one signs in with a key, one reads, one makes keys, while one revokes it."""
        begun = [Event() for _ in range(3)]
        for event, attempt in zip(begun, (self.sign_in, self.read, self.make_key), strict=True):
            yield partial(self.until_refused, key["key"], event, attempt)
        yield partial(self.revoke, owner, key, begun)


def test_a_key_that_is_revoked_serves_nothing_that_is_begun_after(shared_app: Flask) -> None:
    owner = somebody(shared_app, Role.VERIFIER)
    attempts = Attempts(shared_app)
    threads = [act for _ in range(4) for act in attempts.on(owner.key, new_key(owner))]
    at_once(threads)
    assert len(threads) == 16
    assert [key for key, at, served in attempts.tried if served and at > attempts.revoked[key]] == []
    assert {key for key, _, served in attempts.tried if served} == set(attempts.revoked)
    assert not any(map(is_in, attempts.browsers))
