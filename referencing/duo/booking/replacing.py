"""Verifiers who cannot come to a session that they are expected in: who they are, who is told, and who replaces them.

That somebody cannot come is derived from what they declared, and no longer so once it is taken back. Why is between
them and the leads.
"""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.base.db import now
from referencing.base.errors import Conflict, FieldError, Invalid, Stale
from referencing.base.permissions import Actor, Right
from referencing.candidatures.record.queries import held_still
from referencing.duo.sessions import letters, queries, suitable_queries
from referencing.duo.sessions.agenda_lines import CHANGED
from referencing.duo.sessions.events import add_event
from referencing.duo.sessions.hindrances import expected_verifiers, hindered_soon, needing_verifier
from referencing.duo.sessions.models import Event, LiveSession, Presence, Side
from referencing.duo.sessions.people import time_left
from referencing.duo.sessions.phases import PENDING, Phase
from referencing.duo.slots.models import Quarter
from referencing.duo.slots.queries import taken
from referencing.duo.slots.times import free, take
from referencing.journal.models import INTERNAL
from referencing.journal.operations import SYSTEM, record
from referencing.reviews.queues.verifier_queries import in_conflict
from referencing.reviews.queues.verifiers import kept_still

from .moving import not_handled, set_verifiers

NEEDS_VERIFIER = "session.needs_verifier"


def replace_verifier(
    session: Session, actor: Actor, session_id: UUID, *, leaving: UUID, coming: UUID, revision: int
) -> LiveSession:
    """A lead has another verifier come to a session that has not begun; the second time changes nothing.

    Who comes is free then, may judge the organisation and is not on leave; together its verifiers handle what is on
    the agenda. They need not have offered the time. Raises NotFound for who is no verifier, Stale on an old revision.
    """
    live = queries.locked(session, actor, session_id, Right.STAFF_SESSIONS)
    agency = {one.account_id for one in live.participants if one.side is Side.AGENCY}
    if coming in agency and leaving not in agency:
        return live
    if live.revision != revision:
        raise Stale(CHANGED)
    _refuse_leaving(session, live, agency, leaving)
    account = kept_still(session, coming)
    _refuse_coming(session, live, account, agency)
    _refuse_agenda(session, live, (agency - {leaving}) | {coming})
    free(session, Quarter.session_id == live.id, Quarter.account_id == leaving)
    gone = set_verifiers(session, live, (agency - {leaving}) | {coming})
    take(session, [coming], time_left(session, live), live.ends_at, session_id=live.id)
    live.revision += 1
    detail = {"session": str(live.id), INTERNAL: {"from": str(leaving), "to": str(coming)}}
    record(session, actor, "session.verifier_replaced", f"candidature:{live.candidature_id}", detail)
    add_event(session, live, "session.verifier_replaced", {"session": str(live.id), "account": str(coming)})
    letters.change(session, live, gone)
    return live


def _refuse_leaving(session: Session, live: LiveSession, agency: Collection[UUID], leaving: UUID) -> None:
    if live.phase is not Phase.SCHEDULED or time_left(session, live) >= live.ends_at:
        raise Conflict("La séance est commencée ou finie : ses vérificateurs ne se remplacent plus.")
    if leaving not in agency:
        raise Invalid(
            "Dites qui est remplacé.",
            [FieldError("/leaving", "Donnez l'identifiant d'un vérificateur attendu dans la séance.")],
        )
    came = sa.select(Presence.id).where(Presence.session_id == live.id, Presence.account_id == leaving)
    if session.scalar(came.limit(1)) is not None:
        raise Conflict("Ce vérificateur est déjà venu dans la séance : il ne se remplace plus.")


def _refuse_coming(session: Session, live: LiveSession, coming: Account, agency: Collection[UUID]) -> None:
    """Raises Conflict for who cannot come; the account is kept still, so that their time stays free."""
    start = time_left(session, live)
    hindered = {
        "est déjà attendu dans cette séance": sa.literal(coming.id in agency),
        "a déclaré un conflit d'intérêts avec cette organisation": in_conflict(
            coming.id, live.organisation_id
        ),
        "est en congé ce jour-là": suitable_queries.away(coming.id, live.starts_at),
        "n'est pas libre à cette heure": taken(coming.id, start, live.ends_at, now(session)),
    }
    for words, condition in hindered.items():
        if session.scalar(sa.select(condition)):
            raise Conflict(f"{coming.name} {words} : désignez quelqu'un d'autre, ou déplacez la séance.")


def _refuse_agenda(session: Session, live: LiveSession, verifiers: Collection[UUID]) -> None:
    handles = suitable_queries.handles(session, list(verifiers))
    others = not_handled(queries.lines(session, live.id, *PENDING), handles)
    if others:
        raise Conflict(
            f"Plus personne ne traiterait : {', '.join(others)}. Retirez-les de l'ordre du jour, ou désignez "
            "quelqu'un d'autre."
        )


def notice_hindrances(session: Session, verifier_id: str) -> None:
    """A verifier declared something: the people of the sessions to which they cannot come any more are told, once."""
    theirs = expected_verifiers(LiveSession.id, LiveSession.candidature_id).where(
        Account.id == UUID(verifier_id), *hindered_soon(now(session))
    )
    for session_id, candidature_id in session.execute(theirs.order_by(LiveSession.candidature_id)).all():
        held_still(session, candidature_id)
        live = queries.kept_still(session, session_id)
        if live.id in needing_verifier(session, [live.id]) and not _already_noticed(session, live):
            detail = {"session": str(live.id), "sequence": live.sequence}
            record(session, SYSTEM, NEEDS_VERIFIER, f"candidature:{candidature_id}", detail)
            add_event(session, live, NEEDS_VERIFIER, detail)
            letters.tell_needs_verifier(session, live, UUID(verifier_id))


def _already_noticed(session: Session, live: LiveSession) -> bool:
    """Whether the people of a session learned, since it was last changed, that it needs a verifier."""
    noticed = sa.select(Event.number).where(
        Event.session_id == live.id,
        Event.action == NEEDS_VERIFIER,
        Event.detail["sequence"].as_integer() == live.sequence,
    )
    return session.scalar(noticed.limit(1)) is not None
