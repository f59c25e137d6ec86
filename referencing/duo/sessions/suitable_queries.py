"""Which slots a dossier can have: of verifiers who are there, handle what it would show, and may judge its editor."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from referencing.accounts.models import Account
from referencing.base.db import now
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import State, Track
from referencing.catalogue.models import ExpectedProof, Requirement
from referencing.catalogue.proposals import Guichet
from referencing.duo.slots.models import Availability, Slot, Staffing
from referencing.duo.slots.offers import NOTICE
from referencing.duo.slots.queries import taken
from referencing.reviews.queues.models import Absence, Verifier
from referencing.reviews.queues.verifier_queries import in_conflict

from .queries import can_be_shown

Conditions = list[sa.ColumnElement[bool]]


def wanted(session: Session, candidature: Candidature) -> int:
    """How many verifiers a lead wants in the sessions of a dossier's couloir: one, unless somebody said otherwise."""
    couloir = candidature.version.dsr.couloir
    found = session.scalar(
        sa.select(Staffing.verifiers)
        .where((Staffing.couloir == couloir) | Staffing.couloir.is_(None))
        .order_by(Staffing.couloir.is_(None))
        .limit(1)
    )
    return found or 1


def for_dossier(
    session: Session, candidature: Candidature, slot: type[Slot], moved: UUID | None = None
) -> Conditions:
    """None is, while the dossier is not in review or is not verified live.

    With `moved`, those to which that session of it can go: it brings its agenda, and gives its people's time back.
    """
    if candidature.state is not State.IN_REVIEW or candidature.mode is not Track.DUO:
        return [sa.false()]
    moment = now(session)
    conditions = _one(candidature, slot, moment, moved)
    if wanted(session, candidature) > 1:
        others = second(candidature, slot, moment, moved)
        conditions.append(sa.exists(others.with_only_columns(sa.literal(1))))
    return conditions


def second(
    candidature: Candidature, slot: type[Slot] | Slot, moment: datetime, moved: UUID | None = None
) -> sa.Select[Slot]:
    """The slots of other verifiers that cover this one, and suit as well; in the order in which they were offered."""
    other = aliased(Slot)
    return (
        sa.select(other)
        .where(
            other.verifier_id != slot.verifier_id,
            other.starts_at <= slot.starts_at,
            other.ends_at >= slot.ends_at,
            *_one(candidature, other, moment, moved, within=slot),
        )
        .order_by(other.id)
    )


def _one(
    candidature: Candidature, slot: Any, moment: datetime, moved: UUID | None, within: Any = None
) -> Conditions:
    """Of one verifier's slot; of it, `within` is what would be taken."""
    start, end = (within or slot).starts_at, (within or slot).ends_at
    couloir = candidature.version.dsr.couloir
    open_account = sa.exists().where(Account.id == slot.verifier_id, Account.disabled_at.is_(None))
    return [
        slot.withdrawn_at.is_(None),
        start >= moment + NOTICE,
        open_account,
        ~away(slot.verifier_id, slot.starts_at),
        ~in_conflict(slot.verifier_id, candidature.organisation_id),
        ~taken(slot.verifier_id, start, end, moment, moved),
        _shown_to(candidature.id, slot, couloir, moment, moved),
    ]


def away(verifier: Any, starts_at: Any) -> sa.Exists:
    """Whether a verifier is on leave on the day, in Paris, of a moment; by columns, or by values."""
    day = sa.cast(sa.func.timezone("Europe/Paris", starts_at), sa.Date)
    return sa.exists().where(
        Absence.verifier_id == verifier, Absence.starts_on <= day, Absence.ends_on >= day
    )


def _shown_to(
    candidature_id: UUID, slot: Any, couloir: str, moment: datetime, moved: UUID | None
) -> sa.ColumnElement[bool]:
    """Whether there is something to show that this verifier handles; on the agenda of the session that is moved."""
    shown = can_be_shown(moment) if moved is None else Item.session_id == moved
    return sa.exists(
        sa.select(sa.literal(1))
        .select_from(Availability)
        .outerjoin(Verifier, Verifier.account_id == Availability.verifier_id)
        .join(Item, Item.candidature_id == candidature_id)
        .join(ExpectedProof, ExpectedProof.id == Item.expected_proof_id)
        .join(Requirement, Requirement.id == ExpectedProof.requirement_id)
        .where(
            Availability.id == slot.availability_id,
            _any(Availability.couloirs, sa.literal(couloir)),
            _any(Availability.chapters, Requirement.chapter),
            Verifier.chapters.is_(None) | _any(Verifier.chapters, Requirement.chapter),
            Verifier.guichets.is_(None) | _any(Verifier.guichets, sa.cast(ExpectedProof.guichet, sa.Text)),
            shown,
        )
    )


def handles(
    session: Session, verifiers: Sequence[UUID], availabilities: Sequence[UUID] = ()
) -> Callable[[str, Guichet], bool]:
    """Whether one of these at least handles what is of a chapter and a guichet, and offered to where that is named."""
    offered = (Availability.verifier_id == Account.id) & Availability.id.in_(availabilities)
    skills = session.execute(
        sa.select(Availability.chapters, Verifier.chapters, Verifier.guichets)
        .select_from(Account)
        .outerjoin(Verifier, Verifier.account_id == Account.id)
        .outerjoin(Availability, offered)
        .where(Account.id.in_(verifiers))
    ).all()

    def one_does(chapter: str, guichet: Guichet) -> bool:
        return any(
            (not here or chapter in here)
            and (not chapters or chapter in chapters)
            and (not guichets or guichet in guichets)
            for here, chapters, guichets in skills
        )

    return one_does


def _any(named: Any, one: Any) -> sa.ColumnElement[bool]:
    """None named is all."""
    return sa.or_(sa.func.cardinality(named) == 0, one == sa.any_(named))
