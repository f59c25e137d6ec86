"""Verifiers who cannot come to a session in which they are expected."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.base.db import now
from referencing.base.permissions import Actor, Right, Role
from referencing.duo.slots.slots import LONGEST
from referencing.reviews.queues.verifier_queries import in_conflict

from . import queries, suitable_queries
from .models import LiveSession, Participant
from .phases import Phase


class Hindrance(StrEnum):
    """Why a verifier cannot come."""

    ACCOUNT_CLOSED = "account_closed"
    CONFLICT = "conflict"  # of interest
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Expected:
    """A verifier of a session; `hindrance` is None for who can come."""

    account: UUID
    name: str
    hindrance: Hindrance | None


def _hindrance() -> sa.Case[Any]:
    """Why an expected verifier cannot come; null for who can."""
    return sa.case(
        (Account.disabled_at.is_not(None), Hindrance.ACCOUNT_CLOSED),
        (in_conflict(Account.id, LiveSession.organisation_id), Hindrance.CONFLICT),
        (suitable_queries.away(Account.id, LiveSession.starts_at), Hindrance.LEAVE),
    )


def expected_verifiers(*columns: Any) -> sa.Select[Any]:
    """Columns of sessions, their participants and accounts: a row for each verifier expected in a session."""
    return (
        sa.select(*columns)
        .select_from(Participant)
        .join(LiveSession, LiveSession.id == Participant.session_id)
        .join(Account, Account.id == Participant.account_id)
        .where(Account.role == Role.VERIFIER)
    )


def needing_verifier(session: Session, sessions: Collection[UUID]) -> frozenset[UUID]:
    """Which of these sessions have not begun, and expect a verifier who cannot come."""
    needing = expected_verifiers(LiveSession.id).where(
        LiveSession.id.in_(sessions), *hindered_soon(now(session))
    )
    return frozenset(session.scalars(needing))


def that_need_verifier(session: Session, *, wanted: bool) -> sa.ColumnElement[bool]:
    """Condition on sessions: that they need a verifier, or that they do not."""
    needing = LiveSession.id.in_(expected_verifiers(LiveSession.id).where(*hindered_soon(now(session))))
    return needing if wanted else ~needing


def hindered_soon(moment: datetime) -> list[sa.ColumnElement[bool]]:
    """Conditions on expected verifiers: they cannot come to a session that has not begun and is not over.

    Sessions are searched by when they start at the earliest, which has an index.
    """
    soonest = moment - timedelta(minutes=LONGEST)
    coming = LiveSession.starts_at > soonest, LiveSession.ends_at > moment
    return [LiveSession.phase == Phase.SCHEDULED, *coming, _hindrance().is_not(None)]


def verifiers(session: Session, actor: Actor, session_id: UUID) -> Sequence[Expected]:
    """Who verifies a session, and who of them cannot come: for leads. Raises NotFound."""
    live = queries.live_session(session, actor, session_id, Right.STAFF_SESSIONS)
    expected = expected_verifiers(Account.id, Account.name, _hindrance()).where(LiveSession.id == live.id)
    return [
        Expected(account, name, Hindrance(why) if why else None)
        for account, name, why in session.execute(expected.order_by(Account.id))
    ]
