"""What becomes of the items that a session leaves, and of agendas when equivalence or the dossier overtakes them."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.jobs import enqueue
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.queries import held_still
from referencing.candidatures.record.states import OPEN, ItemState
from referencing.candidatures.tasks.tracks import to_next_session, to_queue, with_something_submitted
from referencing.duo.sessions import letters, queries
from referencing.duo.sessions.descriptions import line_values
from referencing.duo.sessions.events import add_event
from referencing.duo.sessions.models import Line, LiveSession, Presence
from referencing.duo.sessions.phases import LIVE, PENDING, SESSION, Action, LineState, Phase
from referencing.duo.slots.models import Quarter
from referencing.duo.slots.times import free
from referencing.journal.operations import SYSTEM, Author, record

from .captures import attach_waiting


class Leftovers(StrEnum):
    """Where what was not decided goes. What was supplied, captures included, always waits in the queue."""

    QUEUE = "queue"
    NEXT_SESSION = "next_session"


def end(
    session: Session,
    author: Author,
    candidature: Candidature,
    live: LiveSession,
    action: Action,
    leftovers: Leftovers,
    reason: str = "",
) -> None:
    """End a session: nothing that was decided changes, all the rest leaves it, its people are free."""
    drop_overtaken(session, live)
    live.phase = SESSION.follow("La séance", live.phase, action)
    live.revision += 1
    live.ended_at, live.ended_by, live.reason = now(session), author.account_id, reason or None
    session.execute(
        sa.update(Presence)
        .where(Presence.session_id == live.id, Presence.left_at.is_(None))
        .values(left_at=now(session))
    )
    free(session, Quarter.session_id == live.id)
    pending = queries.lines(session, live.id, *PENDING)
    leave(session, author, candidature, pending, leftovers)
    decided = sa.select(sa.func.count()).where(Line.session_id == live.id, Line.state == LineState.DECIDED)
    detail = {
        "session": str(live.id),
        "phase": live.phase.value,
        "absent": live.absent,
        "reason": live.reason,
        "decided": session.scalar(decided),
        "left": {one.item.expected_proof.code: one.state.value for one in pending},
    }
    record(session, author, f"session.{live.phase.value}", f"candidature:{candidature.id}", detail)
    add_event(session, live, f"session.{live.phase.value}", detail)
    enqueue(session, "tend_rooms")
    if live.phase is Phase.CANCELLED:
        letters.change(session, live)


def leave(
    session: Session, author: Author, candidature: Candidature, lines: Sequence[Line], where: Leftovers
) -> None:
    """Have these lines leave their session undecided."""
    for line in lines:
        attach_waiting(session, line)
    supplied = with_something_submitted(session, [one.item_id for one in lines])
    queued, waiting = list[Item](), list[Item]()
    for line in lines:
        # What waits for another proof is equivalence's, in or out of a session.
        undecided = where is Leftovers.QUEUE and line.item.state is not ItemState.AWAITING
        in_queue = undecided or line.item_id in supplied
        line.state = LineState.TO_QUEUE if in_queue else LineState.TO_NEXT
        line.revision += 1
        (queued if in_queue else waiting).append(line.item)
    session.flush()
    to_next_session(session, author, candidature, waiting)
    to_queue(session, author, candidature, queued)


def drop_overtaken(session: Session, live: LiveSession) -> None:
    """Take off the agenda what equivalence answered meanwhile, or is no longer to be looked at."""
    for line in queries.overtaken(session, live.id):
        reused = line.item.state in {ItemState.COVERED, ItemState.TO_CONFIRM}
        line.state = LineState.COVERED if reused else LineState.WITHDRAWN
        line.revision += 1
        add_event(session, live, "item.left", line_values(line))


def follow_agendas(session: Session, candidature_id: str) -> None:
    """Tell the sessions of a dossier that items left them; end them when the dossier is closed."""
    candidature = held_still(session, UUID(candidature_id))
    alive = sa.select(LiveSession.id).where(
        LiveSession.candidature_id == candidature.id, LiveSession.phase.in_(sorted(LIVE))
    )
    for session_id in session.scalars(alive.order_by(LiveSession.id)).all():
        live = queries.kept_still(session, session_id)
        drop_overtaken(session, live)
        if candidature.state not in OPEN:
            action = Action.INTERRUPT if live.opened_at else Action.CANCEL
            end(
                session,
                SYSTEM,
                candidature,
                live,
                action,
                Leftovers.NEXT_SESSION,
                "La candidature est close.",
            )
