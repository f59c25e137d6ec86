"""Who tries keys that are none is slowed down, and nobody asks more often than their share."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import pytest
from flask import Flask

from referencing.base.permissions import Actor, Role
from referencing.web.rates import FROM_PLACE, FROM_PLACE_WITH_PREFIX, WITH_PREFIX, Rates, Share, Window
from tests.clients import Client
from tests.conftest import Keys, parts

#: In the middle of a minute, so that no count ends while a test counts.
MOMENT = 1_000_000_030.0
HERE = {"REMOTE_ADDR": "192.0.2.1"}
ELSEWHERE = {"REMOTE_ADDR": "198.51.100.7"}


@pytest.fixture(autouse=True)
def own_rates(app: Flask) -> Iterator[None]:
    """Nothing counted by another test."""
    whole = parts(app)
    app.extensions["referencing"] = replace(
        whole, rates=Rates(account=3, organisation=5, window=Window(lambda: MOMENT))
    )
    yield
    app.extensions["referencing"] = whole


def status(app: Flask, key: str, place: dict[str, str] = HERE) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    return app.test_client().get("/api/v1/me", headers=headers, environ_base=place).status_code


def test_a_key_that_is_none_is_refused_more_and_more_slowly(app: Flask, key_of: Keys) -> None:
    good = key_of(Role.LEAD)
    tried = [status(app, "ref_expired_key") for _ in range(FROM_PLACE_WITH_PREFIX + 5)]
    assert tried == [401] * FROM_PLACE_WITH_PREFIX + [429] * 5
    assert status(app, good) == 200, "others at the same place go on"
    assert status(app, "ref_expired_key", ELSEWHERE) == 401


def test_who_tries_many_keys_is_told_to_come_back(app: Flask) -> None:
    tried = [status(app, f"ref_{number:06}x") for number in range(FROM_PLACE + 5)]
    assert tried == [401] * FROM_PLACE + [429] * 5
    refused = app.test_client().get(
        "/api/v1/me", headers={"Authorization": "Bearer ref_another"}, environ_base=HERE
    )
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.content_type == "application/problem+json"


def test_keys_that_begin_alike_are_counted_wherever_they_come_from(app: Flask) -> None:
    tried = [
        status(app, f"ref_abcdef{number}", {"REMOTE_ADDR": f"192.0.2.{number}"})
        for number in range(WITH_PREFIX + 1)
    ]
    assert tried == [401] * WITH_PREFIX + [429]


def test_the_form_for_a_key_counts_as_well(app: Flask) -> None:
    browser = app.test_client()
    for _ in range(FROM_PLACE_WITH_PREFIX):
        typed = browser.post(
            "/connexion",
            data={"key": "ref_wrong"},
            headers={"Origin": "http://localhost"},
            environ_base=HERE,
        )
        assert typed.status_code == 401
    typed = browser.post(
        "/connexion", data={"key": "ref_wrong"}, headers={"Origin": "http://localhost"}, environ_base=HERE
    )
    assert typed.status_code == 429


def test_an_account_is_told_what_is_left_and_when_it_may_come_back(app: Flask, key_of: Keys) -> None:
    client = Client(app.test_client(), key_of(Role.LEAD))
    first = client.send("GET", "/me")
    assert first.headers["RateLimit-Policy"] == '"account";q=3;w=60'
    assert first.headers["RateLimit"].startswith('"account";r=2;t=')
    client.send("GET", "/me")
    client.send("GET", "/me")
    refused = client.send("GET", "/me")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit"].startswith('"account";r=0;t=')


def test_an_organisation_has_a_share_of_its_own(app: Flask, key_of: Keys) -> None:
    first, second = (
        Client(app.test_client(), key_of(Role.EDITOR, name=name)) for name in ("Camille", "Dominique")
    )
    other = Client(app.test_client(), key_of(Role.EDITOR, organisation="Autre"))
    told = first.send("GET", "/me").headers["RateLimit"]
    assert '"account";r=2' in told
    assert '"organisation";r=4' in told
    for client in (first, first, second, second):
        assert client.send("GET", "/me").status_code == 200
    assert second.send("GET", "/me").status_code == 429
    assert other.send("GET", "/me").status_code == 200


def test_without_a_limit_nothing_is_counted() -> None:
    rates = Rates(account=0, organisation=0)
    actor = Actor(uuid4(), "Camille", Role.LEAD, None)
    assert [rates.count_request(actor) for _ in range(50)] == [{}] * 50


def test_a_share_comes_back_little_by_little_and_never_twice_within_a_minute() -> None:
    moment = [60_000.0]
    window = Window(lambda: moment[0])
    assert [window.count(10, "a").allowed for _ in range(12)] == [True] * 10 + [False] * 2
    assert window.count(10, "b").left == 9
    moment[0] += 60
    assert not window.count(10, "a").allowed, "a moment later it is another minute, and the same rate"
    moment[0] += 30
    assert [window.count(10, "a").allowed for _ in range(7)] == [True] * 5 + [False] * 2
    moment[0] += 600
    assert window.count(10, "a") == Share(allowed=True, left=9, seconds=30)


def test_threads_together_are_given_the_share_once() -> None:
    window = Window(lambda: MOMENT)
    with ThreadPoolExecutor(16) as threads:
        shares = list(threads.map(lambda _: window.count(500, "a"), range(2000)))
    assert sum(share.allowed for share in shares) == 500
