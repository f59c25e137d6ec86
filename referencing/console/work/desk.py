"""What is on somebody's desk: read in a bounded number of statements, whatever waits in the queues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy.orm import Session

from referencing.audits.inquiries import queries as audits
from referencing.audits.inquiries.models import Audit, Sanction
from referencing.base.db import now, today
from referencing.base.deadlines import Due
from referencing.base.permissions import Actor, Right, Role, may
from referencing.base.shapes import shape
from referencing.candidatures.api.queries import dossiers, latest_awaiting
from referencing.candidatures.clock.ledger import Holder
from referencing.candidatures.record.states import State
from referencing.candidatures.tasks.models import WORK_OF, Queue
from referencing.console.dossiers.lines import lines_of
from referencing.duo.minutes import queries as minutes
from referencing.duo.sessions import queries as duo
from referencing.duo.sessions.models import LiveSession
from referencing.duo.sessions.phases import LIVE
from referencing.equivalence.confirmations.models import ReuseNotice
from referencing.equivalence.confirmations.queries import notices
from referencing.messages.models import Message
from referencing.messages.queries import inbox
from referencing.reviews.arbitration.arbitration import open_readings
from referencing.reviews.arbitration.schemas import SecondReadingOut
from referencing.reviews.experts.queries import opinions
from referencing.reviews.experts.states import OpinionState
from referencing.reviews.experts.views import opinion_on
from referencing.reviews.queues import claims, queries, verifiers
from referencing.reviews.queues.views import tasks_for
from referencing.reviews.third_parties.queries import WaitState, waits
from referencing.reviews.third_parties.views import wait_for_reader
from referencing.safeguards.models import Safeguard
from referencing.safeguards.queries import safeguards
from referencing.safeguards.states import SafeguardState
from referencing.signals import queries as signals
from referencing.signals.models import Signal
from referencing.signals.states import SignalState

#: How many of each kind are on a desk; the rest is in its list.
MOST = 10
#: How long what leads were told of a reuse stays on their desk.
NOTICED_FOR = timedelta(days=14)
#: An editor's open dossiers, by whom they wait for.
AWAITING = {
    Holder.EDITOR: "À vous d'agir",
    Holder.AGENCY: "Chez l'agence",
    Holder.THIRD_PARTY: "Chez un tiers",
}

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits in a queue, and whether this person can take something from it."""

    queue: queries.QueueView
    takes: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    held: Sequence[Line] = ()
    queues: Sequence[Waiting] = ()
    next: Line | None = None
    most_in_hand: int | None = None
    opinions: Sequence[Line] = ()
    waits: Sequence[Line] = ()
    sessions: Sequence[LiveSession] = ()
    to_sign: Sequence[LiveSession] = ()
    messages: Sequence[Message] = ()
    dossiers: Mapping[str, Sequence[Line]] = field(default_factory=dict)
    late: Sequence[Line] = ()
    to_arbitrate: Sequence[Line] = ()
    audits: Sequence[Audit] = ()
    signals: Sequence[Signal] = ()
    sanctions: Sequence[Sanction] = ()
    safeguards: Sequence[Safeguard] = ()
    reuse_notices: Sequence[ReuseNotice] = ()


def desk(session: Session, actor: Actor) -> Desk:
    """Everything that a person of that role works on, and nothing that they may not read."""
    shown: dict[str, Any] = {}
    if actor.role is Role.VERIFIER:
        shown |= _of_verifier(session, actor)
    if actor.role is Role.LEAD:
        shown |= _of_lead(session, actor)
    if actor.role is Role.EDITOR:
        shown["dossiers"] = _of_editor(session, actor)
    if actor.role is Role.AUDITOR:
        shown["signals"] = signals.signals(session, actor, None, MOST, state=SignalState.RECEIVED)
    if actor.role in {Role.EDITOR, Role.AUDITOR}:
        shown["audits"] = audits.audits(session, actor, None, MOST, not_over=True)
    if may(actor, Right.GIVE_OPINIONS):
        asked = opinions(session, actor, None, MOST, state=OpinionState.ASKED)
        shown["opinions"] = [opinion_on(today(session), view, actor) for view in asked]
    if may(actor, Right.TAKE_PART):
        shown["sessions"] = _sessions(session, actor)
    if may(actor, Right.SIGN_MINUTES):
        unsigned = minutes.unsigned_by(actor)
        shown["to_sign"] = duo.sessions(session, actor, None, MOST, which=unsigned)
    if may(actor, Right.DISCUSS):
        shown["messages"] = inbox(session, actor, None, MOST)
    return Desk(**shown)


def _of_verifier(session: Session, actor: Actor) -> dict[str, Any]:
    among = queries.Among(holder=actor.account_id)
    verifier = verifiers.verifier_view(session, actor.account_id)
    worked = [view for view in queries.queues(session, actor) if WORK_OF[view.name] is actor.role]
    free = {view.name: claims.first_free(session, verifier, view.name) for view in worked if view.waiting}
    first = min(filter(None, free.values()), key=lambda task: task.place, default=None)
    mine = waits(session, actor, None, MOST, state=WaitState.AWAITED, asked_by=actor.account_id)
    return {
        "held": tasks_for(
            session, actor, queries.all_tasks(session, actor, among, None, verifiers.MOST_IN_HAND * 5)
        ),
        "queues": [Waiting(view, takes=free.get(view.name) is not None) for view in worked],
        "next": first and tasks_for(session, actor, [queries.task(session, actor, first.id)])[0],
        "most_in_hand": verifier.most_in_hand,
        "waits": [wait_for_reader(actor, view, today(session)) for view in mine],
    }


def _of_lead(session: Session, actor: Actor) -> dict[str, Any]:
    to_admit = queries.tasks(session, actor, Queue.ADMISSIBILITY, None, MOST)
    late = queries.all_tasks(session, actor, queries.Among(due=Due.OVERDUE), None, MOST)
    differing = open_readings(session, actor, None, MOST, of_lead=True)
    decide = dossiers(session, actor, None, MOST, state=State.DELIBERATION)
    return {
        "held": tasks_for(session, actor, to_admit),
        "queues": [Waiting(view) for view in queries.queues(session, actor)],
        "late": tasks_for(session, actor, late),
        "to_arbitrate": [shape(SecondReadingOut)(turn, actor) for turn in differing],
        "sanctions": audits.pending_sanctions(session, actor, None, MOST),
        "safeguards": safeguards(session, actor, None, MOST, state=SafeguardState.PROPOSED),
        "reuse_notices": notices(session, actor, None, MOST, since=now(session) - NOTICED_FOR),
        "dossiers": {"À décider": lines_of(session, actor, decide)},
    }


def _of_editor(session: Session, actor: Actor) -> dict[str, Sequence[Line]]:
    """Open dossiers: those that ask something of one's own organisation first, then the others by who has them."""
    latest = latest_awaiting(session, actor, MOST)
    lines = iter(lines_of(session, actor, [dossier for holder in AWAITING for dossier in latest[holder]]))
    return {title: [*islice(lines, len(latest[holder]))] for holder, title in AWAITING.items()}


def _sessions(session: Session, actor: Actor) -> Sequence[LiveSession]:
    """Live sessions that somebody has still to hold, or to end, also those whose day has passed."""
    return duo.sessions(session, actor, None, MOST, which=[LiveSession.phase.in_(sorted(LIVE))])
