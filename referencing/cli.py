"""The command line: exit code 0, or non-zero with one clear line on standard error."""

import gc
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO
from uuid import UUID

import click

from referencing import journal_commands, people_commands
from referencing.base.permissions import Function, Role
from referencing.commands import Commands, database, settings_given

if TYPE_CHECKING:
    import sqlalchemy as sa

    from referencing.backups.contents import Copied
    from storage.port import ObjectStorage


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="segur-referencing", message="referencing %(version)s")
def main() -> None:
    """The référencement of the Ségur: candidatures, proofs, queues, and the reuse of verified proofs."""
    gc.set_threshold(50_000)  # with 700, looking for garbage takes a fifth of what loading takes


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def serve(host: str, port: int) -> None:
    """Serve the API; with nothing configured also the embedded database, the files and the jobs."""
    from referencing.server import serve as run  # noqa: PLC0415

    with settings_given() as settings:
        run(settings, host, port)


@main.command()
def worker() -> None:
    """Perform the jobs, where a broker is configured (BROKER_URL)."""
    from referencing import worker as jobs  # noqa: PLC0415

    with settings_given() as settings:
        if settings.broker_url is None:
            raise click.ClickException(
                "BROKER_URL is not set: `referencing serve` performs the jobs by itself."
            )
        jobs.run(settings)


@main.command("check")
def check_parts() -> None:
    """Try all that is configured: database, files, broker, scanner, mail; say what to do where it fails."""
    from referencing.checking import check  # noqa: PLC0415

    with settings_given() as settings:
        findings = list(check(settings))
    for finding in findings:
        verdict = f"fails: {finding.detail}; {finding.advice}" if finding.advice else f"ok: {finding.detail}"
        click.echo(f"{finding.part} {verdict}")
    if any(finding.advice for finding in findings):
        sys.exit(1)


