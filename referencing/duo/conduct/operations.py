"""What is done with a session: its phases, its agenda, and what is tried before it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.errors import Conflict, FieldError, Invalid, Stale, Unconfirmed
from referencing.base.french import counted
from referencing.base.permissions import Actor, Right, Role
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import State
from referencing.duo.sessions import people, queries
from referencing.duo.sessions.agenda_lines import CHANGED, add_lines, named, refuse_too_long
from referencing.duo.sessions.descriptions import line_values
from referencing.duo.sessions.events import add_event
from referencing.duo.sessions.models import CheckKind, Line, LiveSession, Side, TechnicalCheck
from referencing.duo.sessions.phases import (
    LIVE,
    PENDING,
    PHASES,
    SESSION,
    Action,
    LineState,
    Phase,
)
from referencing.duo.slots.offers import EARLY, NOTICE, WAITED_FOR
from referencing.journal.operations import record

from .ending import Leftovers, drop_overtaken, end, leave


def open_session(session: Session, actor: Actor, session_id: UUID) -> LiveSession:
    """Begin; who opens is there. Raises Conflict too early, or when its dossier is not in review any more."""
    live = _session_to_conduct(session, actor, session_id)
    allow(actor, live, Action.OPEN)
    if now(session) < live.starts_at - EARLY:
        raise Conflict(people.TOO_EARLY)
    if live.candidature.state is not State.IN_REVIEW:
        raise Conflict("La candidature n'est pas en instruction : il n'y a rien à vérifier en séance.")
    drop_overtaken(session, live)
    live.opened_at = now(session)
    _change_phase(session, actor, live, Action.OPEN)
    people.enter(session, actor, live)
    return live


def pause(session: Session, actor: Actor, session_id: UUID, reason: str) -> LiveSession:
    live = _session_to_conduct(session, actor, session_id)
    _change_phase(session, actor, live, Action.PAUSE, reason)
    return live


def resume(session: Session, actor: Actor, session_id: UUID) -> LiveSession:
    live = _session_to_conduct(session, actor, session_id)
    _change_phase(session, actor, live, Action.RESUME)
    people.enter(session, actor, live)
    return live


def close(
    session: Session,
    actor: Actor,
    session_id: UUID,
    leftovers: Leftovers,
    reason: str,
    *,
    nothing_decided: bool = False,
) -> LiveSession:
    """The session is over; what was not decided goes to the queue, or waits for another session.

    Raises Unconfirmed where nothing was decided, unless `nothing_decided` says that it is meant.
    """
    live = _session_to_conduct(session, actor, session_id, to_end=True)
    allow(actor, live, Action.CLOSE)
    if not nothing_decided:
        _refuse_undecided(session, live)
    return _end(session, actor, live, Action.CLOSE, leftovers, reason)


def _refuse_undecided(session: Session, live: LiveSession) -> None:
    agenda = queries.lines(session, live.id)
    pending = [line.item.expected_proof.code for line in agenda if line.state in PENDING]
    if not pending or any(line.state is LineState.DECIDED for line in agenda):
        return
    raise Unconfirmed(
        f"Rien n'est décidé : {counted(len(pending), 'preuve')} de l'ordre du jour sans verdict. Jugez, ou "
        "confirmez que la séance se termine ainsi ; un ennui technique s'enregistre comme une interruption.",
        [FieldError("/nothing_decided", "Donnez true si la séance est voulue ainsi.")],
        {"pending": pending},
    )


def interrupt(
    session: Session, actor: Actor, session_id: UUID, leftovers: Leftovers, reason: str
) -> LiveSession:
    """Technical trouble ends the session; what was decided stands."""
    live = _session_to_conduct(session, actor, session_id, to_end=True)
    return _end(session, actor, live, Action.INTERRUPT, leftovers, reason)


def miss(
    session: Session, actor: Actor, session_id: UUID, absent: Side, leftovers: Leftovers, reason: str
) -> LiveSession:
    """One side did not come, says the other, or a lead. Raises Conflict when it did, or is not late enough yet."""
    live = queries.locked(session, actor, session_id, Right.TAKE_PART, to_end=True)
    people.taking_part(live, actor)
    allow(actor, live, Action.MISS)
    own = Side.EDITOR if actor.role is Role.EDITOR else Side.AGENCY
    if absent is own and actor.role is not Role.LEAD:
        raise Conflict("On ne se déclare pas absent soi-même : annulez plutôt la séance.")
    if now(session) < live.starts_at + WAITED_FOR:
        raise Conflict("Attendez un quart d'heure après le début avant de constater une absence.")
    if people.came(session, live, absent):
        raise Conflict("Quelqu'un de ce côté est venu : la séance se clôt ou s'interrompt plutôt.")
    live.absent = absent
    return _end(session, actor, live, Action.MISS, leftovers, reason)


def cancel(session: Session, actor: Actor, session_id: UUID, reason: str) -> LiveSession:
    """Call the session off before it begins; an editor until a day before. Nothing was left unfinished by it."""
    live = queries.locked(session, actor, session_id, Right.TAKE_PART, to_end=True)
    people.taking_part(live, actor)
    allow(actor, live, Action.CANCEL)
    if not actor.of_agency and now(session) > live.starts_at - NOTICE:
        raise Conflict(
            "Une séance s'annule au plus tard 24 heures avant son début : passé ce délai, écrivez à l'agence dans "
            "les messages de la candidature."
        )
    return _end(session, actor, live, Action.CANCEL, Leftovers.NEXT_SESSION, reason)


def set_agenda(
    session: Session, actor: Actor, session_id: UUID, revision: int, items: Sequence[str]
) -> LiveSession:
    """Set what is still to be shown, in order: items are added, moved, or taken off, which go where they came from.

    Until it begins by either side, then by its verifiers. Raises Stale on an old revision, Invalid for what cannot
    be shown, or that the session has no time for besides the rest.
    """
    live = queries.locked(session, actor, session_id, Right.TAKE_PART)
    people.taking_part(live, actor)
    if live.phase not in LIVE or (live.phase is not Phase.SCHEDULED and actor.role is not Role.VERIFIER):
        raise Conflict(
            f"La séance est {PHASES[live.phase]} : son ordre du jour ne se change plus, ou plus que par ses "
            "vérificateurs."
        )
    if live.revision != revision:
        raise Stale(CHANGED)
    candidature = live.candidature
    drop_overtaken(session, live)
    _change_agenda(session, actor, candidature, live, items)
    live.revision += 1
    lines = [line_values(one) for one in queries.lines(session, live.id)]
    record(
        session,
        actor,
        "session.agenda_set",
        f"candidature:{candidature.id}",
        {"session": str(live.id), "items": [one["code"] for one in lines if one["state"] in PENDING]},
    )
    add_event(session, live, "agenda.set", {"lines": lines})
    return live


def _change_agenda(
    session: Session, actor: Actor, candidature: Candidature, live: LiveSession, items: Sequence[str]
) -> None:
    pending = queries.lines(session, live.id, *PENDING)
    by_name = {name: one for one in pending for name in (str(one.item_id), one.item.expected_proof.code)}
    kept = {by_name[one].id for one in items if one in by_name}
    off = [one for one in pending if one.id not in kept]
    if any(one.state is LineState.SHOWN for one in off):
        raise Conflict("Une preuve qui est montrée ne se retire pas : décidez-en, ou laissez-la.")
    new = [one for one in items if one not in by_name]
    # What was decided in this session is decided again on its line, which keeps what was said of it.
    decided = queries.lines(session, live.id, LineState.DECIDED)
    on_it = {one.item_id for one in decided}
    showable = [one for one in queries.showable(session, candidature) if one.id not in on_it]
    added = named(showable, new) if new else []
    if added:
        stay = [one.minutes for one in (*decided, *pending) if one not in off]
        refuse_too_long(stay, added, live.minutes)
    leave(session, actor, candidature, off, Leftovers.NEXT_SESSION)
    for line in off:
        line.state = LineState.WITHDRAWN
    session.flush()
    add_lines(session, actor, candidature, live, added)
    _order(session, live, items)


def _order(session: Session, live: LiveSession, items: Sequence[str]) -> None:
    """Order the agenda: what was decided or left keeps its place before what is still to be shown."""
    wanted = {name: place for place, name in enumerate(items)}

    def place(line: Line) -> int:
        names = (str(line.item_id), line.item.expected_proof.code)
        return min(wanted[name] for name in names if name in wanted)

    lines = queries.lines(session, live.id)
    settled = [one for one in lines if one.state not in PENDING]
    pending = sorted((one for one in lines if one.state in PENDING), key=place)
    for position, agenda_line in enumerate([*settled, *pending], 1):
        agenda_line.position = position
    session.flush()


def note_check(
    session: Session, actor: Actor, session_id: UUID, kind: CheckKind, *, passed: bool, comment: str
) -> TechnicalCheck:
    """Note what was tried before or at the beginning, and what does not work; the last note of a kind counts."""
    live = queries.live_session(session, actor, session_id, Right.TAKE_PART)
    live = queries.kept_still(session, live.id)
    people.taking_part(live, actor)
    if live.phase not in LIVE:
        raise Conflict(f"La séance est {PHASES[live.phase]} : il n'y a plus rien à essayer.")
    if not passed and not comment:
        raise Invalid(
            "Dites ce qui ne marche pas.", [FieldError("/comment", "Décrivez ce qui ne marche pas.")]
        )
    words = {
        "passed": passed,
        "comment": comment,
        "checked_by": actor.account_id,
        "checked_at": now(session),
    }
    written = insert(TechnicalCheck).values(session_id=live.id, kind=kind, **words)
    written = written.on_conflict_do_update(
        index_elements=[TechnicalCheck.session_id, TechnicalCheck.kind], set_=words
    )
    check = session.scalars(
        written.returning(TechnicalCheck), execution_options={"populate_existing": True}
    ).one()
    add_event(session, live, "check.noted", {"kind": kind.value, "passed": passed, "comment": comment})
    return check


def allow(actor: Actor, live: LiveSession, action: Action) -> Phase:
    """The phase that an action leads to. Raises Conflict, with what the actor may do instead."""
    return SESSION.follow(
        "La séance", live.phase, action, actor, lambda act: people.hindered(live, actor, act)
    )


def _session_to_conduct(
    session: Session, actor: Actor, session_id: UUID, *, to_end: bool = False
) -> LiveSession:
    live = queries.locked(session, actor, session_id, Right.CONDUCT_SESSIONS, to_end=to_end)
    people.conducting(live, actor)
    return live


def _change_phase(
    session: Session, actor: Actor, live: LiveSession, action: Action, reason: str = ""
) -> None:
    live.phase = allow(actor, live, action)
    live.revision += 1
    detail = {"session": str(live.id), "phase": live.phase.value, "reason": reason or None}
    record(session, actor, f"session.{action.value}", f"candidature:{live.candidature_id}", detail)
    add_event(session, live, f"session.{live.phase.value}", detail)


def _end(
    session: Session, actor: Actor, live: LiveSession, action: Action, leftovers: Leftovers, reason: str
) -> LiveSession:
    allow(actor, live, action)
    end(session, actor, live.candidature, live, action, leftovers, reason)
    return live
