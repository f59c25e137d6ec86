"""The command line as a person sees it: what it prints and how it ends.

A process of its own takes a second or two to load all that a database needs: a few tests have one, for the way
from the shell, and the others call the command in this process.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from referencing.base import db
from referencing.cli import main
from tests.databases import new_database

COMMAND = Path(sys.executable).with_name("referencing")


@dataclass(frozen=True)
class Run:
    code: int
    out: str
    err: str

    @property
    def refusal(self) -> str:
        """The one line that says why it did not do what it was asked."""
        assert self.code != 0
        assert self.err.startswith("Error: "), self.err
        assert self.err.count("\n") == 1, self.err
        return self.err.removeprefix("Error: ").strip()


Referencing = Callable[..., Run]

NOTHING_SET = dict.fromkeys(("DATABASE_URL", "STORAGE_URL", "BROKER_URL", "CLAMD_URL"))


@pytest.fixture
def referencing() -> Referencing:
    """A command in this process; settings are given by name, and no others are set."""

    def run(*arguments: object, **settings: str) -> Run:
        environment = {**NOTHING_SET, "REFERENCING_DATA": "/nowhere", **settings}
        done = CliRunner().invoke(main, [*map(str, arguments)], env=environment)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        return Run(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def shell() -> Referencing:
    """The same in a process of its own."""

    def run(*arguments: object, **settings: str) -> Run:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "REFERENCING_DATA": "/nowhere",
            **settings,
        }
        command = [str(COMMAND), *map(str, arguments)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        return Run(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def url(server: sa.URL) -> str:
    """A database of their own, which no command has seen yet."""
    made = new_database(server, "commands", template="template1")
    return made.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def on_database(referencing: Referencing, url: str) -> Referencing:
    return lambda *arguments, **settings: referencing(*arguments, **{"DATABASE_URL": url, **settings})


@pytest.fixture
def sessions(url: str) -> Iterator[db.Sessions]:
    """To look at what the commands have done."""
    engine = db.connect(sa.make_url(url).set(drivername="postgresql+psycopg"))
    yield db.sessions(engine)
    engine.dispose()
