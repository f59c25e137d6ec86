"""What an editor does with a slot: see what would be shown in it, hold it, book it; and the agenda until it ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.errors import Conflict, NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.base.workdays import instant
from referencing.candidatures.record import queries as candidatures
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import State, Track
from referencing.duo.sessions import letters, queries, suitable_queries
from referencing.duo.sessions.agenda import Proposal, propose
from referencing.duo.sessions.agenda_lines import NOTHING, add_lines, named, refuse_too_long
from referencing.duo.sessions.events import add_event
from referencing.duo.sessions.models import Line, LiveSession, Participant, Side
from referencing.duo.sessions.phases import LineState, Phase
from referencing.duo.sessions.queries import Showable
from referencing.duo.slots.models import Hold, Slot
from referencing.duo.slots.offers import HELD_FOR
from referencing.duo.slots.slots import NO_SLOT
from referencing.duo.slots.times import TAKEN, take
from referencing.journal.operations import record
from referencing.reviews.queues.verifiers import kept_still

NO_HOLD = "Cette réservation n'existe pas ou a expiré : choisissez un créneau."


@dataclass(frozen=True, slots=True)
class Chosen:
    """The slots that make one session, the one that was asked for first; their verifiers are kept still."""

    slot: Slot
    offered: Sequence[Slot]

    @property
    def verifiers(self) -> list[UUID]:
        return [one.verifier_id for one in self.offered]

    @property
    def availabilities(self) -> list[UUID]:
        return [one.availability_id for one in self.offered]

    @property
    def minutes(self) -> int:
        return self.slot.minutes


def proposed(session: Session, actor: Actor, candidature_id: UUID, minutes: int) -> Proposal[Showable]:
    """What a session of that length would show of a dossier, whoever verifies; nothing is changed or kept."""
    authorise(actor, Right.FOLLOW_SESSIONS)
    candidature = candidatures.candidature(session, actor, candidature_id)
    showable = queries.showable(session, candidature)
    return propose([one for one in showable if one.by_itself], minutes)


def hold(session: Session, actor: Actor, candidature_id: UUID, slot_id: UUID) -> Hold:
    """Keep a slot for a dossier while its agenda is prepared, in the place of what it held before.

    Raises NotFound for what is no slot, Conflict when somebody was quicker.
    """
    authorise(actor, Right.BOOK_SESSIONS)
    candidature = _bookable(session, actor, candidature_id)
    let_go(session, candidature)
    chosen = choose(session, candidature, slot_id)
    held = Hold(
        id=new_id(),
        slot_id=slot_id,
        candidature=candidature,
        held_by=actor.account_id,
        starts_at=chosen.slot.starts_at,
        ends_at=chosen.slot.ends_at,
        expires_at=now(session) + HELD_FOR,
    )
    session.add(held)
    session.flush()
    take(session, [*chosen.verifiers, actor.account_id], held.starts_at, held.ends_at, hold_id=held.id)
    return held


def release(session: Session, actor: Actor, hold_id: UUID) -> None:
    """Give a held slot back. Raises NotFound, for another organisation's as well."""
    authorise(actor, Right.BOOK_SESSIONS)
    own = sa.select(Candidature.id).where(Candidature.organisation_id == actor.organisation_id)
    kept = sa.select(Hold).where(Hold.id == hold_id, Hold.candidature_id.in_(own)).with_for_update()
    held = session.scalar(kept)
    if held is None:
        raise NotFound(NO_HOLD)
    session.delete(held)


def let_go(session: Session, candidature: Candidature) -> None:
    """Give back the slot that a dossier holds, if it holds any."""
    dropped = sa.delete(Hold).where(Hold.candidature_id == candidature.id)
    session.execute(dropped.execution_options(synchronize_session=False))


