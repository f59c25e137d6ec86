"""Taking the next task and turning the pages of a queue, however long it is."""

from collections.abc import Callable, Sequence
from typing import Any

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.servers import database, tidy
from bench.timing import best, table
from referencing.accounts.operations import create_account, identify
from referencing.base import db
from referencing.base.permissions import Actor, Role
from referencing.candidatures.tasks.models import Queue
from referencing.reviews.queues import claims, queries, verifiers

PAGE = 100
#: Items of a dossier, and so tasks.
ITEMS = 500
#: Tasks that somebody has already stand before all others.
HELD = 200

#: A task for each item; one item in a hundred is boosted.
_WORLD = """
SET session_replication_role = replica;
INSERT INTO organisation (id, name)
SELECT md5('organisation' || n)::uuid, 'Bench ' || n FROM generate_series(1, 10) AS n;
INSERT INTO dsr (id, code, dispositif, vague, couloir, title)
VALUES (md5('dsr')::uuid, 'BENCH-V2', 'BENCH', 2, '-', '-');
INSERT INTO dsr_version (id, dsr_id, number, published_at) VALUES (md5('version')::uuid, md5('dsr')::uuid, 1, now());
INSERT INTO requirement (id, version_id, code, position, chapter, profile, title, function, text, comment,
    former_profile, perimeter, criticality)
SELECT md5('requirement' || n)::uuid, md5('version')::uuid, 'R' || n, n, 'C' || n % 20, 'Général', '', '', '', '', '',
    '', '' FROM generate_series(1, {items}) AS n;
INSERT INTO expected_proof (id, requirement_id, version_id, code, suffix, number, position, text, wording,
    scenario_number, scenario_text, guichet, kind, roles, duo, corrected, revision)
SELECT md5('expected' || n)::uuid, md5('requirement' || n)::uuid, md5('version')::uuid, 'P' || n, '1', 'P' || n, 1, '',
    '', '', '', 'ANS', 'document', '{{}}', false, false, 1 FROM generate_series(1, {items}) AS n;
INSERT INTO software (id, core_id, organisation_id, name, nil, name_look, nil_look)
SELECT md5('software' || n)::uuid, md5('software' || n)::uuid, md5('organisation' || 1 + n % 10)::uuid, 'S', n, 's', n
FROM generate_series(1, {dossiers}) AS n;
INSERT INTO solution (id, software_id, commercial_name, name_look)
SELECT md5('solution' || n)::uuid, md5('software' || n)::uuid, 'Bench ' || n, 'bench ' || n
FROM generate_series(1, {dossiers}) AS n;
INSERT INTO configuration (id, solution_id, software_version, composition)
SELECT md5('configuration' || n)::uuid, md5('solution' || n)::uuid, '1', '{{}}'
FROM generate_series(1, {dossiers}) AS n;
INSERT INTO candidature (id, organisation_id, software_id, core_id, configuration_id, version_id, profiles, mode, state)
SELECT md5('dossier' || n)::uuid, md5('organisation' || 1 + n % 10)::uuid, md5('software' || n)::uuid,
    md5('software' || n)::uuid, md5('configuration' || n)::uuid, md5('version')::uuid, '{{}}', 'async', 'in_review'
FROM generate_series(1, {dossiers}) AS n;
INSERT INTO item (id, candidature_id, core_id, expected_proof_id, position, state, track)
SELECT md5('item' || d || '-' || n)::uuid, md5('dossier' || d)::uuid, md5('software' || d)::uuid,
    md5('expected' || n)::uuid, n, 'under_review', 'async'
FROM generate_series(1, {dossiers}) AS d, generate_series(1, {items}) AS n;
ALTER TABLE task ENABLE ALWAYS TRIGGER count_insert;
INSERT INTO task (id, queue, candidature_id, item_id, organisation_id, code, chapter, guichet, budget, due_on, last_day,
    rank, opened_at)
SELECT gen_random_uuid(), 'proof_review', candidature_id, item.id, organisation_id, 'P' || position,
    'C' || position % 20, 'ANS',
    15, day, day, CASE WHEN position % 100 = 0 THEN -1 ELSE 0 END, now() - position * interval '1 minute'
FROM item JOIN candidature ON candidature.id = candidature_id,
    LATERAL (SELECT current_date + (position * 7 % 40) AS day) AS due;
INSERT INTO claim (task_id, verifier_id, claimed_at, expires_at)
SELECT id, :verifier, now(), now() + interval '1 day' FROM task ORDER BY rank, last_day, opened_at, id LIMIT {held};
ALTER TABLE task ENABLE TRIGGER count_insert;
SET session_replication_role = origin
"""


