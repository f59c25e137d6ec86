"""The record of what happened, on the command line: whether it is whole, and its signed head."""

import sys
from typing import TextIO

import click

from referencing.commands import sessions_given


@click.group()
def journal() -> None:
    """The record of what happened."""


@journal.command("verify")
@click.option(
    "--heads",
    type=click.File("r"),
    help="signed heads that you hold, a line each, as `journal head` prints them; - for standard input",
)
def verify(heads: TextIO | None) -> None:
    """Check that no entry was changed, removed or moved: by the record's own seals, and by the heads that you hold.

    Prints what is wrong, a line each. Whoever can change all of the database can make its own seals anew: only a head
    that was kept elsewhere finds that.
    """
    from referencing.heads.checking import read_heads  # noqa: PLC0415 - the pure commands start without a database
    from referencing.heads.checking import verify as breaches_of  # noqa: PLC0415

    from .base import db  # noqa: PLC0415 - the pure commands start without a database

    with sessions_given() as (_, sessions):
        held = read_heads(heads) if heads else []
        with db.transaction(sessions) as session:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            breaches = [*breaches_of(session, held)]
    for breach in breaches:
        click.echo(f"{breach.stream} #{breach.number}: {breach.detail}", err=True)
    if breaches:
        sys.exit(1)


@journal.command("head")
def head() -> None:
    """Sign what the record is now, have it sent as RECORD_HEADS_TO says, and print it: a line to be kept elsewhere."""
    from referencing.heads.notary import Notary  # noqa: PLC0415 - the pure commands start without a database
    from referencing.heads.signing import sign  # noqa: PLC0415
    from referencing.heads.statements import line_of  # noqa: PLC0415

    from .base import db  # noqa: PLC0415 - the pure commands start without a database

    with sessions_given() as (settings, sessions), db.transaction(sessions) as session:
        click.echo(line_of(sign(session, Notary.of(settings))))
