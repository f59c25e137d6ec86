"""What every command of the command line works with: its errors in one line, the settings, a transaction."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from referencing.config import Settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session  # the pure commands start without it

    from referencing.base.db import Sessions  # the pure commands start without it


class Commands(click.Group):
    """Click's, but an error is one line: no reminder of the usage before it, no line break in it."""

    def main(self, *args: Any, **options: Any) -> Any:
        try:
            sys.exit(super().main(*args, **{**options, "standalone_mode": False}))
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.ClickException as error:
            click.echo(f"Error: {' '.join(error.format_message().split())}", err=True)
            sys.exit(error.exit_code)
        except click.Abort:
            sys.exit(1)


@contextmanager
def settings_given() -> Iterator[Settings]:
    """What the environment says; what it names and cannot be had ends the command with a line that says why."""
    import psycopg  # noqa: PLC0415 - the pure commands start without a database
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from referencing.checking import problems_of  # noqa: PLC0415 - the pure commands start without the parts

    settings, problems = Settings.read(os.environ)
    problems += problems_of(settings)
    if problems:
        raise click.ClickException("; ".join(problems))
    try:
        yield settings
    except (SQLAlchemyError, psycopg.Error, OSError, ValueError) as error:
        raise click.ClickException(str(error).partition("\n")[0]) from error


@contextmanager
def sessions_given() -> Iterator[tuple[Settings, "Sessions"]]:
    """The settings, and sessions on their database, migrated; what the domain refuses ends the command with a line."""
    from referencing.base.errors import DomainError  # noqa: PLC0415 - the pure commands start without a database

    from . import registers  # noqa: PLC0415 - the pure commands start without a database
    from .base import db  # noqa: PLC0415 - the pure commands start without a database

    with settings_given() as settings:
        url = db.migrated_url(settings)
        registers.tables()  # the ORM finds a foreign key's table only where it is known
        engine = db.connect(url)
        try:
            yield settings, db.sessions(engine)
        except DomainError as error:
            raise click.ClickException(error.detail) from error
        finally:
            engine.dispose()


@contextmanager
def database() -> Iterator["Session"]:
    """One transaction on the database of the settings, migrated."""
    from .base import db  # noqa: PLC0415 - the pure commands start without a database

    with sessions_given() as (_, sessions), db.transaction(sessions) as session:
        yield session
