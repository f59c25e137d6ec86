"""Gathering the minutes of a session: a bounded number of queries, whatever its agenda."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from referencing.accounts.models import Account
from referencing.base.permissions import Actor
from referencing.candidatures.record.models import Item, Verdict
from referencing.catalogue.models import ExpectedProof
from referencing.duo.sessions.models import Capture, Line, LiveSession, Participant, Presence
from referencing.duo.sessions.phases import Phase
from referencing.proofs.models import OUTCOMES

from .document import KIND, moment
from .models import Decision, Signature


def document(session: Session, live: LiveSession) -> dict[str, Any]:
    """What happened, as plain values. The session comes with its participants."""
    about = live.candidature
    return {
        "kind": KIND,
        "session": {
            "id": str(live.id),
            "starts_at": moment(live.starts_at),
            "ends_at": moment(live.ends_at),
            "opened_at": moment(live.opened_at),
            "ended_at": moment(live.ended_at),
            "absent": live.absent,
            "reason": live.reason,
        },
        "candidature": {
            "id": str(about.id),
            "dsr": about.version.dsr.code,
            "dsr_version": about.version.number,
            "solution": about.configuration.solution.commercial_name,
            "software_version": about.configuration.software_version,
            "organisation": live.organisation.name,
        },
        "participants": _participants(session, live),
        "items": _items(session, live),
    }


def _participants(session: Session, live: LiveSession) -> list[dict[str, Any]]:
    there = session.scalars(
        sa.select(Presence).where(Presence.session_id == live.id).order_by(Presence.arrived_at, Presence.id)
    ).all()
    ordered = sorted(live.participants, key=lambda one: (one.side, one.added_at, one.account_id))
    return [_participant(one, there) for one in ordered]


def _participant(who: Participant, there: Sequence[Presence]) -> dict[str, Any]:
    return {
        "name": who.account.name,
        "side": who.side,
        "presences": [
            {"arrived_at": moment(one.arrived_at), "left_at": moment(one.left_at)}
            for one in there
            if one.account_id == who.account_id
        ],
    }


def _items(session: Session, live: LiveSession) -> list[dict[str, Any]]:
    lines = session.scalars(
        sa.select(Line)
        .where(Line.session_id == live.id)
        .order_by(Line.position)
        .options(
            joinedload(Line.item).joinedload(Item.expected_proof).joinedload(ExpectedProof.requirement),
            joinedload(Line.verdict),
            selectinload(Line.captures),
        )
    ).all()
    by = [line.verdict.verifier_id for line in lines if line.verdict]
    rows = session.execute(sa.select(Account.id, Account.name).where(Account.id.in_(by)))
    names = {row.id: row.name for row in rows}
    return [_item(line, names) for line in lines]


def _item(line: Line, names: dict[UUID, str]) -> dict[str, Any]:
    proof = line.item.expected_proof
    return {
        "position": line.position,
        "code": proof.code,
        "number": proof.number,
        "chapter": proof.requirement.chapter,
        "title": proof.requirement.title,
        "text": proof.text,
        "state": line.state,
        "shown_at": moment(line.shown_at),
        "timecode": line.timecode,
        "recording": line.recording,
        "note": line.note,
        "steps": line.steps,
        "verdict": _verdict(line.verdict, names) if line.verdict else None,
        "captures": [_capture(one) for one in line.captures],
    }


def _verdict(verdict: Verdict, names: dict[UUID, str]) -> dict[str, Any]:
    return {
        "outcome": OUTCOMES[verdict.finding],
        "comment": verdict.comment,
        "missing": verdict.missing,
        "due_on": verdict.due_on.isoformat() if verdict.due_on else None,
        "by": names[verdict.verifier_id],
        "given_at": moment(verdict.given_at),
        "taken_back_at": moment(verdict.undone_at),
        "taken_back_because": verdict.undone_reason,
    }


def _capture(capture: Capture) -> dict[str, Any]:
    return {
        "filename": capture.filename,
        "sha256": capture.sha256,
        "size": capture.content.size,
        "taken_at": moment(capture.taken_at),
        "timecode": capture.timecode,
    }


def signatures(session: Session, session_id: UUID) -> Sequence[Signature]:
    """The signatures and refusals of a session, in the order in which they were given."""
    select = sa.select(Signature).where(Signature.session_id == session_id).order_by(Signature.id)
    return session.scalars(select.options(joinedload(Signature.account))).all()


def unsigned_by(actor: Actor) -> Sequence[sa.ColumnElement[bool]]:
    """Closed sessions in which the actor took part, and whose minutes nobody of their side has signed."""
    signed = sa.select(Signature.id).where(
        Signature.session_id == Participant.session_id,
        Signature.side == Participant.side,
        Signature.decision == Decision.SIGNED,
    )
    own = sa.select(Participant.session_id).where(Participant.account_id == actor.account_id)
    return [LiveSession.phase == Phase.CLOSED, LiveSession.id.in_(own.where(~signed.exists()))]
