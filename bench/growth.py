"""What each table grows by per 1,000 candidatures that are filed, verified and referenced, with all that follows.

Each is filed and judged by the operations that requests call, a text for each proof, every item found conform once, and
its jobs are performed. What comes of reading (the read log), of complements, live sessions and rules is not in it.
"""

from collections.abc import Mapping

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.rules import performed
from bench.servers import database, tidy
from referencing.base import db
from referencing.candidatures.record.states import Action
from referencing.candidatures.verdicts import instruction
from tests.builders import Asked, Story, publish_dsr

LIST = "BENCH-V1"
PER = 1_000
MIB = 1024**2


@click.command("growth")
@click.option("--dossiers", type=click.IntRange(1), default=5, show_default=True)
@click.option("--items", type=click.IntRange(1), default=280, show_default=True, help="of a dossier")
def run(dossiers: int, items: int) -> None:
    """Rows and MiB of each table per 1,000 candidatures."""
    with database() as factory:
        with db.transaction(factory) as session:
            publish_dsr(session, LIST, *(Asked(f"INS.{number:03}") for number in range(items)))
        reference(factory, 0)  # what is there once: accounts, a list, the first pages of tables and indexes
        tidy(factory)
        before = sizes(factory)
        for number in range(1, dossiers + 1):
            reference(factory, number)
        tidy(factory)
        after = sizes(factory)
    scale = PER / dossiers
    grown = {
        table: (rows - before[table][0], size - before[table][1]) for table, (rows, size) in after.items()
    }
    print(f"\ngrowth: {dossiers} candidatures of {items} items, told for {PER:,}")
    for table, (rows, size) in sorted(grown.items(), key=lambda line: -line[1][1]):
        if rows > 0:
            print(f"  {table:<32} {rows * scale:>12,.0f} rows {size * scale / MIB:>10,.1f} MiB")
    total = sum(size for _, size in grown.values())
    print(f"  {'all':<32} {'':>17} {total * scale / MIB:>10,.1f} MiB")


def reference(factory: db.Sessions, number: int) -> None:
    """A candidature from its draft to the decision."""
    with db.transaction(factory) as session:
        story = Story(session, f"Éditions {number}")
        dossier = story.verified(story.solution(nil=f"NIL-{number}"), LIST)
        instruction.decide(session, story.lead, dossier.id, action=Action.REFERENCE, comment="Référencée.")
    performed(factory)


def sizes(factory: db.Sessions) -> Mapping[str, tuple[int, int]]:
    """Rows and bytes of each table, its indexes and its long values with it."""
    with db.transaction(factory) as session:
        tables = session.scalars(sa.text("SELECT relname FROM pg_stat_user_tables ORDER BY 1")).all()
        return {table: _size(session, table) for table in tables}


def _size(session: Session, table: str) -> tuple[int, int]:
    counted = sa.text(f'SELECT count(*), pg_total_relation_size(\'"{table}"\') FROM "{table}"')
    rows, size = session.execute(counted).one()
    return rows, size
