"""Two servers and two workers on one database: as one, whatever of them is killed, and when a standby takes over."""

from contextlib import ExitStack
from datetime import UTC, datetime
from random import Random
from time import monotonic, sleep

import psycopg
import pytest
import requests
import sqlalchemy as sa

from referencing import registers
from referencing.accounts.operations import create_account
from referencing.base import db
from referencing.base.permissions import Role
from tests.distributed.fleet import BACK_WITHIN, Fleet
from tests.distributed.kills import strike
from tests.distributed.mix import Mix, all_is_there_once
from tests.serving.conftest import becomes
from tests.serving.test_watchers import marks, sign_in, watch

pytestmark = pytest.mark.services

#: Seconds in which a request is answered, whoever died.
LONGEST = 40.0


def account(fleet: Fleet, role: Role) -> str:
    with db.transaction(db.sessions(fleet.engine)) as session:
        return create_account(session, f"Camille {monotonic()}", role, None)


def signed_in(fleet: Fleet, which: int) -> requests.Session:
    """A lead's browser; cookies are those of 127.0.0.1, whatever the port."""
    browser = requests.Session()
    sign_in(fleet.instances[which].url, browser, account(fleet, Role.LEAD))
    return browser


def test_who_signs_in_at_one_server_is_known_and_signed_out_at_the_other(fleet: Fleet) -> None:
    one, other = (instance.url for instance in fleet.instances)
    with signed_in(fleet, 0) as browser:
        assert browser.get(f"{other}/travail", timeout=20).url == f"{other}/travail"
        kept = browser.cookies.copy()
        here = {"Origin": one, "Sec-Fetch-Site": "same-origin"}
        browser.post(f"{one}/deconnexion", headers=here, timeout=20)
        browser.cookies = kept
        assert "/connexion" in browser.get(f"{other}/travail", timeout=20).url


def test_a_page_from_one_server_hears_of_what_is_done_at_the_other(fleet: Fleet) -> None:
    with ExitStack() as ends:
        browsers = [ends.enter_context(signed_in(fleet, which)) for which in range(2)]
        streams = []
        for browser, instance in zip(browsers, fleet.instances, strict=True):
            streams.append(marks(ends.enter_context(watch(instance.url, browser))))
        before = [next(stream) for stream in streams]
        account(fleet, Role.AUDITOR)
        after = [next(stream) for stream in streams]
    assert not {*before} & {*after}


def test_an_upload_goes_on_at_whichever_server_its_pieces_come_to(mix: Mix) -> None:
    mix.upload()
    assert mix.uploads
    all_is_there_once(mix)


def test_figures_come_from_the_standby_unless_it_is_behind(fleet: Fleet) -> None:
    lead = account(fleet, Role.LEAD)

    def all_name(verifier: str) -> bool:
        """By as many requests as leave out no process."""
        answers = [fleet.get(0, "/api/v1/steering/verifiers", lead).json()["items"] for _ in range(12)]
        return all(verifier in {load["name"] for load in loads} for loads in answers)

    def reads() -> int:
        """Of tables of the standby, which nobody else reads."""
        of = f"host=127.0.0.1 port={fleet.standby.port} dbname=referencing user=referencing"
        counted = "SELECT sum(coalesce(seq_scan, 0) + coalesce(idx_scan, 0)) FROM pg_stat_user_tables"
        with psycopg.connect(of, password=fleet.standby.password) as connection:
            row = connection.execute(counted).fetchone()
            return int(row[0]) if row else 0

    def engage(name: str) -> None:
        with db.transaction(db.sessions(fleet.engine)) as session:
            create_account(session, name, Role.VERIFIER, None)

    before = reads()
    engage("Before")
    becomes(lambda: all_name("Before") and reads() > before, BACK_WITHIN)
    fleet.standby.tell("SELECT pg_wal_replay_pause()")
    try:
        engage("Behind")
        becomes(lambda: all_name("Behind"), BACK_WITHIN)
    finally:
        fleet.standby.tell("SELECT pg_wal_replay_resume()")


def test_what_is_periodic_is_asked_for_once(fleet: Fleet) -> None:
    """Both workers look twice a second."""
    with fleet.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT task, count(*), min(created_at) FROM job GROUP BY task"))
        asked = {task: (times, first) for task, times, first in rows}
    for task, every in registers.periods().items():
        times, first = asked[task]
        assert times <= 1 + (datetime.now(UTC) - first) / every


def test_kills_at_any_moment_lose_nothing_and_repeat_nothing(
    mix: Mix, capsys: pytest.CaptureFixture[str]
) -> None:
    told = strike(mix, 30, Random(16))
    with capsys.disabled():
        print(told)  # noqa: T201 - a figure
    all_is_there_once(mix)


def test_a_standby_takes_over_and_all_go_on_by_themselves(
    fleet: Fleet, mix: Mix, capsys: pytest.CaptureFixture[str]
) -> None:
    processes = [program.process for program in (*fleet.instances, *fleet.workers)]
    with mix.at_work():
        sleep(2)
        began = monotonic()
        fleet.primary.kill()
        fleet.standby.tell("SELECT pg_promote()")
        promoted = monotonic()
        before = [len(each) for each in mix.acknowledged]
        fleet.await_readiness()
        becomes(
            lambda: all(len(now) > then for now, then in zip(mix.acknowledged, before, strict=True)),
            BACK_WITHIN,
        )
        back = monotonic()
    assert all(process is not None and process.poll() is None for process in processes)
    all_is_there_once(mix)
    assert fleet.get(0, "/api/v1/register", "").status_code == 200
    assert mix.longest < LONGEST
    with capsys.disabled():
        print(  # noqa: T201 - figures
            f"\nfailover: promoted after {promoted - began:.1f} s, all go on after {back - began:.1f} s; {mix}"
        )
