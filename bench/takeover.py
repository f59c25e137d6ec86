"""What it takes to take over past referencings, whose softwares each have an open dossier, to find who would profit,
and to take them back.

The floor is the check of the same files, which changes nothing. The jobs are performed one after the other in one
process, as a worker does; it looks for the next one five times a second.
"""

import io
from collections.abc import Iterator, Sequence
from datetime import timedelta
from time import perf_counter
from uuid import UUID

import click
from sqlalchemy.orm import Session

from bench.equivalence import catalogue, file, people, reworded
from bench.rules import performed, publish, rules_of
from bench.servers import database, tidy
from bench.timing import table
from referencing.accounts.operations import create_account, identify
from referencing.base import db
from referencing.base.permissions import Actor, Role
from referencing.estimates import operations as estimates
from referencing.outreach import operations as survey
from referencing.solutions import operations as solutions
from referencing.takeover.checking import check
from referencing.takeover.operations import take_back, take_over, what_if_taken_back

#: Rows that a file may have.
MOST = 50_000
HEADINGS = "Organisation;NIL;Solution;DSR;Référencée le;Preuve;Résultat"


@click.command("takeover")
@click.option("--referencings", type=click.IntRange(1), default=200, show_default=True)
@click.option(
    "--items", type=click.IntRange(2), default=280, show_default=True, help="of each, and of an open dossier"
)
def run(referencings: int, items: int) -> None:
    """Past referencings taken over, and taken back."""
    with database() as factory:
        with db.transaction(factory) as session:
            editor, lead = people(session)
            catalogue(session, items)
            publish(session, lead, rules_of(items))
            for number in range(referencings):
                open_dossier(session, editor, number)
            day = (db.today(session) - timedelta(days=100)).isoformat()
        tidy(factory)
        files = [*written(referencings, items, day)]
        begun = perf_counter()
        with db.transaction(factory) as session:
            for content in files:
                check(session, lead, io.BytesIO(content))
        checked = perf_counter() - begun
        begun = perf_counter()
        takeovers = [begin(factory, lead, content) for content in files]
        kept = perf_counter() - begun
        rows = [
            ("floor: the files checked", checked),
            ("the files checked and kept for the jobs", kept),
            ("taken over by jobs, open dossiers resolved", performed(factory)),
            ("who would profit, every software by jobs", surveyed(factory, lead)),
            ("a draft of other words, what it would cost by jobs", estimated(factory, items)),
            ("taken back by jobs, open dossiers resolved", undone(factory, lead, takeovers)),
        ]
        title = f"takeover: {referencings:,} referencings of {items} items in {len(files)} file(s)"
        table(f"{title}, as many open dossiers", rows)


def open_dossier(session: Session, editor: Actor, number: int) -> None:
    software = solutions.register_software(session, editor, "Bench", f"NIL-{number}")
    solution = solutions.register_solution(session, editor, software.id, "Bench")
    file(session, editor, "BENCH-V2", solution.id)


def written(referencings: int, items: int, day: str) -> Iterator[bytes]:
    """As many files as it takes; what describes a referencing is on its first row."""
    of_file = MOST // items
    for first in range(0, referencings, of_file):
        lines = [HEADINGS]
        for number in range(first, min(first + of_file, referencings)):
            told = [f"Bench;NIL-{number};Bench;BENCH-V1;{day}", *[";;;;"] * (items - 1)]
            lines += [f"{words};INS.{item:03}#01;conforme" for item, words in enumerate(told)]
        yield "\n".join(lines).encode()


def begin(factory: db.Sessions, lead: Actor, content: bytes) -> UUID:
    with db.transaction(factory) as session:
        takeover, _ = take_over(session, lead, io.BytesIO(content), "stock.csv")
        return takeover.id


def surveyed(factory: db.Sessions, lead: Actor) -> float:
    with db.transaction(factory) as session:
        survey.start(session, lead)
    return performed(factory)


def estimated(factory: db.Sessions, items: int) -> float:
    with db.transaction(factory) as session:
        author = identify(session, create_account(session, "Author", Role.CATALOGUE))
        reworded(session, "BENCH-V1", items)
        estimates.start(session, author, "BENCH-V1")
    return performed(factory)


def undone(factory: db.Sessions, lead: Actor, takeovers: Sequence[UUID]) -> float:
    with db.transaction(factory) as session:
        for takeover in takeovers:
            digest = what_if_taken_back(session, lead, takeover).digest
            take_back(session, lead, takeover, "bench", digest)
    return performed(factory)