@click.command("queues")
@click.option(
    "--tasks",
    type=click.IntRange(ITEMS),
    multiple=True,
    default=(1_000, 1_000_000),
    show_default=True,
    help="how many wait; may be given several times",
)
def run(tasks: Sequence[int]) -> None:
    """Taking the next task, and turning pages."""
    for size in tasks:
        with database() as factory:
            with db.transaction(factory) as session:
                actor, other = people(session)
                fill(session, size, other)
            tidy(factory)
            _measure(size, factory, actor)


def people(session: Session) -> tuple[Actor, Actor]:
    """A verifier who has nothing in hand, and one who has what was taken."""
    keys = [create_account(session, name, Role.VERIFIER) for name in ("Verifier", "Other")]
    first, second = (identify(session, key) for key in keys)
    return first, second


def fill(session: Session, size: int, other: Actor) -> None:
    """So many tasks in dossiers of `ITEMS`, the first `HELD` of them in the hands of `other`."""
    script = _WORLD.format(items=ITEMS, dossiers=size // ITEMS, held=HELD)
    for statement in script.split(";"):
        session.execute(
            sa.text(statement), {"verifier": other.account_id} if ":verifier" in statement else {}
        )


def _measure(size: int, factory: db.Sessions, actor: Actor) -> None:
    deep = min(1_000, size // PAGE) - 1  # the last page of a thousand tasks is the tenth
    with factory() as session:
        bare = sa.text(
            f"SELECT * FROM task WHERE queue = '{Queue.PROOF_REVIEW}' AND closed_at IS NULL "
            "AND third_party_since IS NULL ORDER BY rank, last_day, opened_at, id LIMIT :most"
        )
        connection = session.connection()
        verifier = verifiers.verifier_view(session, actor.account_id)
        seek = session.execute(
            sa.select(*queries.ORDER).order_by(*queries.ORDER).offset(deep * PAGE - 1).limit(1)
        ).one()
        table(
            f"queues: the next of {size:,} tasks, {HELD} of them in hand",
            [
                (
                    "floor: a bare SELECT ... LIMIT 1",
                    best(lambda: connection.execute(bare, {"most": 1}).all(), 50),
                ),
                ("choosing the next free task, with its lock", best(_choosing(session, verifier), 50)),
                ("claim next, journal and all", best(_claiming(factory, actor), 50)),
            ],
        )
        table(
            f"queues: a page of {PAGE} of {size:,} tasks",
            [
                (
                    "floor: a bare SELECT ... LIMIT",
                    best(lambda: connection.execute(bare, {"most": PAGE}).all(), 50),
                ),
                ("page 1", best(lambda: queries.tasks(session, actor, Queue.PROOF_REVIEW, None, PAGE), 50)),
                (
                    f"page {deep + 1:,}",
                    best(lambda: queries.tasks(session, actor, Queue.PROOF_REVIEW, seek, PAGE), 50),
                ),
            ],
        )


def _choosing(session: Session, verifier: verifiers.VerifierView) -> Callable[[], Any]:
    return lambda: claims.next_free(session, verifier, Queue.PROOF_REVIEW)


def _claiming(factory: db.Sessions, actor: Actor) -> Callable[[], None]:
    def claim() -> None:
        with factory() as session, session.begin() as transaction:
            assert claims.claim_next(session, actor, Queue.PROOF_REVIEW) is not None
            transaction.rollback()

    return claim
