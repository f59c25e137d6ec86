"""Moving items between the queues and a live session: never in both, and always in the timeline.

What opens a task takes its item off the track `duo` (`opening.open_item_tasks`); what is here does the rest. The
dossier and its core are locked by the caller.
"""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import ITEM, ItemAction, ItemState, Track
from referencing.catalogue.models import ExpectedProof
from referencing.journal.operations import SYSTEM, Author, record
from referencing.proofs.models import Proof, ProofState

from .models import Queue, Task
from .opening import open_item_tasks
from .queries import TO_SESSION


def put_in_session(
    session: Session, actor: Actor, candidature: Candidature, items: Sequence[Item], session_id: UUID
) -> None:
    """Put the items on the agenda of a live session; what waited in a queue waits there no more."""
    ids = [item.id for item in items]
    supplied = with_something_submitted(session, ids)
    session.execute(
        sa.update(Task)
        .where(Task.item_id.in_(ids), Task.closed_at.is_(None))
        .values(closed_at=now(session), outcome=TO_SESSION)
    )
    for item in items:
        if item.state is ItemState.UNDER_REVIEW:
            action = ItemAction.PUT_OFF if item.id in supplied else ItemAction.FORGO
            item.state = ITEM.follow("Cette preuve", item.state, action)
            candidature.resolved_on = None  # what is given up stands on equivalence again
    for item in items:
        item.track, item.session_id = Track.DUO, session_id
    _record_move(session, actor, candidature, items, {"to": Track.DUO.value, "session": str(session_id)})


def with_something_submitted(session: Session, items: Sequence[UUID]) -> frozenset[UUID]:
    """The items, among these, of which a version is before the agency."""
    before = sa.select(Proof.item_id).where(Proof.item_id.in_(items), Proof.state == ProofState.SUBMITTED)
    return frozenset(session.scalars(before))


def take_up(item: Item) -> None:
    """Put an item under review, as what is shown live is from then on."""
    if item.state is ItemState.SUPPLIED:
        item.state = ITEM.follow("Cette preuve", item.state, ItemAction.EXAMINE)
    elif item.state is not ItemState.UNDER_REVIEW:
        item.state = ITEM.follow("Cette preuve", item.state, ItemAction.TAKE_UP)


def to_queue(session: Session, author: Author, candidature: Candidature, items: Sequence[Item]) -> None:
    """The items leave their session undecided and wait in the queue, in the place that the days used give them."""
    for item in items:
        take_up(item)
        item.session_id, item.track = None, Track.ASYNC
    _record_move(session, author, candidature, items, {"to": Queue.DUO_FOLLOW_UP.value})
    open_item_tasks(session, candidature, Queue.DUO_FOLLOW_UP, [item.id for item in items])


def to_next_session(
    session: Session, author: Author, candidature: Candidature, items: Sequence[Item]
) -> None:
    """The items leave their session undecided; with nothing supplied, they wait for another one to be booked."""
    for item in items:
        if item.state is ItemState.UNDER_REVIEW:
            item.state = ITEM.follow("Cette preuve", item.state, ItemAction.FORGO)
            candidature.resolved_on = None  # it stands on equivalence again
        item.session_id = None
    _record_move(session, author, candidature, items, {"to": "next_session"})


def leave_sessions(session: Session, candidature: Candidature, *which: sa.ColumnElement[bool]) -> None:
    """Items that need no session any more are on no agenda; a job tells the participants."""
    left = session.execute(
        sa.update(Item)
        .where(
            Item.candidature_id == candidature.id,
            Item.session_id.is_not(None),
            Item.expected_proof_id == ExpectedProof.id,
            *which,
        )
        .values(session_id=None)
        .returning(ExpectedProof.code)
        .execution_options(synchronize_session="fetch")
    ).all()
    if left:
        detail = {"items": sorted(row.code for row in left), "to": None}
        record(session, SYSTEM, "item.moved", f"candidature:{candidature.id}", detail)
        enqueue(session, "follow_agendas", candidature_id=str(candidature.id))


def _record_move(
    session: Session,
    author: Author,
    candidature: Candidature,
    items: Sequence[Item],
    destination: dict[str, str],
) -> None:
    session.flush()
    if items:
        detail = {"items": sorted(item.expected_proof.code for item in items), **destination}
        record(session, author, "item.moved", f"candidature:{candidature.id}", detail)