@main.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the schema to the latest revision."""
    from .base import db as database  # noqa: PLC0415

    with settings_given() as settings:
        database.upgrade(database.direct_url(settings))


@main.group()
def accounts() -> None:
    """Who may use the API."""


_role = click.option("--role", type=click.Choice([role.value for role in Role]), required=True)


@accounts.command("create")
@click.argument("name")
@_role
@click.option("--organisation", help="for the roles editor and integration")
@click.option(
    "--function",
    type=click.Choice([function.value for function in Function]),
    help="of an editor's person; mandataire unless said",
)
def accounts_create(name: str, role: str, organisation: str | None, function: str | None) -> None:
    """Open an account and print its key, which is not shown again."""
    from referencing.accounts.operations import create_account  # noqa: PLC0415

    with database() as session:
        key = create_account(
            session, name, Role(role), organisation, Function(function) if function else None
        )
    click.echo(key)


@accounts.command("list")
@click.option("--closed", is_flag=True, help="those that are closed as well")
def accounts_list(*, closed: bool) -> None:
    """Print the accounts, one a line: role, function, organisation, name, and since when it is closed."""
    from referencing.accounts.queries import every_account  # noqa: PLC0415

    with database() as session:
        for account in every_account(session, closed=closed):
            organisation = account.organisation.name if account.organisation else "agence"
            closing = [f"fermé le {account.disabled_at:%d/%m/%Y}"] if account.disabled_at else []
            words = account.role, account.function or "-", organisation, account.name, *closing
            click.echo("\t".join(words))


@accounts.command("renew")
@click.argument("name")
@_role
@click.option("--organisation", help="for the roles editor and integration")
def accounts_renew(name: str, role: str, organisation: str | None) -> None:
    """Print a new key for an account; the one before stops working at once."""
    from referencing.accounts.operations import renew_key  # noqa: PLC0415

    with database() as session:
        key = renew_key(session, name, Role(role), organisation)
    click.echo(key)


@accounts.command("disable")
@click.argument("name")
@_role
@click.option("--organisation", help="for the roles editor and integration")
def accounts_disable(name: str, role: str, organisation: str | None) -> None:
    """Close an account at once; what it did stays."""
    from referencing.accounts.operations import disable_account  # noqa: PLC0415

    with database() as session:
        disable_account(session, name, Role(role), organisation)


accounts.add_command(people_commands.copy)
accounts.add_command(people_commands.erased)
accounts.add_command(people_commands.erase)
main.add_command(people_commands.forget)


@main.group()
def equivalence() -> None:
    """The reuse of verified proofs."""


@equivalence.command("resolve")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def equivalence_resolve(files: tuple[Path, ...]) -> None:
    """Answer cases (equivalence-case/1): one resolution a line, in the order of the files."""
    from referencing.equivalence.engine.formats import resolve_case  # noqa: PLC0415

    for file in files:
        try:
            case = json.loads(file.read_bytes())
            answer = resolve_case(case)
        except (ValueError, RecursionError) as error:
            raise click.ClickException(f"{file}: {error}") from error
        click.echo(json.dumps(answer, ensure_ascii=False, separators=(",", ":")))


@main.command()
@click.argument("file", type=click.File("rb"))
def clock(file: BinaryIO) -> None:
    """Count working days: one case a line, one answer a line."""
    from referencing.candidatures.clock.cases import answer  # noqa: PLC0415

    for number, line in enumerate(file, start=1):
        if line.strip():
            try:
                click.echo(answer(line.decode()))
            except ValueError as error:
                raise click.ClickException(f"line {number}: {error}") from error


@main.command()
def sweep() -> None:
    """Hand over what a crash left behind; remove the contents that no row names."""
    from referencing.app import tasks_on  # noqa: PLC0415
    from referencing.base.jobs import perform_all  # noqa: PLC0415
    from referencing.base.vault import Vault  # noqa: PLC0415
    from referencing.files.upkeep import sweep as sweep_contents  # noqa: PLC0415
    from referencing.uploads.queries import is_unfinished  # noqa: PLC0415

    from .base import db as database  # noqa: PLC0415

    with settings_given() as settings:
        url = database.migrated_url(settings)
        sessions, vault = database.sessions(database.connect(url)), Vault.of(settings)
        performed = perform_all(sessions, tasks_on(vault, settings))
        swept = sweep_contents(sessions, vault.storage, is_unfinished)
    click.echo(f"jobs: {performed}, orphans: {swept.orphans}, unfinished uploads: {swept.unfinished}")


_place_of_backups = click.argument("place")


@contextmanager
def _places(place: str) -> Iterator[tuple["sa.URL", "ObjectStorage", "ObjectStorage"]]:
    """The database, where its files are, and the storage of the backups."""
    from referencing.backups.programs import Failed  # noqa: PLC0415 - the pure commands start without a database
    from referencing.base.vault import Vault  # noqa: PLC0415
    from storage.address import storage_from_url  # noqa: PLC0415
    from storage.port import StorageFailure  # noqa: PLC0415

    from .base import db as database  # noqa: PLC0415

    with settings_given() as settings:
        try:
            yield database.direct_url(settings), Vault.of(settings).storage, storage_from_url(place)
        except (Failed, StorageFailure) as error:
            raise click.ClickException(str(error)) from error


@main.command()
@_place_of_backups
@click.option("--keep", type=click.IntRange(1), help="how many backups stay; all of them unless said")
def backup(place: str, keep: int | None) -> None:
    """Write all that is there into PLACE, a folder or s3://..., while it is served; contents only once."""
    from referencing.backups.making import back_up  # noqa: PLC0415

    with _places(place) as (url, files, target):
        made = back_up(url, files, target, keep)
    click.echo(f"{made.name}: schema {made.manifest.revision}, archive {made.manifest.archive_size} bytes")
    _tell_contents(made.copied, made.sample, made.altered)
    for name in made.forgotten:
        click.echo(f"{name}: removed")
    if made.copied.missing or made.altered:
        sys.exit(1)


def _ids(_context: click.Context, _option: click.Parameter, lines: TextIO | None) -> list[UUID]:
    """Raises BadParameter where a line is no id."""
    if lines is None:
        return []
    try:
        with lines:
            return [UUID(line) for line in lines.read().split()]
    except ValueError as error:
        raise click.BadParameter("a line is no account's id") from error


