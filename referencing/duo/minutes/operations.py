"""Reading the minutes of a session, and signing them or saying why not.

Until somebody signs they are made from the session each time they are read; the first signature fixes their bytes, and
the other side signs the same or nothing. Once both have, nothing changes any more.
"""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.errors import Conflict, Stale, invalid_field
from referencing.base.permissions import Actor, Right, authorise
from referencing.duo.sessions import queries
from referencing.duo.sessions.attendance import attended
from referencing.duo.sessions.events import add_event
from referencing.duo.sessions.models import LiveSession, Side
from referencing.duo.sessions.phases import SESSION, Action, Phase
from referencing.journal.operations import record

from . import queries as minutes_queries
from .document import canonical, digest
from .models import Decision, Minutes, Signature

#: Phases with minutes: the session took place, or should have. Only what was closed is signed.
ENDED = frozenset({Phase.CLOSED, Phase.SIGNED, Phase.INTERRUPTED, Phase.NO_SHOW})


@dataclass(frozen=True, slots=True)
class Written:
    """The minutes as they are now; `fixed` once somebody has signed them."""

    document: bytes
    sha256: str
    fixed: bool


def read(session: Session, actor: Actor, session_id: UUID) -> tuple[LiveSession, Written]:
    """The minutes of a session that the actor follows. Raises NotFound, Conflict before the session has ended."""
    live = queries.live_session(session, actor, session_id)
    if live.phase not in ENDED:
        raise Conflict("Le procès-verbal est établi à la fin de la séance : revenez à ce moment.")
    return live, _current_minutes(session, live)


def sign(
    session: Session, actor: Actor, session_id: UUID, *, sha256: str, decision: Decision, reserves: str
) -> None:
    """Say what one's side makes of the minutes that have this SHA-256.

    Raises Stale when they have another one by now, Conflict when one's side has signed, Invalid for a refusal that does
    not say why.
    """
    authorise(actor, Right.SIGN_MINUTES)
    live, own = attended(session, actor, session_id)
    queries.kept_still(session, live.id)
    if live.phase is Phase.SIGNED:
        raise Conflict("Les deux parties ont signé ce procès-verbal : il ne change plus.")
    if live.phase is not Phase.CLOSED:
        raise Conflict("Le procès-verbal se signe une fois la séance close.")
    if decision is Decision.REFUSED and not reserves.strip():
        raise invalid_field("reserves", "Dites pourquoi vous refusez de signer : ce sont vos réserves.")
    if own.side in _sides_signed(session, live.id):
        raise Conflict("Votre partie a déjà signé ce procès-verbal.")
    written = _current_minutes(session, live)
    if written.sha256 != sha256:
        raise Stale("Le procès-verbal a changé depuis votre lecture : relisez-le, puis signez-le.")
    _keep_signature(session, actor, live, own.side, written, decision, reserves)
    if _sides_signed(session, live.id) == set(Side):
        _conclude(session, actor, live, written)


def _current_minutes(session: Session, live: LiveSession) -> Written:
    fixed = session.get(Minutes, live.id)
    if fixed is not None:
        return Written(fixed.document, fixed.sha256, fixed=True)
    document = canonical(minutes_queries.document(session, live))
    return Written(document, digest(document), fixed=False)


def _sides_signed(session: Session, session_id: UUID) -> set[Side]:
    sides = sa.select(Signature.side).where(
        Signature.session_id == session_id, Signature.decision == Decision.SIGNED
    )
    return set(session.scalars(sides))


def _keep_signature(
    session: Session,
    actor: Actor,
    live: LiveSession,
    side: Side,
    written: Written,
    decision: Decision,
    reserves: str,
) -> None:
    at = now(session)
    if decision is Decision.SIGNED and not written.fixed:
        session.add(
            Minutes(session_id=live.id, document=written.document, sha256=written.sha256, fixed_at=at)
        )
    session.add(
        Signature(
            id=new_id(),
            session_id=live.id,
            side=side,
            account_id=actor.account_id,
            sha256=written.sha256,
            decision=decision,
            reserves=reserves,
            signed_at=at,
        )
    )
    session.flush()
    detail = {"side": side.value, "sha256": written.sha256, "reserves": reserves}
    add_event(session, live, f"minutes.{decision.value}", detail)
    stream = f"candidature:{live.candidature_id}"
    record(session, actor, f"duo.minutes_{decision.value}", stream, {"session": str(live.id), **detail})


def _conclude(session: Session, actor: Actor, live: LiveSession, written: Written) -> None:
    live.phase = SESSION.follow("La séance", live.phase, Action.SIGN)
    live.revision += 1
    session.flush()
    add_event(session, live, "session.signed", {"phase": live.phase.value, "sha256": written.sha256})
    record(
        session,
        actor,
        "duo.signed",
        f"candidature:{live.candidature_id}",
        {"session": str(live.id), "sha256": written.sha256},
    )
