"""A session that is booked goes to another slot: the same session, agenda and event in the calendars."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.errors import Conflict, Stale
from referencing.base.instants import instant
from referencing.base.permissions import Actor, Right
from referencing.catalogue.proposals import Guichet
from referencing.duo.conduct.ending import drop_overtaken
from referencing.duo.sessions import letters, people, queries, suitable_queries
from referencing.duo.sessions.agenda import Candidate, too_long
from referencing.duo.sessions.agenda_lines import CHANGED
from referencing.duo.sessions.events import add_event
from referencing.duo.sessions.models import Line, LiveSession, Participant, Side
from referencing.duo.sessions.phases import PENDING
from referencing.duo.slots.models import Quarter
from referencing.duo.slots.offers import EARLY, NOTICE
from referencing.duo.slots.times import free, take
from referencing.journal.operations import record

from .booking import Chosen, choose, let_go, refuse_unbookable


def move(session: Session, actor: Actor, session_id: UUID, slot_id: UUID, revision: int) -> LiveSession:
    """Take a session that was not entered yet to another slot; to where it is already, nothing changes.

    The new slot is one that could be booked; an editor moves until a day before, as it cancels. Raises NotFound for
    what is no slot, Stale on an old revision, Conflict when it is too late, the slot was taken meanwhile, or the
    agenda does not fit there.
    """
    live = queries.locked(session, actor, session_id, Right.TAKE_PART)
    people.taking_part(live, actor)
    if live.slot_id == slot_id:
        return live
    if live.revision != revision:
        raise Stale(CHANGED)
    refuse_begun(session, live)
    refuse_unbookable(live.candidature)
    if not actor.of_agency and now(session) > live.starts_at - NOTICE:
        raise Conflict(
            "Une séance se déplace au plus tard 24 heures avant son début : passé ce délai, écrivez à l'agence dans "
            "les messages de la candidature."
        )
    let_go(session, live.candidature)
    drop_overtaken(session, live)
    lines = queries.lines(session, live.id, *PENDING)
    if not lines:
        raise Conflict("Il n'y a plus rien à montrer dans cette séance : annulez-la.")
    chosen = choose(session, live.candidature, slot_id, live.id)
    _refuse_agenda(session, lines, chosen)
    before = live.starts_at, live.ends_at
    gone = _change_slot(session, live, chosen)
    detail = {
        "session": str(live.id),
        "from": {"starts_at": instant(before[0]), "ends_at": instant(before[1])},
        "starts_at": instant(live.starts_at),
        "ends_at": instant(live.ends_at),
    }
    record(session, actor, "session.moved", f"candidature:{live.candidature_id}", detail)
    add_event(session, live, "session.moved", detail)
    letters.change(session, live, gone)
    return live


def refuse_begun(session: Session, live: LiveSession) -> None:
    """Raises Conflict from when a session may be entered: its room may be open, and people in it."""
    if live.opened_at is not None or live.ended_at is not None or now(session) >= live.starts_at - EARLY:
        raise Conflict(
            "La séance est commencée, finie, ou sur le point de commencer : tenez-la, ou annulez-la si elle n'est pas "
            "ouverte."
        )


def set_verifiers(session: Session, live: LiveSession, verifiers: set[UUID]) -> list[Participant]:
    """Expect these verifiers from the agency and no others; answers who no longer is."""
    agency = {one.account_id: one for one in live.participants if one.side is Side.AGENCY}
    gone = [one for account_id, one in agency.items() if account_id not in verifiers]
    for participant in gone:
        session.delete(participant)
    for account_id in sorted(verifiers - agency.keys()):
        session.add(
            Participant(session_id=live.id, account_id=account_id, side=Side.AGENCY, added_at=now(session))
        )
    session.flush()
    session.expire(live, ["participants"])
    return gone


def _refuse_agenda(session: Session, lines: Sequence[Line], chosen: Chosen) -> None:
    excess = too_long([one.minutes for one in lines], list[Candidate](), chosen.minutes)
    if excess is not None:
        raise Conflict(
            f"L'ordre du jour demande environ {excess.minutes} minutes et ce créneau en a {chosen.minutes} : "
            "retirez-en une partie d'abord, ou prenez un créneau plus long."
        )
    others = not_handled(lines, suitable_queries.handles(session, chosen.verifiers, chosen.availabilities))
    if others:
        raise Conflict(
            f"Ce créneau est d'un autre domaine que : {', '.join(others)}. Retirez-les d'abord de l'ordre du jour, ou "
            "choisissez un autre créneau."
        )


def not_handled(lines: Sequence[Line], handles: Callable[[str, Guichet], bool]) -> list[str]:
    """Codes of what is on an agenda and nobody handles (`suitable_queries.handles`)."""
    proofs = [one.item.expected_proof for one in lines]
    return [one.code for one in proofs if not handles(one.requirement.chapter, one.guichet)]


def _change_slot(session: Session, live: LiveSession, chosen: Chosen) -> list[Participant]:
    """Give the time of its people back and take it anew; answers which verifiers are no longer expected."""
    free(session, Quarter.session_id == live.id)
    gone = set_verifiers(session, live, set(chosen.verifiers))
    live.slot_id = chosen.slot.id
    live.starts_at, live.ends_at = chosen.slot.starts_at, chosen.slot.ends_at
    live.revision += 1
    session.flush()
    take(
        session,
        [one.account_id for one in live.participants],
        live.starts_at,
        live.ends_at,
        session_id=live.id,
    )
    return gone
