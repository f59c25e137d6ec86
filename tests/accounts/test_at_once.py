"""Sixteen threads on keys that are being revoked: a key that is revoked serves nothing that is begun after."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from time import monotonic

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

    def revoke(self, key: str, begun: list[Event], end: Callable[[], object]) -> None:
        try:
            for one in begun:
                assert one.wait(LONG)
            end()
        finally:  # whatever happens, the other threads come to their end
            self.revoked[key] = monotonic()

    def on(
        self, key: str, attempts: Sequence[Callable[[str], bool]], end: Callable[[], object]
    ) -> Iterator[Callable[[], None]]:
        """A thread for each attempt with a key, and one that ends the key's life."""
        begun = [Event() for _ in attempts]
        for event, attempt in zip(begun, attempts, strict=True):
            yield partial(self.until_refused, key, event, attempt)
        yield partial(self.revoke, key, begun, end)

    def came_after(self) -> list[str]:
        """The keys that served something that was begun once they were revoked; each served something before."""
        assert {key for key, _, served in self.tried if served} == set(self.revoked)
        return [key for key, at, served in self.tried if served and at > self.revoked[key]]


def test_a_key_that_is_revoked_serves_nothing_that_is_begun_after(shared_app: Flask) -> None:
    """Nor does a browser that came in with it."""
    owner = somebody(shared_app, Role.VERIFIER)
    attempts = Attempts(shared_app)

    def on_a_new_key() -> Iterator[Callable[[], None]]:
        key = new_key(owner)
        inside = browser(shared_app, key["key"])
        tried = (attempts.sign_in, attempts.read, attempts.make_key, lambda _: is_in(inside))
        revoking = attempts.client(owner.key)
        yield from attempts.on(key["key"], tried, lambda: revoking.send("DELETE", f"/me/keys/{key['id']}"))

    threads = [act for _ in range(4) for act in on_a_new_key()]
    at_once(threads)
    assert len(threads) == 20
    assert attempts.came_after() == []
    assert not any(map(is_in, attempts.browsers))
