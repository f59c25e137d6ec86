"""The room of a session: opened shortly before, entered by who takes part, replaced when it fails, closed at the end.

Providers are asked without any lock; what they made is kept under the session's row, where the first to come is right.
"""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.base.db import new_id, now
from referencing.base.errors import Conflict, Forbidden, Unavailable
from referencing.base.jobs import enqueue, last_try
from referencing.base.permissions import Actor
from referencing.duo.rooms.providers.port import Guest, Recording, Room, RoomProvider, RoomUnavailable
from referencing.duo.sessions import letters, queries
from referencing.duo.sessions.attendance import attended
from referencing.duo.sessions.events import add_event
from referencing.duo.sessions.models import LiveSession, Participant, Side
from referencing.duo.sessions.phases import LIVE, Phase
from referencing.duo.slots.offers import EARLY
from referencing.journal.operations import SYSTEM, Author, record

from .models import ConferenceRoom

log = logging.getLogger(__name__)

Providers = Sequence[RoomProvider]

#: After its planned end, a room still lets in for so long: a session may last longer.
LATE = timedelta(hours=1)
#: The provider of rooms whose link was given by hand.
BY_HAND = "manual"
NOBODY = (
    "Aucun service de visioconférence ne répond pour le moment : réessayez dans une minute, "
    "ou demandez au vérificateur de donner un lien."
)


def enter(session: Session, actor: Actor, providers: Providers, session_id: UUID) -> tuple[str, datetime]:
    """A link made for this person, and until when it lets in. Where the room has failed, of the next provider's."""
    live, own = attended(session, actor, session_id)
    _may_enter(live, now(session))
    room = current(session, live.id) or _open_with(session, live, SYSTEM, providers, None)
    until = _until(session, live)
    try:
        return _link(providers, room, own, now(session), until), until
    except RoomUnavailable as error:
        log.warning("room %s of %s: %s", room.id, room.provider, error)
    others = [one for one in providers if one.kind != room.provider]
    room = _open_with(session, live, SYSTEM, others, room, "La salle ne répond plus.")
    try:
        return _link(providers, room, own, now(session), until), until
    except RoomUnavailable as error:
        log.warning("room %s of %s: %s", room.id, room.provider, error)
        raise Unavailable(NOBODY) from None


def _may_enter(live: LiveSession, at: datetime) -> None:
    _still_live(live)
    if at < live.starts_at - EARLY:
        raise Conflict(f"La salle ouvre {EARLY.seconds // 60} minutes avant la séance : revenez à ce moment.")


def _link(providers: Providers, room: ConferenceRoom, who: Participant, at: datetime, until: datetime) -> str:
    if room.provider == BY_HAND:
        return room.address or ""
    provider = next((one for one in providers if one.kind == room.provider), None)
    if provider is None:
        raise RoomUnavailable("not configured any more")
    guest = Guest(who.account_id, who.account.name, moderator=who.side is Side.AGENCY)
    return provider.link(_room_of(room), guest, at, until)


def replace(
    session: Session, actor: Actor, providers: Providers, session_id: UUID, *, room: int, reason: str
) -> None:
    """Replace a room that does not work: everybody goes to one of the next provider, or of the only one.

    Nothing when it was replaced already: who says so second means the same room.
    """
    live = _session_of_verifier(session, actor, session_id)
    _may_enter(live, now(session))
    failed = current(session, live.id)
    if failed is None or failed.number != room:
        return
    kinds = [one.kind for one in providers]
    at = kinds.index(failed.provider) + 1 if failed.provider in kinds else 0
    _open_with(session, live, actor, [*providers[at:], *providers[:at]], failed, reason)


def give_link(session: Session, actor: Actor, session_id: UUID, address: str) -> None:
    """Use a room that somebody made elsewhere; its link is the same for all."""
    live = queries.kept_still(session, _session_of_verifier(session, actor, session_id).id)
    _still_live(live)
    room = current(session, live.id)
    if room is not None and room.provider == BY_HAND and room.address == address:
        return
    reason = "Un lien a été donné à la main."
    number = _number(session, live.id)
    _record_room(session, live, actor, BY_HAND, Room(f"lien-{number}", "", address), room, reason)


def _session_of_verifier(session: Session, actor: Actor, session_id: UUID) -> LiveSession:
    live, own = attended(session, actor, session_id)
    if own.side is not Side.AGENCY:
        raise Forbidden("La salle se change du côté de l'agence : prévenez le vérificateur de la séance.")
    return live


def _still_live(live: LiveSession) -> None:
    if live.phase not in LIVE:
        raise Conflict("Cette séance est terminée : sa salle est fermée.")


def recordings(
    session: Session, actor: Actor, providers: Providers, session_id: UUID
) -> list[tuple[str, Recording]]:
    """What the providers recorded in the session's rooms, for the agency. Raises Unavailable."""
    live = queries.live_session(session, actor, session_id)
    if not actor.of_agency:
        raise Forbidden("Les enregistrements se lisent du côté de l'agence : demandez-les au vérificateur.")
    kept = sa.select(ConferenceRoom).where(ConferenceRoom.session_id == live.id)
    recorded: list[tuple[str, Recording]] = []
    for room in session.scalars(kept.order_by(ConferenceRoom.number)):
        for provider in (one for one in providers if one.kind == room.provider):
            try:
                recorded += [(provider.kind, one) for one in provider.recordings(_room_of(room))]
            except RoomUnavailable as error:
                log.warning("recordings of room %s: %s", room.id, error)
                raise Unavailable("Le service de visioconférence ne répond pas : réessayez.") from None
    return recorded


