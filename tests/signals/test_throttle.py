"""One place sends so many signals within an hour, whatever the processes; no address is kept to know it."""

import pytest
import sqlalchemy as sa
from flask import Flask

from referencing.app import create_app
from referencing.base import db
from referencing.signals.models import SignalCount, SignalSalt
from referencing.signals.throttle import MOST_FROM_ONE, forget_signal_sources
from referencing.web.places import network_of
from tests.conftest import Time, parts
from tests.signals.conftest import Anybody


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("", "unknown"),
        (None, "unknown"),
        ("pas une adresse", "unknown"),
    ],
)
def test_one_place_is_one_address_or_one_subscriber(address: str | None, network: str) -> None:
    assert network_of(address) == network


def exhaust(anybody: Anybody, address: str = "192.0.2.1") -> None:
    for _ in range(MOST_FROM_ONE):
        assert anybody.send(address=address).status_code == 201


def test_one_place_sends_so_many_and_is_told_when_to_come_back(anybody: Anybody, time: Time) -> None:
    exhaust(anybody)
    refused = anybody.send()
    assert (refused.status_code, refused.content_type) == (429, "application/problem+json")
    assert refused.headers["Retry-After"] == "3601"
    assert anybody.send(address="192.0.2.2").status_code == 201
    time.now = time.now.replace(hour=10)
    assert anybody.send().status_code == 201


def test_two_processes_count_together(app: Flask, anybody: Anybody, time: Time) -> None:
    other = create_app(parts(app).settings, clock=time)
    exhaust(anybody)
    assert Anybody(other.test_client()).send().status_code == 429
    parts(other).engine.dispose()


def test_a_signal_that_is_refused_is_not_counted(anybody: Anybody) -> None:
    for _ in range(MOST_FROM_ONE):
        anybody.send({"solution": "Alizé"})
    assert anybody.send().status_code == 201


def test_the_same_request_again_is_not_counted(anybody: Anybody) -> None:
    sent = [anybody.send(**{"Idempotency-Key": "k"}) for _ in range(MOST_FROM_ONE + 5)]
    assert {one.status_code for one in sent} == {201}


def test_all_places_together_have_a_limit_too(anybody: Anybody, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("referencing.signals.throttle.MOST_FROM_ALL", 3)
    sent = [anybody.send(address=f"192.0.2.{last}").status_code for last in range(1, 5)]
    assert sent == [201, 201, 201, 429]


def test_no_address_is_kept_and_what_is_counted_is_forgotten_with_the_day(
    app: Flask, anybody: Anybody, time: Time
) -> None:
    anybody.send(address="203.0.113.9")
    with db.transaction(parts(app).sessions) as session:
        kept = str(session.execute(sa.text("SELECT * FROM signal NATURAL FULL JOIN signal_count")).all())
        assert "203.0.113" not in kept
        (salt,) = session.scalars(sa.select(SignalSalt.salt))
    time.pass_days(1)
    anybody.send(address="203.0.113.9")
    with db.transaction(parts(app).sessions) as session:
        forget_signal_sources(session)
        (other,) = session.scalars(sa.select(SignalSalt.salt))
        assert other != salt
        assert len(session.scalars(sa.select(SignalCount.source)).all()) == 2, "a source, and all together"


def test_behind_a_proxy_the_place_is_whom_it_speaks_for(app: Flask, time: Time) -> None:
    from dataclasses import replace  # noqa: PLC0415

    behind = create_app(replace(parts(app).settings, proxies=1), clock=time)
    somebody = Anybody(behind.test_client())
    for _ in range(MOST_FROM_ONE):
        assert somebody.send(**{"X-Forwarded-For": "198.51.100.1"}).status_code == 201
    assert somebody.send(**{"X-Forwarded-For": "203.0.113.1, 198.51.100.1"}).status_code == 429, (
        "not invented"
    )
    assert somebody.send(**{"X-Forwarded-For": "198.51.100.2"}).status_code == 201
    parts(behind).engine.dispose()