@main.command()
@_place_of_backups
@click.option("--name", help="which backup; the last one unless said")
@click.option("--list", "listed", is_flag=True, help="print which there are, and do nothing")
@click.option(
    "--erased",
    type=click.File("r"),
    callback=_ids,
    help="accounts erased since, an id a line, as `accounts erased` prints them",
)
def restore(place: str, name: str | None, erased: list[UUID], *, listed: bool) -> None:
    """Read a backup from PLACE into an empty database and the files, then look whether all is there.

    Who was erased since is erased again: what later backups in PLACE say, and --erased.
    """
    from referencing.backups import manifest  # noqa: PLC0415
    from referencing.backups.restoring import restore as read_back  # noqa: PLC0415

    with _places(place) as (url, files, source):
        if listed:
            click.echo("\n".join(manifest.names(source)))
            return
        restored = read_back(url, files, source, name, erased)
    held = restored.manifest
    click.echo(f"{restored.name}: restored, schema {held.revision} of PostgreSQL {held.postgresql}")
    _tell_contents(restored.copied, restored.sample, restored.altered)
    click.echo(f"contents that no row names: {restored.unnamed}")
    click.echo(f"persons erased again: {len(restored.erased)}")
    for breach in restored.breaches:
        click.echo(f"{breach.stream} #{breach.number}: {breach.detail}", err=True)
    if restored.copied.missing or restored.altered or restored.breaches:
        sys.exit(1)
    click.echo("the record is whole")


def _tell_contents(copied: "Copied", sample: int, altered: list[str]) -> None:
    now = f"{copied.copied} ({copied.size} bytes)"
    click.echo(f"contents: {copied.named}, copied now: {now}, read again: {sample}")
    for digest in copied.missing:
        click.echo(f"{digest}: not to be had, or altered", err=True)
    for digest in altered:
        click.echo(f"{digest}: did not come back as it was", err=True)


@main.group()
def takeover() -> None:
    """What was referenced before this service."""


@takeover.command("check")
@click.argument("file", type=click.File("rb"))
def takeover_check(file: BinaryIO) -> None:
    """Look at a file of past referencings (CSV or workbook), as docs/takeover.md lays it out; nothing is kept.

    Prints its problems, one a line: row, code, sentence; then what could be taken over. Exit code 1 where a
    referencing is left aside.
    """
    from referencing.takeover import checking, lines  # noqa: PLC0415 - the pure commands start without a database

    with database() as session:
        report = checking.dry_run(session, file)
    click.echo("\n".join(lines.check_lines(report)))
    if report.left_aside:
        sys.exit(1)


@takeover.command("run")
@click.argument("file", type=click.File("rb"))
def takeover_run(file: BinaryIO) -> None:
    """Have a checked file taken over by the jobs of `serve` or `worker`; print it as `list` does."""
    from referencing.takeover import lines, operations  # noqa: PLC0415 - the pure commands start without a database

    with database() as session:
        begun, _ = operations.begin(session, file, Path(file.name).name)
        click.echo(lines.takeover_line(session, begun))


@takeover.command("list")
def takeover_list() -> None:
    """Print the last hundred takeovers, one a line: id, state, day, file, and how its referencings stand."""
    from referencing.takeover import lines, queries  # noqa: PLC0415 - the pure commands start without a database

    with database() as session:
        for each in queries.latest(session, None, 100):
            click.echo(lines.takeover_line(session, each))


@takeover.command("take-back")
@click.argument("takeover_id", metavar="ID", type=click.UUID)
@click.option("--reason", required=True, help="which the editors concerned read")
def takeover_take_back(takeover_id: UUID, reason: str) -> None:
    """Have all of a takeover undone by the jobs of `serve` or `worker`; print it as `list` does."""
    from referencing.takeover import lines, operations  # noqa: PLC0415 - the pure commands start without a database

    with database() as session:
        click.echo(lines.takeover_line(session, operations.undo(session, takeover_id, reason)))


main.add_command(journal_commands.journal)
