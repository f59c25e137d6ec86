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


def verifiers_wanted(session: Session, candidature: Candidature) -> int:
    """How many verifiers a lead wants in the sessions of a dossier's couloir: one, unless somebody said otherwise."""
    couloir = candidature.version.dsr.couloir
    verifiers = session.scalar(
        sa.select(Staffing.verifiers)
        .where((Staffing.couloir == couloir) | Staffing.couloir.is_(None))
        .order_by(Staffing.couloir.is_(None))
        .limit(1)
    )
    return verifiers or 1


def for_dossier(
    session: Session, candidature: Candidature, slot: type[Slot], moved: UUID | None = None
) -> Conditions:
    """Conditions on the slots that a dossier can have: none, while it is not in review or is not verified live.

    `moved` is a session of the dossier that can go there: it brings its agenda, and gives its people's time back.
    """
    if candidature.state is not State.IN_REVIEW or candidature.mode is not Track.DUO:
        return [sa.false()]
    moment = now(session)
    conditions = _suiting(candidature, slot, moment, moved)
    if verifiers_wanted(session, candidature) > 1:
        others = second_slots(candidature, slot, moment, moved)
        conditions.append(sa.exists(others.with_only_columns(sa.literal(1))))
    return conditions


def second_slots(
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
            *_suiting(candidature, other, moment, moved, within=slot),
        )
        .order_by(other.id)
    )


def _suiting(
    candidature: Candidature, slot: Any, moment: datetime, moved: UUID | None, within: Any = None
) -> Conditions:
    """Conditions on a slot of a single verifier; `within` is what would be taken of it."""
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


def handled_in(
    candidature: Candidature, slot: type[Slot], moment: datetime, moved: UUID | None
) -> sa.ColumnElement[bool]:
    """Condition: the verifier of a slot handles something that the dossier, or the session, can show; free or not."""
    return _shown_to(candidature.id, slot, candidature.version.dsr.couloir, moment, moved)


def showable(moment: datetime, moved: UUID | None) -> sa.ColumnElement[bool]:
    """Condition on items: to be shown in a session, or on the agenda of the one that is moved."""
    return can_be_shown(moment) if moved is None else Item.session_id == moved


def away(verifier: Any, starts_at: Any) -> sa.Exists:
    """Condition: a verifier is on leave on the day, in Paris, of a moment; by columns, or by values."""
    day = sa.cast(sa.func.timezone("Europe/Paris", starts_at), sa.Date)
    return sa.exists().where(
        Absence.verifier_id == verifier, Absence.starts_on <= day, Absence.ends_on >= day
    )


def _shown_to(
    candidature_id: UUID, slot: Any, couloir: str, moment: datetime, moved: UUID | None
) -> sa.ColumnElement[bool]:
    """Condition: there is something to show that this verifier handles; on the agenda of the session that is moved."""
    return sa.exists(
        sa.select(sa.literal(1))
        .select_from(Availability)
        .outerjoin(Verifier, Verifier.account_id == Availability.verifier_id)
        .join(Item, Item.candidature_id == candidature_id)
        .join(ExpectedProof, ExpectedProof.id == Item.expected_proof_id)
        .join(Requirement, Requirement.id == ExpectedProof.requirement_id)
        .where(
            Availability.id == slot.availability_id,
            _among(Availability.couloirs, sa.literal(couloir)),
            _among(Availability.chapters, Requirement.chapter),
            Verifier.chapters.is_(None) | _among(Verifier.chapters, Requirement.chapter),
            Verifier.guichets.is_(None) | _among(Verifier.guichets, sa.cast(ExpectedProof.guichet, sa.Text)),
            showable(moment, moved),
        )
    )


def handles(
    session: Session, verifiers: Sequence[UUID], availabilities: Sequence[UUID] = ()
) -> Callable[[str, Guichet], bool]:
    """Answers, for a chapter and a guichet, whether at least one of these verifiers handles it, and offered to."""
    offered = (Availability.verifier_id == Account.id) & Availability.id.in_(availabilities)
    skills = session.execute(
        sa.select(Availability.chapters, Verifier.chapters, Verifier.guichets)
        .select_from(Account)
        .outerjoin(Verifier, Verifier.account_id == Account.id)
        .outerjoin(Availability, offered)
        .where(Account.id.in_(verifiers))
    ).all()

    def handled(chapter: str, guichet: Guichet) -> bool:
        return any(
            (not here or chapter in here)
            and (not chapters or chapter in chapters)
            and (not guichets or guichet in guichets)
            for here, chapters, guichets in skills
        )

    return handled


def _among(named: Any, value: Any) -> sa.ColumnElement[bool]:
    """Condition: the value is among those named, or none is named, which means all."""
    return sa.or_(sa.func.cardinality(named) == 0, value == sa.any_(named))
