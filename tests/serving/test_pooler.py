"""A server whose connections PgBouncer lends it by the transaction: uploads, streams and jobs keep their promises."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import monotonic

import psycopg
import pytest
import requests
import sqlalchemy as sa

from referencing.base.permissions import Role
from referencing.checking import check
from referencing.config import Settings
from tests.databases import new_database, plain
from tests.serving.conftest import Serving, started
from tests.serving.test_processes import jobs_go_on
from tests.serving.test_watchers import marks, open_account, sign_in, watch

pytestmark = pytest.mark.services

#: More than the pooler has connections to lend.
CROWD, REQUESTS = 64, 640
#: Seconds in which a page hears of what happened.
SOON = 3.0


@pytest.fixture(scope="module")
def pooled(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of a database of its own, behind the pooler."""
    place, pooler = (os.environ.get(f"REFERENCING_TEST_{name}_URL") for name in ("DATABASE", "POOLER"))
    if not place or not pooler:
        pytest.skip("no pooler is started")
    direct = new_database(sa.make_url(place), "behind_a_pooler", template="template1")
    through = sa.make_url(pooler).set(database=direct.database)
    folder = tmp_path_factory.mktemp("pooled")
    return Settings(folder, database_url=plain(through), database_direct_url=plain(direct))


@pytest.fixture(scope="module")
def serving(pooled: Settings) -> Iterator[Serving]:
    """Named as the server on the embedded database is, so that what asks for that one asks for this one here."""
    addresses = {"DATABASE_URL": pooled.database_url, "DATABASE_DIRECT_URL": pooled.database_direct_url}
    with started(STOP_GRACE="0", **{name: str(address) for name, address in addresses.items()}) as running:
        yield running


def test_more_clients_than_connections_are_all_answered(serving: Serving) -> None:
    with ThreadPoolExecutor(CROWD) as clients:
        statuses = [*clients.map(lambda _: serving.get("/api/v1/me", 60).status_code, range(REQUESTS))]
    assert set(statuses) == {200}


def test_a_page_hears_at_once_of_what_happens(serving: Serving) -> None:
    with requests.Session() as browser, ExitStack() as ends:
        sign_in(serving.url, browser, open_account(serving, Role.LEAD))
        told = [marks(ends.enter_context(watch(serving.url, browser))) for _ in range(3)]
        before = [next(stream) for stream in told]
        began = monotonic()
        open_account(serving, Role.AUDITOR)
        after = [next(stream) for stream in told]
        assert monotonic() - began < SOON
    assert not {*before} & {*after}


def test_jobs_are_done(serving: Serving) -> None:
    jobs_go_on(serving)


def test_a_check_names_what_the_role_lacks(pooled: Settings, serving: Serving) -> None:
    def pooler() -> tuple[str, str]:
        return next((part.detail, part.advice) for part in check(pooled) if part.part == "pooler")

    assert pooler() == ("answers", "")
    with psycopg.connect(plain(serving.database), autocommit=True) as connection:
        for setting in ("jit = on", "lock_timeout = 0"):
            connection.execute(f"ALTER ROLE CURRENT_USER IN DATABASE behind_a_pooler SET {setting}")
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    detail, advice = pooler()
    assert detail == "lends connections without jit, lock_timeout"
    assert "deploy/pgbouncer/role.sql" in advice
