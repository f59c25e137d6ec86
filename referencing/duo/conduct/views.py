"""Slots, sessions and agendas as plain values."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.errors import Malformed
from referencing.catalogue.steps import prerequisites_of, steps_of
from referencing.duo.sessions import hindrances, queries
from referencing.duo.sessions.descriptions import line_told
from referencing.duo.sessions.models import Event, Line, LiveSession, Presence, TechnicalCheck
from referencing.web.pages import Page, key_as


def session_view(live: LiveSession, needing: Collection[UUID]) -> dict[str, Any]:
    """`needing` are the sessions that need a verifier (`replacing.needing_verifier`)."""
    return {
        "id": live.id,
        "candidature": live.candidature_id,
        "organisation": live.organisation.name,
        "follows": live.follows_id,
        "phase": live.phase,
        "revision": live.revision,
        "sequence": live.sequence,
        "starts_at": live.starts_at,
        "ends_at": live.ends_at,
        "opened_at": live.opened_at,
        "ended_at": live.ended_at,
        "absent": live.absent,
        "reason": live.reason,
        "needs_verifier": live.id in needing,
        "last_event": live.last_event,
        "participants": [
            {"account": one.account_id, "name": one.account.name, "side": one.side}
            for one in live.participants
        ],
    }


def whole_view(
    live: LiveSession,
    needing: Collection[UUID],
    presences: Sequence[Presence],
    checks: Sequence[TechnicalCheck],
    lines: Sequence[Line],
) -> dict[str, Any]:
    return {
        **session_view(live, needing),
        "presences": [
            {
                "account": one.account_id,
                "name": one.account.name,
                "side": one.side,
                "arrived_at": one.arrived_at,
                "left_at": one.left_at,
            }
            for one in presences
        ],
        "checks": [check_view(one) for one in checks],
        "agenda": [line_view(one) for one in lines],
    }


def check_view(check: TechnicalCheck) -> dict[str, Any]:
    return {
        "kind": check.kind,
        "passed": check.passed,
        "comment": check.comment,
        "checked_at": check.checked_at,
    }


def line_view(line: Line) -> dict[str, Any]:
    """With what is asked, and what must be ready before it is shown."""
    asked = line.item.expected_proof
    return {
        **line_told(line),
        "chapter": asked.requirement.chapter,
        "text": asked.text,
        "scenario": asked.scenario_text,
        "scenario_steps": steps_of(asked.scenario_text),
        "prerequisites": prerequisites_of(asked.scenario_text),
    }


def event_view(event: Event) -> dict[str, Any]:
    return {"seq": event.seq, "kind": event.kind, "at": event.at, "body": event.body}


def whole(session: Session, session_id: UUID) -> dict[str, Any]:
    """A session that the reader may read, with all that is shown of it; a fixed number of queries."""
    live = queries.shown(session, session_id)
    agenda = queries.lines(session, session_id)
    return whole_view(
        live,
        hindrances.needing_verifier(session, [session_id]),
        queries.presences(session, session_id),
        queries.checks(session, session_id),
        agenda,
    )


def time_cursor(page: Page) -> tuple[datetime, UUID] | None:
    """Of a list that is ordered by times and ids."""
    if page.after is None:
        return None
    if len(page.after) != 2:
        raise Malformed("Le curseur n'est pas lisible : reprenez la liste depuis le début.")
    return key_as(datetime.fromisoformat, page.after[0]), key_as(UUID, page.after[1])
