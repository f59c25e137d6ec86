"""Which slots are offered, and which of them suit a dossier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.base.db import after, now
from referencing.base.errors import FieldError, Invalid
from referencing.base.permissions import Actor, Right, Role, authorise
from referencing.candidatures.record import queries as candidatures
from referencing.candidatures.record.models import Item
from referencing.candidatures.record.states import STATES, State, Track
from referencing.duo.sessions import suitable_queries
from referencing.duo.sessions.queries import can_be_shown, live_session
from referencing.duo.slots.models import Slot
from referencing.duo.slots.offers import NOTICE
from referencing.duo.slots.queries import taken


@dataclass(frozen=True, slots=True)
class SlotView:
    """A slot, and whether its verifier's time is taken."""

    slot: Slot
    taken: bool


NOT_LIVE = "Cette candidature n'est pas en mode DUO : rien n'y est à montrer en séance."
NOT_YET = "La candidature est {state} : les créneaux se proposent une fois qu'elle est en instruction."
NOTHING_TO_SHOW = "Rien n'est à montrer en séance dans cette candidature pour l'instant."
NO_OFFER = "Aucun vérificateur n'offre de créneau à venir pour l'instant : revenez plus tard."
TOO_SOON = "Les créneaux à venir sont trop proches : une séance se réserve au moins {hours} heures avant."
NOT_HANDLED = (
    "Aucun vérificateur qui offre des créneaux ne traite les chapitres à montrer de cette candidature : "
    "écrivez à l'agence."
)
NOBODY_FREE = (
    "Aucun des vérificateurs qui traitent ces chapitres n'est libre aux créneaux à venir : revenez plus tard."
)


def why_none(session: Session, actor: Actor, candidature_id: UUID) -> str:
    """Why a dossier finds no slot, in French: what it is not yet, what is not offered, or who is not free."""
    dossier = candidatures.candidature(session, actor, candidature_id)
    if dossier.mode is not Track.DUO:
        return NOT_LIVE
    if dossier.state is not State.IN_REVIEW:
        return NOT_YET.format(state=STATES[dossier.state])
    moment = now(session)
    showable = sa.select(Item.id).where(Item.candidature_id == dossier.id, can_be_shown(moment))
    offered = sa.select(sa.func.max(Slot.starts_at)).where(
        Slot.withdrawn_at.is_(None), Slot.starts_at > moment
    )
    if not session.scalar(sa.select(showable.exists())):
        return NOTHING_TO_SHOW
    latest = session.scalar(offered)
    if latest is None:
        return NO_OFFER
    if latest < moment + NOTICE:
        return TOO_SOON.format(hours=NOTICE // timedelta(hours=1))
    handled = sa.select(Slot.id).where(
        Slot.withdrawn_at.is_(None),
        Slot.starts_at >= moment + NOTICE,
        suitable_queries.handled_in(dossier, Slot, moment),
    )
    return NOBODY_FREE if session.scalar(sa.select(handled.exists())) else NOT_HANDLED


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
