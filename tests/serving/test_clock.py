"""What a server is given as its clock, jobs go by as well as requests."""

from pathlib import Path

import sqlalchemy as sa

from referencing import worker
from referencing.base import db
from referencing.config import Settings
from referencing.observed.meters import Meters
from tests.conftest import Time


def test_jobs_go_by_the_clock_of_the_server(database: sa.URL, tmp_path: Path, time: Time) -> None:
    address = database.set(drivername="postgresql").render_as_string(hide_password=False)
    runner = worker.start(Settings(data=tmp_path, database_url=address), Meters(), time)
    try:
        with db.transaction(runner.runner.sessions) as session:
            assert db.now(session) == time.now
    finally:
        runner.stop()
        runner.runner.sessions.kw["bind"].dispose()
