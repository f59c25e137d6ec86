"""Sessions and agendas as plain values."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.permissions import Actor
from referencing.base.shapes import shape
from referencing.candidatures.tasks.tracks import with_something_submitted
from referencing.catalogue.steps import prerequisites_of, steps_of
from referencing.duo.sessions import hindrances, queries
from referencing.duo.sessions.descriptions import line_values
from referencing.duo.sessions.models import Line, LiveSession
from referencing.duo.sessions.phases import PENDING
from referencing.web.pages import Page

from .schemas import BookedSessionOut, LineActsOut, Need, PresenceOut, TechnicalCheckOut


def session_view(live: LiveSession, reader: Actor, needing: Collection[UUID]) -> dict[str, Any]:
    """`needing` are the sessions that need a verifier (`hindrances.needing_verifier`)."""
    return {**shape(BookedSessionOut)(live, reader), "needs_verifier": live.id in needing}


def line_view(line: Line, supplied: Collection[UUID], reader: Actor) -> dict[str, Any]:
    """A line with its scenario, what must be ready before it is shown, and what its verdict needs.

    `supplied` are the items of which a version is before the agency.
    """
    proof = line.item.expected_proof
    return {
        **line_values(line),
        "chapter": proof.requirement.chapter,
        "text": proof.text,
        "scenario": proof.scenario_text,
        "scenario_steps": steps_of(proof.scenario_text),
        "prerequisites": prerequisites_of(proof.scenario_text),
        "verdict_needs": _needs(line, supplied),
        **shape(LineActsOut)(line, reader),
    }


def _needs(line: Line, supplied: Collection[UUID]) -> list[Need]:
    return [Need.CAPTURE_OR_RECORDING] if line.state in PENDING and not is_kept(line, supplied) else []


def is_kept(line: Line, supplied: Collection[UUID]) -> bool:
    """Whether something keeps what is seen: a file, a recording, a version; or nothing has to, for this proof."""
    without_trace = line.item.expected_proof.live_without_trace
    return bool(line.captures or line.recording or line.item_id in supplied or without_trace)


def whole(session: Session, reader: Actor, session_id: UUID) -> dict[str, Any]:
    """A session that the reader may read, with all that is shown of it; a fixed number of queries."""
    live = queries.whole_session(session, session_id)
    agenda = queries.lines(session, session_id)
    supplied = with_something_submitted(session, [one.item_id for one in agenda])
    return {
        **session_view(live, reader, hindrances.needing_verifier(session, [session_id])),
        "presences": [*map(shape(PresenceOut), queries.presences(session, session_id))],
        "checks": [*map(shape(TechnicalCheckOut), queries.checks(session, session_id))],
        "agenda": [line_view(one, supplied, reader) for one in agenda],
    }


def time_cursor(page: Page) -> tuple[Any, ...] | None:
    """The time and id that a cursor holds, in a list that is ordered by them. Raises Malformed."""
    return page.keys(datetime.fromisoformat, UUID)
