"""A live session as its page shows it: where it stands, the line in hand, and what the reader may do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.permissions import Actor, Right, Role, may
from referencing.candidatures.tasks.tracks import with_something_submitted
from referencing.duo.conduct.views import is_kept, whole
from referencing.duo.minutes import operations as minutes
from referencing.duo.minutes import queries as minutes_queries
from referencing.duo.minutes.models import Decision, Signature
from referencing.duo.rooms import operations as rooms
from referencing.duo.rooms.models import ConferenceRoom
from referencing.duo.sessions import events, hindrances, people, queries
from referencing.duo.sessions.models import LiveSession
from referencing.duo.sessions.phases import BEGUN, LIVE, PENDING, LineState, Phase
from referencing.duo.slots.offers import EARLY, NOTICE, WAITED_FOR
from referencing.reviews.queues.verifiers import VerifierView, verifiers

from .happened import told

#: How many verifiers a lead chooses from.
MOST = 200

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Minutes:
    """The minutes as they are read, and what each side made of them; `signs` when the reader's side has yet to."""

    document: Values
    sha256: str
    signatures: Sequence[Signature]
    signs: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A session for one reader. `trace` is whether something keeps what is seen of the line in hand."""

    live: LiveSession
    session: Values
    line: Values | None
    trace: bool
    at: datetime
    conducts: bool
    takes_part: bool
    there: bool
    attends: bool
    room: ConferenceRoom | None
    minutes: Minutes | None
    verifiers: Sequence[hindrances.Expected]
    colleagues: Sequence[VerifierView]
    last: str

    @property
    def begun(self) -> bool:
        return self.live.phase in BEGUN

    @property
    def alive(self) -> bool:
        return self.live.phase in LIVE

    @property
    def open(self) -> bool:
        return self.live.phase is Phase.OPEN

    @property
    def may_enter(self) -> bool:
        return self.begun or (self.alive and self.at >= self.live.starts_at - EARLY)

    @property
    def may_miss(self) -> bool:
        late = self.at >= self.live.starts_at + WAITED_FOR
        return late and self.live.phase in {Phase.SCHEDULED, Phase.OPEN}

    def may_change(self, reader: Actor) -> bool:
        """Whether the session can still be moved or called off: by an editor until a day before."""
        early = reader.of_agency or self.at <= self.live.starts_at - NOTICE
        return self.takes_part and self.live.phase is Phase.SCHEDULED and early

    @property
    def pending(self) -> Sequence[Values]:
        return [line for line in self.session["agenda"] if line["state"] in PENDING]

    @property
    def present(self) -> Sequence[Values]:
        return [one for one in self.session["presences"] if one["left_at"] is None]


def sheet(session: Session, actor: Actor, session_id: UUID, wanted: str | None) -> Sheet:
    """What there is to see of a session; `wanted` names the item in hand, else it is what is shown. Raises NotFound."""
    live = queries.live_session(session, actor, session_id)
    values = whole(session, actor, session_id)
    line = in_hand(values["agenda"], wanted)
    attends = people.expected(live, actor)
    happened = events.events_after(session, live.id, live.last_event - 1, 1)
    staffs = may(actor, Right.STAFF_SESSIONS) and live.phase is Phase.SCHEDULED
    return Sheet(
        live=live,
        session=values,
        line=line,
        trace=line is not None and _is_kept(session, live, line["item"]),
        at=now(session),
        conducts=attends and may(actor, Right.CONDUCT_SESSIONS),
        takes_part=may(actor, Right.TAKE_PART) and (attends or actor.role is not Role.VERIFIER),
        there=any(
            one["account"] == actor.account_id and one["left_at"] is None for one in values["presences"]
        ),
        attends=attends,
        room=rooms.current(session, live.id),
        minutes=_minutes(session, actor, live, attends=attends),
        verifiers=hindrances.verifiers(session, actor, live.id) if staffs else (),
        colleagues=verifiers(session, actor, None, MOST) if staffs else (),
        last=told(happened[-1].action, events.told(happened[-1])) if happened else "",
    )


def in_hand(agenda: Sequence[Values], wanted: str | None) -> Values | None:
    """The line that is named; else the last that is being shown, the next to show, or the last of all."""
    named = [line for line in agenda if line["item"] == wanted]
    shown = sorted(
        (one for one in agenda if one["state"] == LineState.SHOWN), key=lambda one: one["shown_at"]
    )
    planned = [line for line in agenda if line["state"] == LineState.PLANNED]
    return next(iter([*named, *shown[::-1], *planned, *agenda[::-1]]), None)


def _is_kept(session: Session, live: LiveSession, item: str) -> bool:
    line = queries.line(session, live.id, item)
    return is_kept(line, with_something_submitted(session, [line.item_id]))


def _minutes(session: Session, actor: Actor, live: LiveSession, *, attends: bool) -> Minutes | None:
    if live.phase not in minutes.ENDED:
        return None
    _, written = minutes.read(session, actor, live.id)
    signatures = minutes_queries.signatures(session, live.id)
    own = next((one.side for one in live.participants if one.account_id == actor.account_id), None)
    signed = any(one.side is own and one.decision is Decision.SIGNED for one in signatures)
    signs = attends and live.phase is Phase.CLOSED and not signed
    return Minutes(orjson.loads(written.document), written.sha256, signatures, signs)
