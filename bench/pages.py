"""The console's pages beside the calls of the API that answer the same, among few tasks and among many.

Pages and calls are asked of one application in this process, so that neither waits for a line; statements are counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench import queues
from bench.servers import application, database, tidy
from bench.timing import best
from referencing.accounts.operations import create_account
from referencing.base import db
from referencing.base.permissions import Role
from referencing.candidatures.record.models import ItemStanding
from referencing.candidatures.record.states import ItemState
from referencing.candidatures.tasks.models import Task
from referencing.config import Settings
from tests.builders import statements
from tests.clients import Client
from tests.conftest import parts
from tests.console.browser import Browser

#: A page may take so many times what the calls behind it take.
BOUND = 4
RUNS = 20
_PAGE = "limit=50"
#: Each page with who reads it, and the calls that answer what it shows.
PAGES: Mapping[tuple[Role, str], Sequence[str]] = {
    (Role.VERIFIER, "/travail"): (
        "/queues",
        "/tasks?claimed_by=me",
        "/queues/proof_review/tasks?limit=20",
        "/queues/equivalence/tasks?limit=20",
        "/queues/second_reading/tasks?limit=20",
        "/queues/duo_follow_up/tasks?limit=20",
        "/third-party-waits?state=awaited&limit=10",
        "/duo/sessions?limit=10",
        "/messages/unread?limit=10",
    ),
    (Role.LEAD, "/travail"): (
        "/queues",
        "/queues/admissibility/tasks?limit=10",
        "/tasks?due=overdue&limit=10",
        "/candidatures?state=deliberation&limit=10",
        "/duo/sessions?limit=10",
        "/messages/unread?limit=10",
    ),
    (Role.LEAD, "/pilotage"): ("/steering/queues", "/steering/verifiers", "/tasks?due=overdue&limit=21"),
    (Role.LEAD, "/pilotage/affectations"): (f"/queues/proof_review/tasks?{_PAGE}", "/verifiers"),
    (Role.LEAD, "/pilotage/equipe"): ("/verifiers?limit=50", "/steering/unhandled", f"/conflicts?{_PAGE}"),
    (Role.LEAD, "/dossiers"): (f"/candidatures?{_PAGE}&sort=newest", "/dsrs"),
    (Role.LEAD, "/dossiers/{dossier}"): (
        "/candidatures/{dossier}",
        "/candidatures/{dossier}/items?limit=50",
    ),
    (Role.VERIFIER, "/dossiers/{dossier}/preuves/{item}"): (
        "/candidatures/{dossier}",
        "/candidatures/{dossier}/items/{item}",
        "/candidatures/{dossier}/items/{item}/explanation",
    ),
    (Role.VERIFIER, "/taches/{task}"): ("/tasks/{task}", "/candidatures/{dossier}/items/{item}/history"),
}


@click.command("pages")
@click.option(
    "--tasks",
    type=click.IntRange(queues.ITEMS),
    multiple=True,
    default=(1_000, 1_000_000),
    show_default=True,
    help="how many wait; may be given several times",
)
def run(tasks: Sequence[int]) -> None:
    """Pages of the console, as ratios to the calls behind them."""
    fewest: dict[tuple[Role, str], float] = {}
    for size in tasks:
        print(f"\npages: among {size:,} tasks, best of {RUNS}")
        for page, asked, seconds, sent in _measured(size):
            beside = f"{seconds / fewest.setdefault(page, seconds):>8.2f} x the fewest tasks"
            role, path = page
            print(
                f"  {f'{role} {path}':<44} {seconds * 1000:>9.2f} ms {seconds / asked:>6.2f} x its calls "
                f"(bound {BOUND}), {sent:>3} statements, {beside}"
            )


def _measured(size: int) -> Iterator[tuple[tuple[Role, str], float, float, int]]:
    """Each page, the seconds of its calls and of itself, and its statements."""
    with (
        TemporaryDirectory() as folder,
        database() as factory,
        application(_settings(folder, factory)) as app,
    ):
        with db.transaction(factory) as session:
            _, other = queues.people(session)
            queues.fill(session, size, other)
            keys = {role: create_account(session, "Pages", role) for role in (Role.VERIFIER, Role.LEAD)}
            ids = _subject(session)
        tidy(factory)
        for (role, path), calls in PAGES.items():
            browser, client = Browser(app.test_client()), Client(app.test_client(), keys[role])
            browser.sign_in(keys[role])
            address = path.format(**ids)
            browser.open(address)
            with statements(parts(app).engine) as sent:
                browser.open(address)
            seconds = best(partial(browser.fetch, address), RUNS)
            asked = sum(best(partial(client.get, call.format(**ids)), RUNS) for call in calls)
            yield (role, path), asked, seconds, len(sent)


def _subject(session: Session) -> dict[str, object]:
    """A task with its item, which has stood as it does for a day, and its dossier: what the pages are about."""
    task = session.execute(
        sa.select(Task.id, Task.item_id, Task.candidature_id).order_by(Task.id).limit(1)
    ).one()
    began = db.now(session) - timedelta(days=1)
    session.add(ItemStanding(item_id=task.item_id, state=ItemState.UNDER_REVIEW, started_at=began))
    return {"task": task.id, "item": task.item_id, "dossier": task.candidature_id}


def _settings(folder: str, factory: db.Sessions) -> Settings:
    """Of an application on a database, for as many requests as one likes."""
    url = factory.kw["bind"].url.render_as_string(hide_password=False)
    return Settings(Path(folder), database_url=url, rate_account=10**9, rate_organisation=10**9)
