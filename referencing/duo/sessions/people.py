"""Who takes part in a session: who may, who is expected, who comes and who leaves."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.errors import Conflict, Forbidden
from referencing.base.permissions import Actor, Right, Role
from referencing.base.workdays import instant
from referencing.duo.slots.offers import EARLY, next_quarter
from referencing.duo.slots.times import take

from . import queries
from .events import add_event
from .models import LiveSession, Participant, Presence, Side
from .phases import LIVE, Action, Phase


def time_left(session: Session, live: LiveSession) -> datetime:
    """From when on a session takes the time of who joins it now."""
    return max(live.starts_at, next_quarter(now(session)))


TOO_EARLY = "La séance n'a pas commencé : entrez au plus tôt une demi-heure avant son début."


def taking_part(live: LiveSession, actor: Actor) -> None:
    """Raises Forbidden for a verifier who is not expected; an editor's colleagues, and leads, may come."""
    if actor.role is Role.VERIFIER and not expected(live, actor):
        raise Forbidden("Cette séance est celle d'un collègue : demandez à un responsable.")


def conducting(live: LiveSession, actor: Actor) -> None:
    """Raises Forbidden for who is not one of the session's verifiers."""
    if not expected(live, actor):
        raise Forbidden("Une séance se conduit par les vérificateurs qui y sont attendus.")


def expected(live: LiveSession, actor: Actor) -> bool:
    """True when the actor is a participant of the session."""
    return any(one.account_id == actor.account_id for one in live.participants)


def hindered(live: LiveSession, actor: Actor, act: Action) -> bool:
    """True where an act is for the people of the session, and the actor is none of them."""
    for_participants = act is Action.SIGN or actor.role is Role.VERIFIER
    return for_participants and not expected(live, actor)


def arrive(session: Session, actor: Actor, session_id: UUID) -> LiveSession:
    """Be there; a colleague of the editor's who was not expected is from now on. The second time changes nothing.

    Raises Conflict before it is time, once it is over, or while the actor is in another session.
    """
    live = _session_kept_still(session, actor, session_id)
    taking_part(live, actor)
    if live.phase not in LIVE:
        raise Conflict("Cette séance est terminée : personne n'y entre plus.")
    if live.phase is Phase.SCHEDULED and now(session) < live.starts_at - EARLY:
        raise Conflict(TOO_EARLY)
    enter(session, actor, live)
    return live


def enter(session: Session, actor: Actor, live: LiveSession) -> None:
    """Have the actor be there, in a session that is kept still. Raises Conflict for who is in another session."""
    there = session.scalar(
        sa.select(Presence).where(Presence.account_id == actor.account_id, Presence.left_at.is_(None))
    )
    if there is not None and there.session_id == live.id:
        return
    if there is not None:
        raise Conflict("Vous êtes dans une autre séance : quittez-la d'abord.")
    side = Side.AGENCY if actor.of_agency else Side.EDITOR
    if not expected(live, actor):
        live.participants.append(Participant(account_id=actor.account_id, side=side, added_at=now(session)))
        session.flush()
        start = time_left(session, live)
        if start < live.ends_at:
            take(session, [actor.account_id], start, live.ends_at, session_id=live.id)
    session.add(
        Presence(
            id=new_id(),
            session_id=live.id,
            account_id=actor.account_id,
            side=side,
            arrived_at=now(session),
        )
    )
    _add_movement(session, actor, live, "arrived", side)


def depart(session: Session, actor: Actor, session_id: UUID) -> LiveSession:
    """Not be there any more; nothing else stops. The second time changes nothing."""
    live = _session_kept_still(session, actor, session_id, to_end=True)
    there = session.scalar(
        sa.select(Presence).where(
            Presence.session_id == live.id,
            Presence.account_id == actor.account_id,
            Presence.left_at.is_(None),
        )
    )
    if there is not None:
        there.left_at = now(session)
        _add_movement(session, actor, live, "left", there.side)
    return live


def came(session: Session, live: LiveSession, side: Side) -> bool:
    """True once anybody of a side was there."""
    presence = sa.exists().where(Presence.session_id == live.id, Presence.side == side)
    return bool(session.scalar(sa.select(presence)))


def _session_kept_still(
    session: Session, actor: Actor, session_id: UUID, *, to_end: bool = False
) -> LiveSession:
    """The session, kept still without its dossier: coming and going change no fact."""
    live = queries.live_session(session, actor, session_id, Right.TAKE_PART, to_end=to_end)
    return queries.kept_still(session, live.id)


def _add_movement(session: Session, actor: Actor, live: LiveSession, what: str, side: Side) -> None:
    at = instant(now(session))
    body = {"account": str(actor.account_id), "side": side.value, "at": at}
    add_event(session, live, f"participant.{what}", body)
