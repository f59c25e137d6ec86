"""Whenever it is loaded, something waits: a session that can be opened, readings, opinions, audits."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from demonstration.loading import Accesses, load
from demonstration.scenes import NOTICED, READ_TWICE, latest_start
from referencing.base import db
from referencing.base.db import now
from referencing.base.workdays import is_working_day
from referencing.console.work.desk import desk
from referencing.duo.slots.offers import NOTICE
from tests.clients import Client
from tests.conftest import Time, parts

PARIS = ZoneInfo("Europe/Paris")
HOURS = {
    "an afternoon": datetime(2026, 11, 26, 15, 7, tzinfo=PARIS),
    "a Saturday night": datetime(2026, 11, 28, 23, 30, tzinfo=PARIS),
    "a public holiday": datetime(2027, 5, 6, 11, 0, tzinfo=PARIS),
    "the first minute of a day": datetime(2026, 11, 30, 0, 0, 20, tzinfo=PARIS),
    "the last minute of a day": datetime(2026, 12, 31, 23, 59, 40, tzinfo=PARIS),
    "the hour that comes twice": datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=PARIS),
}


@pytest.fixture
def accesses(app: Flask, time: Time, hour: str) -> Accesses:
    """The cast, where the demonstration was loaded at that hour."""
    time.now = HOURS[hour].astimezone(ZoneInfo("UTC"))
    with db.transaction(parts(app).sessions) as session:
        return load(session, parts(app).vault)


@pytest.fixture
def speaking(app: Flask, accesses: Accesses) -> Callable[[str], Client]:
    """A client for somebody of the cast, by the name of the variable."""
    return lambda variable: Client(app.test_client(), accesses[variable].key)


@pytest.mark.parametrize("hour", HOURS)
def test_all_that_is_to_be_seen_waits(speaking: Callable[[str], Client]) -> None:
    verifier = speaking("VERIFICATEUR")
    (live,) = verifier.get("/duo/sessions")["items"]
    opened = verifier.post(f"/duo/sessions/{live['id']}/opening", status=200)
    assert (opened["phase"], {line["state"] for line in opened["agenda"]}) == ("open", {"planned"})
    assert verifier.post("/queues/second_reading/claims")["code"] == READ_TWICE
    (asked,) = speaking("EXPERT").get("/opinions")["items"]
    assert asked["state"] == "asked"
    audits = speaking("AUDITEUR").get("/audits")["items"]
    assert sorted(audit["state"] for audit in audits) == ["closed", "contradictory"]
    states = {one["state"] for one in speaking("EDITEUR_2").get("/candidatures")["items"]}
    assert states == {"suspended", "in_review", "draft"}


@pytest.mark.parametrize("hour", ["a Saturday night"])
def test_a_session_whose_day_has_passed_stays_on_the_desk(accesses: Accesses, app: Flask) -> None:
    verifier = accesses["VERIFICATEUR"].actor
    with db.transaction(parts(app).sessions) as session:
        (live,) = desk(session, verifier).sessions
        assert live.starts_at.date() < now(session).date()


@pytest.mark.parametrize("moment", HOURS.values(), ids=HOURS)
def test_the_session_began_on_a_working_day_and_was_booked_in_time(moment: datetime) -> None:
    start = latest_start(moment)
    assert start <= moment
    assert is_working_day(start.date())
    assert NOTICED > NOTICE
