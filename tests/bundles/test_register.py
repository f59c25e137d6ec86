"""The public list of each day as a bundle: sealed by itself, read and checked by anybody."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.bundles.checker import Refused, check
from referencing.bundles.models import Bundle
from referencing.bundles.tasks import seal_days_of_register
from referencing.heads.notary import Notary
from referencing.register.days.signing import sign_days
from tests.bundles.conftest import AGENCY, KEY, sign
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running
from tests.register.conftest import listed

__all__ = ["listed"]

Listed = tuple[People, list[Dossier]]


def days_pass(running: Running, people: People, days: int) -> None:
    running.clock.now += timedelta(days=days)
    with db.transaction(people.parts.sessions) as session:
        sign_days(session, Notary(AGENCY))
        seal_days_of_register(session)


def test_the_list_of_each_day_is_sealed_once_and_checked_by_anybody(running: Running, listed: Listed) -> None:
    people, _ = listed
    day = running.clock.now.date()
    days_pass(running, people, 1)
    days_pass(running, people, 2)
    days_pass(running, people, 0)
    with db.transaction(people.parts.sessions) as session:
        subjects = session.scalars(sa.select(Bundle.subject).order_by(Bundle.position)).all()
    assert subjects == [f"register:{day + timedelta(days=number)}" for number in range(3)]
    sign(people)
    anybody = people.app.test_client()
    answer = anybody.get(f"/api/v1/register/days/{day}/bundle")
    bundle: Any = answer.json
    assert answer.cache_control.public
    assert check(bundle, KEY)
    assert "Liste publique" in bundle["content"]["summary"]
    ((name, written),) = bundle["attached"].items()
    assert written.encode() == anybody.get(f"/api/v1/register/days/{day}/list").data
    with pytest.raises(Refused, match="a une autre empreinte"):
        check({**bundle, "attached": {name: written.replace("Zéphyr", "Zephyr")}}, KEY)
    assert anybody.get("/api/v1/register/days/2030-01-01/bundle").status_code == 404