def book(
    session: Session, actor: Actor, candidature_id: UUID, slot_id: UUID, items: Sequence[str] | None
) -> LiveSession:
    """Book a slot for a dossier; without `items` the agenda is what is proposed for it.

    Raises NotFound for what is no slot, Conflict when it was taken meanwhile or there is nothing to show, Invalid for
    items that cannot be shown, or that it has no time for.
    """
    authorise(actor, Right.BOOK_SESSIONS)
    candidature = _bookable(session, actor, candidature_id)
    let_go(session, candidature)
    chosen = choose(session, candidature, slot_id)
    agenda = _agenda(session, candidature, chosen, items)
    live = _create(session, actor, candidature, chosen)
    take(
        session,
        [one.account_id for one in live.participants],
        live.starts_at,
        live.ends_at,
        session_id=live.id,
    )
    detail = {
        "session": str(live.id),
        "starts_at": instant(live.starts_at),
        "ends_at": instant(live.ends_at),
        "items": [one.code for one in agenda],
    }
    record(session, actor, "session.booked", f"candidature:{candidature.id}", detail)
    add_lines(session, actor, candidature, live, agenda)
    add_event(session, live, "session.scheduled", detail)
    letters.invite(session, live)
    return live


def _bookable(session: Session, actor: Actor, candidature_id: UUID) -> Candidature:
    candidature = candidatures.locked(session, actor, candidature_id)
    refuse_unbookable(candidature)
    return candidature


def refuse_unbookable(candidature: Candidature) -> None:
    """Raises Conflict for a dossier that is not verified live, or not now."""
    if candidature.mode is not Track.DUO:
        raise Conflict("Cette candidature n'est pas en mode DUO : ses preuves se vérifient dans les files.")
    if candidature.state is not State.IN_REVIEW:
        raise Conflict(
            "Une séance se réserve pendant l'instruction : elle n'est pas ouverte, ou elle est finie."
        )


def choose(session: Session, candidature: Candidature, slot_id: UUID, moved: UUID | None = None) -> Chosen:
    """The slot, with that of a second verifier where a lead wants two; looked at again once they are kept still.

    `moved` is the session that goes there, if it was booked already. Raises NotFound, Conflict.
    """
    slot = session.get(Slot, slot_id)
    if slot is None or slot.withdrawn_at is not None:
        raise NotFound(NO_SLOT)
    moment = now(session)
    two = suitable_queries.verifiers_wanted(session, candidature) > 1
    others = suitable_queries.second_slots(candidature, slot, moment, moved).limit(1)
    other = session.scalar(others) if two else None
    offered = [slot, *([other] if other else [])]
    for verifier in sorted(one.verifier_id for one in offered):
        kept_still(session, verifier)
    conditions = suitable_queries.for_dossier(session, candidature, Slot, moved)
    suits = sa.select(Slot.id).where(Slot.id == slot_id, *conditions)
    still = session.scalar(suits) is not None and (not two or session.scalar(others) is other)
    if not still or (two and other is None):
        raise Conflict(TAKEN)
    return Chosen(slot, offered)


def _agenda(
    session: Session, candidature: Candidature, chosen: Chosen, items: Sequence[str] | None
) -> Sequence[Showable]:
    handles = suitable_queries.handles(session, chosen.verifiers, chosen.availabilities)
    handled = [one for one in queries.showable(session, candidature) if handles(one.chapter, one.guichet)]
    if items is None:
        agenda = propose([one for one in handled if one.by_itself], chosen.minutes).chosen
        if not agenda:
            raise Conflict(NOTHING)
        return agenda
    agenda = named(handled, items)
    refuse_too_long([], agenda, chosen.minutes)
    return agenda


def _create(session: Session, actor: Actor, candidature: Candidature, chosen: Chosen) -> LiveSession:
    sides = [*((one, Side.AGENCY) for one in chosen.verifiers), (actor.account_id, Side.EDITOR)]
    live = LiveSession(
        id=new_id(),
        candidature=candidature,
        organisation=candidature.organisation,
        slot_id=chosen.slot.id,
        follows_id=_session_before(session, candidature),
        booked_by=actor.account_id,
        phase=Phase.SCHEDULED,
        revision=1,
        sequence=0,
        last_event=0,
        starts_at=chosen.slot.starts_at,
        ends_at=chosen.slot.ends_at,
        participants=[
            Participant(account_id=account_id, side=side, added_at=now(session)) for account_id, side in sides
        ],
    )
    session.add(live)
    session.flush()
    return live


def _session_before(session: Session, candidature: Candidature) -> UUID | None:
    """The last session of a dossier that left something for another one."""
    return session.scalar(
        sa.select(LiveSession.id)
        .join(Line, Line.session_id == LiveSession.id)
        .where(LiveSession.candidature_id == candidature.id, Line.state == LineState.TO_NEXT)
        .order_by(LiveSession.id.desc())
        .limit(1)
    )
