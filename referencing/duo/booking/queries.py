"""Which slots are offered, and which of them suit a dossier."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.base.db import after, now
from referencing.base.errors import FieldError, Invalid
from referencing.base.permissions import Actor, Right, Role, authorise
from referencing.candidatures.record import queries as candidatures
from referencing.duo.sessions import suitable_queries
from referencing.duo.sessions.queries import live_session
from referencing.duo.slots.models import Slot
from referencing.duo.slots.queries import taken


@dataclass(frozen=True, slots=True)
class SlotView:
    """A slot, and whether its verifier's time is taken."""

    slot: Slot
    taken: bool


def slots(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    candidature: UUID | None,
    verifier: UUID | None,
    moved: UUID | None = None,
) -> Sequence[SlotView]:
    """Slots to come, by their times. An editor asks for a dossier and gets those that it can book.

    A verifier gets their own, a lead everybody's or those of one; for a dossier, what its editor would get. For a
    session that is to be moved, those of its dossier to which it can go.
    """
    authorise(actor, Right.SEE_SLOTS)
    moment = now(session)
    is_taken = taken(Slot.verifier_id, Slot.starts_at, Slot.ends_at, moment)
    select = sa.select(Slot, is_taken.label("taken")).where(
        Slot.withdrawn_at.is_(None), Slot.starts_at > moment
    )
    if moved is not None:
        live = live_session(session, actor, moved)
        candidature = live.candidature_id
        select = select.where(Slot.id != live.slot_id)
    if candidature is not None:
        dossier = candidatures.candidature(session, actor, candidature)
        select = select.where(*suitable_queries.for_dossier(session, dossier, Slot, moved))
        if actor.role is Role.EDITOR:
            own = sa.literal(actor.account_id)
            select = select.where(~taken(own, Slot.starts_at, Slot.ends_at, moment, moved))
    elif actor.role is Role.EDITOR:
        raise Invalid(
            "Dites pour quelle candidature.", [FieldError("/candidature", "Donnez son identifiant.")]
        )
    elif actor.role is Role.VERIFIER:
        select = select.where(Slot.verifier_id == actor.account_id)
    if verifier is not None and actor.of_agency:
        select = select.where(Slot.verifier_id == verifier)
    whole = (joinedload(Slot.availability), joinedload(Slot.verifier))
    page = after(select, [Slot.starts_at, Slot.id], cursor).limit(limit).options(*whole)
    return [SlotView(row.Slot, row.taken) for row in session.execute(page)]
