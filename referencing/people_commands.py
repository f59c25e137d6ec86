"""What is held about people, on the command line: a copy, an erasure, what goes by age."""

import click

from referencing.base.permissions import Role
from referencing.commands import database, sessions_given

_ROLE = click.option("--role", type=click.Choice([role.value for role in Role]), required=True)


@click.command("copy")
@click.argument("name")
@_ROLE
@click.option("--organisation", help="for the roles editor and integration")
def copy(name: str, role: str, organisation: str | None) -> None:
    """Print what is held about a person as JSON, to be handed to them."""
    from referencing.accounts.operations import account_named  # noqa: PLC0415
    from referencing.journal.operations import SYSTEM, record  # noqa: PLC0415
    from referencing.personal_data.copies import copied  # noqa: PLC0415

    from .base import db  # noqa: PLC0415 - the pure commands start without a database

    with sessions_given() as (settings, sessions):
        with db.transaction(sessions) as session:
            account = account_named(session, name, Role(role), organisation).id
            record(session, SYSTEM, "account.copied", f"account:{account}", {})
        for piece in copied(sessions, account, settings.kept):
            click.echo(piece, nl=False)


@click.command("erase")
@click.argument("name")
@_ROLE
@click.option("--organisation", help="for the role editor")
@click.option("--reason", help="kept in the record: who asked and when, naming nobody")
@click.option("--dry-run", is_flag=True, help="print what would go and what would stay, and do nothing")
def erase(name: str, role: str, organisation: str | None, reason: str | None, *, dry_run: bool) -> None:
    """Erase a person for good: a number takes the place of their name; what they did stays under it.

    Letters and the like go by the jobs of `serve` or `worker`.
    """
    from referencing.accounts.operations import account_named  # noqa: PLC0415
    from referencing.journal.operations import SYSTEM  # noqa: PLC0415
    from referencing.personal_data import erasure, fates  # noqa: PLC0415
    from referencing.personal_data.beyond import BEYOND  # noqa: PLC0415

    from .base import db  # noqa: PLC0415 - the pure commands start without a database

    if not (dry_run or (reason and reason.strip())):
        raise click.ClickException("say why with --reason, or look with --dry-run")
    with sessions_given() as (settings, sessions), db.transaction(sessions) as session:
        account = account_named(session, name, Role(role), organisation)
        if reason is None or dry_run:
            for part in erasure.parts_of(session, account.id, settings.kept):
                rows = "-" if part.rows is None else str(part.rows)
                fate = fates.FATES[part.kind.fate]
                click.echo("\t".join((part.kind.label, fate, rows, part.kind.why, part.kept_for)))
        else:
            click.echo(erasure.erase_account(session, SYSTEM, account, reason.strip()).name)
        for beyond in BEYOND:
            click.echo("\t".join((beyond.label, "hors d'atteinte", "-", beyond.why, beyond.kept_for)))


@click.command("erased")
def erased() -> None:
    """Print the accounts whose persons were erased, an id a line: keep the list apart, `restore` takes it."""
    from referencing.personal_data import queries  # noqa: PLC0415 - the pure commands start without a database

    with database() as session:
        for account in queries.erased(session.connection()):
            click.echo(account)


@click.command("forget")
@click.option("--dry-run", is_flag=True, help="print how much would go, and do nothing")
def forget(*, dry_run: bool) -> None:
    """Let go what has been kept for its time, as the jobs do every half hour; one line a kind: name, rows."""
    from referencing.upkeep import forgetting  # noqa: PLC0415
    from referencing.upkeep.periods import PERIODS  # noqa: PLC0415

    from .base import db  # noqa: PLC0415 - the pure commands start without a database

    with sessions_given() as (settings, sessions):
        for name, period in PERIODS.items():
            with db.transaction(sessions) as session:
                rows = forgetting.count_overdue(session, period, settings.kept.days)
            gone = forgetting.AT_ONCE
            while not dry_run and gone >= forgetting.AT_ONCE:
                with db.transaction(sessions) as session:
                    gone = forgetting.forget(session, period, settings.kept.days)
            click.echo(f"{name}\t{rows}")
