"""Which slots are offered, and which of them suit a dossier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.base.db import after, now
from referencing.base.errors import FieldError, Invalid
from referencing.base.permissions import Actor, Right, Role, authorise
from referencing.candidatures.record import queries as candidatures
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import STATES, State, Track
from referencing.duo.sessions import suitable_queries
from referencing.duo.sessions.models import LiveSession
from referencing.duo.sessions.phases import PHASES, Phase
from referencing.duo.sessions.queries import live_session
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
NOT_MOVED = "La séance est {phase} : elle ne se déplace plus."
NOTHING_TO_SHOW = "Rien n'est à montrer en séance dans cette candidature pour l'instant."
NOTHING_LEFT = "Il n'y a plus rien à montrer dans cette séance : annulez-la."
NO_OFFER = "Aucun vérificateur n'offre {a_slot} à venir pour l'instant : revenez plus tard."
TOO_SOON = "Les {slots} à venir sont trop proches : une séance se réserve au moins {hours} heures avant."
NOT_HANDLED = (
    "Aucun vérificateur qui offre {some_slots} ne traite les chapitres à montrer de cette candidature : "
    "écrivez à l'agence."
)
NOBODY_FREE = (
    "Aucun des vérificateurs qui traitent ces chapitres n'est libre aux {slots} à venir : revenez plus tard."
)
_ANY = {"a_slot": "de créneau", "slots": "créneaux", "some_slots": "des créneaux"}
_OTHERS = {"a_slot": "d'autre créneau", "slots": "autres créneaux", "some_slots": "d'autres créneaux"}


def why_not_moved(session: Session, actor: Actor, session_id: UUID) -> str:
    """Why a session finds no slot to go to, in French: it is over or under way, or as `why_none`."""
    live = live_session(session, actor, session_id)
    if live.phase is not Phase.SCHEDULED:
        return NOT_MOVED.format(phase=PHASES[live.phase])
    return why_none(session, actor, live.candidature_id, live)


def why_none(session: Session, actor: Actor, candidature_id: UUID, moved: LiveSession | None = None) -> str:
    """Why a dossier finds no slot, in French: what it is not yet, what is not offered, or who is not free.

    With a session that is to be `moved`, no other than its own.
    """
    dossier = candidatures.candidature(session, actor, candidature_id)
    if dossier.mode is not Track.DUO:
        return NOT_LIVE
    if dossier.state is not State.IN_REVIEW:
        return NOT_YET.format(state=STATES[dossier.state])
    moment = now(session)
    to_show = suitable_queries.showable(moment, moved.id if moved else None)
    showable = sa.select(Item.id).where(Item.candidature_id == dossier.id, to_show)
    if not session.scalar(sa.select(showable.exists())):
        return NOTHING_LEFT if moved else NOTHING_TO_SHOW
    return _why_no_offer(session, dossier, moment, moved)


def _why_no_offer(session: Session, dossier: Candidature, moment: datetime, moved: LiveSession | None) -> str:
    words = _OTHERS if moved else _ANY
    offered = [Slot.withdrawn_at.is_(None), *([Slot.id != moved.slot_id] if moved else [])]
    latest = session.scalar(sa.select(sa.func.max(Slot.starts_at)).where(Slot.starts_at > moment, *offered))
    if latest is None:
        return NO_OFFER.format(**words)
    if latest < moment + NOTICE:
        return TOO_SOON.format(hours=NOTICE // timedelta(hours=1), **words)
    handled = sa.select(Slot.id).where(
        *offered,
        Slot.starts_at >= moment + NOTICE,
        suitable_queries.handled_in(dossier, Slot, moment, moved.id if moved else None),
    )
    reason = NOBODY_FREE if session.scalar(sa.select(handled.exists())) else NOT_HANDLED
    return reason.format(**words)


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