def current(session: Session, session_id: UUID) -> ConferenceRoom | None:
    return session.scalar(
        sa.select(ConferenceRoom).where(
            ConferenceRoom.session_id == session_id, ConferenceRoom.left_at.is_(None)
        )
    )


def _open_with(
    session: Session,
    live: LiveSession,
    author: Author,
    providers: Providers,
    before: ConferenceRoom | None,
    reason: str | None = None,
) -> ConferenceRoom:
    """A room of the first provider that answers, unless somebody else had one made meanwhile. Raises Unavailable."""
    name = _name(live.id, _number(session, live.id))
    for provider in providers:
        try:
            made = provider.open(name, now(session), _until(session, live))
        except RoomUnavailable as error:
            log.warning("no room by %s: %s", provider.kind, error)
            continue
        held = queries.kept_still(session, live.id)
        room = current(session, live.id)
        if room is not None and (before is None or room.id != before.id):
            return room
        _may_enter(held, now(session))
        return _record_room(session, held, author, provider.kind, made, before, reason)
    raise Unavailable(NOBODY)


def _record_room(
    session: Session,
    live: LiveSession,
    author: Author,
    provider: str,
    made: Room,
    before: ConferenceRoom | None,
    reason: str | None,
) -> ConferenceRoom:
    """Make it the session's room; everybody is told that it is another one, and asks for a link of their own."""
    if before is not None:
        before.left_at, before.reason = now(session), reason
        enqueue(session, "close_room", room_id=str(before.id))
        session.flush()
    room = ConferenceRoom(
        id=new_id(),
        session_id=live.id,
        number=_number(session, live.id),
        provider=provider,
        name=made.name,
        reference=made.reference,
        address=made.address,
        opened_at=now(session),
        opened_by=author.account_id,
    )
    session.add(room)
    session.flush()
    body = {"number": room.number, "provider": provider, "reason": reason}
    add_event(session, live, "room.opened" if before is None else "room.changed", body)
    if before is not None:
        record(
            session,
            author,
            "duo.room_changed",
            f"candidature:{live.candidature_id}",
            {"session": str(live.id), **body},
        )
        letters.tell_room_changed(session, live, room.number)
    return room


def _number(session: Session, session_id: UUID) -> int:
    counted = sa.select(sa.func.count()).where(ConferenceRoom.session_id == session_id)
    return (session.scalar(counted) or 0) + 1


def _name(session_id: UUID, number: int) -> str:
    """A name that is the same when the room is opened again after a crash, and says nothing of who meets."""
    return f"duo-{hashlib.sha256(f'{session_id}/{number}'.encode()).hexdigest()[:24]}"


def _until(session: Session, live: LiveSession) -> datetime:
    return max(live.ends_at, now(session)) + LATE


def _room_of(room: ConferenceRoom) -> Room:
    return Room(room.name, room.reference, room.address)


# In the background


def tend_rooms(session: Session, *, providers: Providers) -> None:
    """Have rooms opened that are needed soon, and closed that are not needed any more."""
    at = now(session)
    has_room = sa.exists().where(
        ConferenceRoom.session_id == LiveSession.id, ConferenceRoom.left_at.is_(None)
    )
    due = sa.select(LiveSession.id).where(
        LiveSession.phase.in_(sorted(LIVE)),
        LiveSession.starts_at.between(at - timedelta(days=1), at + EARLY),
        LiveSession.ends_at > at,
        ~has_room,
    )
    for session_id in session.scalars(due) if providers else ():
        enqueue(session, "open_room", session_id=str(session_id))
    for room_id in _done_with(session, at):
        enqueue(session, "close_room", room_id=str(room_id))


def _done_with(session: Session, at: datetime) -> Iterator[UUID]:
    yield from session.scalars(
        sa.select(ConferenceRoom.id)
        .join(ConferenceRoom.session)
        .where(
            ConferenceRoom.left_at.is_(None),
            sa.or_(
                LiveSession.phase.not_in(sorted(LIVE)),
                sa.and_(LiveSession.phase == Phase.SCHEDULED, LiveSession.ends_at + LATE < at),
            ),
        )
    )


def open_room(session: Session, session_id: str, *, providers: Providers) -> None:
    """Open the room of a session ahead of time. When no provider answers, it is tried again in some minutes."""
    live = session.get_one(LiveSession, UUID(session_id))
    if live.phase not in LIVE or current(session, live.id) is not None:
        return
    try:
        _open_with(session, live, SYSTEM, providers, None)
    except (Unavailable, Conflict) as error:  # it has just ended
        log.warning("no room for session %s: %s", session_id, error)


def close_room(session: Session, room_id: str, *, providers: Providers) -> None:
    """Let nobody in any more, as far as the provider can; after the last try it is left as it is."""
    select = sa.select(ConferenceRoom).where(ConferenceRoom.id == UUID(room_id))
    room = session.scalars(select.options(joinedload(ConferenceRoom.session))).one()
    provider = next((one for one in providers if one.kind == room.provider), None)
    try:
        if provider is not None:
            provider.close(_room_of(room))
    except RoomUnavailable:
        if not last_try(session):
            raise
    if room.left_at is None:
        room.left_at = now(session)
