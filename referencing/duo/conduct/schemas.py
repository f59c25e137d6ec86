"""Shapes of sessions, their agendas, live verdicts and events."""

from enum import StrEnum
from operator import attrgetter
from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.permissions import Actor, Role
from referencing.base.schemas import Moment, Schema, one_of, optional, remark, text, time
from referencing.base.shapes import computed, possible_actions
from referencing.duo.sessions.events import told
from referencing.duo.sessions.hindrances import Hindrance
from referencing.duo.sessions.models import CheckKind, Side
from referencing.duo.sessions.people import expected, hindered
from referencing.duo.sessions.phases import BEGUN, LINE, SESSION, LineAction, LineState, Phase
from referencing.duo.slots.schemas import references
from referencing.journal.events.table import LIVE_SESSION, sentence
from referencing.journal.schemas import HappenedOut
from referencing.reviews.api.schemas import VerdictIn
from referencing.reviews.queues.outcomes import Outcome
from referencing.web.pages import PageArguments

from .ending import Leftovers

_SECONDS = ma.validate.Range(0, 86_400, error="De {min} à {max} secondes.")


def _timecode(**options: Any) -> fields.Integer:
    return fields.Integer(validate=_SECONDS, metadata={"description": "seconds since the opening"}, **options)


class AgendaIn(Schema):
    items = references(required=True)


class SessionsArguments(PageArguments):
    candidature = fields.UUID(load_default=None)
    since = Moment(load_default=None, metadata={"description": "not over at that time"})
    needs_verifier = fields.Boolean(load_default=None)


class ReplacementIn(Schema):
    leaving = fields.UUID(required=True, metadata={"description": "a verifier who is expected"})
    coming = fields.UUID(required=True, metadata={"description": "who comes instead"})


class SessionVerifierOut(Schema):
    account = fields.UUID()
    name = fields.String()
    hindrance = one_of(
        Hindrance, allow_none=True, metadata={"description": "why they cannot come; null when they can"}
    )


class SessionVerifiersOut(Schema):
    items = fields.List(fields.Nested(SessionVerifierOut))


class SessionReasonIn(Schema):
    reason = remark(2000)


class CalledOffIn(Schema):
    reason = text(2000)


class EndingIn(SessionReasonIn):
    leftovers = one_of(Leftovers, load_default=Leftovers.QUEUE)


class ClosingIn(EndingIn):
    nothing_decided = fields.Boolean(
        load_default=False,
        metadata={"description": "true: it ends without a verdict on purpose; else that is refused"},
    )


class InterruptionIn(EndingIn):
    reason = text(2000)


class MissedIn(EndingIn):
    absent = one_of(Side, required=True)


class TechnicalCheckIn(Schema):
    passed = fields.Boolean(required=True)
    comment = remark(2000)


class TechnicalCheckOut(TechnicalCheckIn):
    kind = one_of(CheckKind)
    checked_at = time()


class NotedStepIn(Schema):
    step = fields.Integer(required=True)
    outcome = one_of(Outcome, load_default=None, allow_none=True)
    comment = remark(2000, load_default=None, allow_none=True)
    timecode = _timecode(load_default=None, allow_none=True)


class NotedStepOut(Schema):
    """A step of which something was noted, and what."""

    step = fields.Integer(metadata={"description": "its number, from 1"})
    outcome = optional(one_of(Outcome))
    comment = optional(fields.String())
    timecode = optional(fields.Integer())


class NotesIn(Schema):
    note = remark(10_000, load_default=None, allow_none=True)
    recording = remark(500, load_default=None, allow_none=True)
    timecode = _timecode(load_default=None, allow_none=True)
    steps = fields.List(fields.Nested(NotedStepIn), load_default=None, allow_none=True)


class LiveVerdictIn(VerdictIn):
    """A verdict names no file: what it is about is what was captured, supplied, or written down of the session."""

    class Meta:
        exclude = ("file_sha256",)

    note = remark(10_000, load_default=None, allow_none=True)
    recording = remark(500, load_default=None, allow_none=True)
    timecode = _timecode(load_default=None, allow_none=True)


class CaptureArguments(Schema):
    timecode = _timecode(load_default=None)


class CaptureOut(Schema):
    id = fields.UUID()
    filename = fields.String()
    sha256 = fields.String()
    size = fields.Integer()
    timecode = fields.Integer(allow_none=True)
    taken_at = time()
    proof = fields.UUID(allow_none=True)


class LiveVerdictOut(Schema):
    id = fields.UUID()
    round = fields.Integer()
    outcome = one_of(Outcome)
    comment = fields.String()
    missing = fields.List(fields.String())
    due_on = fields.Date(allow_none=True)


class AgendaLineOut(Schema):
    item = fields.UUID()
    code = fields.String()
    position = fields.Integer()
    minutes = fields.Integer()
    state = one_of(LineState)
    revision = fields.Integer(metadata={"description": "the ETag, for what is written of it"})
    shown_at = time(allow_none=True)
    decided_at = time(allow_none=True)
    timecode = fields.Integer(allow_none=True)
    note = fields.String()
    recording = fields.String(allow_none=True)
    steps: fields.Field[Any] = computed(fields.List(fields.Nested(NotedStepOut)), attrgetter("steps"))
    captures = fields.List(fields.Nested(CaptureOut))
    verdict = fields.Nested(LiveVerdictOut, allow_none=True)


class Need(StrEnum):
    """What a live verdict needs besides its words."""

    CAPTURE_OR_RECORDING = "capture_or_recording"


def _line_hindered(line: Any, reader: Actor, action: LineAction) -> bool:
    """Whether the phase of the session, or who its people are, keeps a reader from an action."""
    live = line.session
    if action is LineAction.CAPTURE:
        return live.phase not in BEGUN or (reader.role is Role.VERIFIER and not expected(live, reader))
    return live.phase is not Phase.OPEN or not expected(live, reader)


class LineActsOut(Schema):
    actions = possible_actions(
        LINE,
        "/duo/sessions/{live}/items/{item}",
        {
            "capture": "POST /captures",
            "decide": "PUT /verdict",
            "note": "PUT /notes",
            "show": "POST /showing",
        },
        hindered=_line_hindered,
    )


class AskedLineOut(AgendaLineOut, LineActsOut):
    verdict_needs = fields.List(
        one_of(Need),
        metadata={
            "description": "what has to be there before a verdict: `capture_or_recording`, a capture of this item, or "
            "`recording` in the notes or the verdict (not for a complement). The verdict carries If-Match, with "
            "this `revision`"
        },
    )
    chapter = fields.String()
    text = fields.String()
    scenario = fields.String()
    scenario_steps = fields.List(fields.String())
    prerequisites = fields.List(fields.String())


class ParticipantOut(Schema):
    account = fields.UUID(attribute="account_id")
    name = fields.String(attribute="account.name")
    side = one_of(Side)


class PresenceOut(ParticipantOut):
    arrived_at = time()
    left_at = time(allow_none=True)


class BookedSessionOut(Schema):
    id = fields.UUID()
    candidature = fields.UUID(attribute="candidature_id")
    organisation = fields.String(attribute="organisation.name")
    follows = fields.UUID(allow_none=True, attribute="follows_id")
    phase = one_of(Phase)
    revision = fields.Integer(metadata={"description": "the ETag, for the agenda"})
    sequence = fields.Integer(metadata={"description": "of the invitation"})
    starts_at = time()
    ends_at = time()
    opened_at = time(allow_none=True)
    ended_at = time(allow_none=True)
    absent = one_of(Side, allow_none=True)
    reason = fields.String(allow_none=True)
    last_event = fields.Integer()
    participants = fields.List(fields.Nested(ParticipantOut))
    actions = possible_actions(
        SESSION,
        "/duo/sessions/{live}",
        {
            "cancel": "POST /cancellation",
            "close": "POST /closing",
            "interrupt": "POST /interruption",
            "miss": "POST /absence",
            "open": "POST /opening",
            "pause": "POST /pause",
            "resume": "POST /resumption",
            "sign": "POST /signatures",
        },
        attrgetter("phase"),
        hindered=hindered,
    )


class SessionOut(BookedSessionOut):
    needs_verifier = fields.Boolean(
        metadata={"description": "a verifier cannot come: a lead names another, or it is moved or cancelled"}
    )


class WholeSessionOut(SessionOut):
    presences = fields.List(fields.Nested(PresenceOut))
    checks = fields.List(fields.Nested(TechnicalCheckOut))
    agenda = fields.List(fields.Nested(AskedLineOut))


class SessionEventsArguments(Schema):
    after = fields.Integer(
        load_default=0,
        validate=ma.validate.Range(0, 2**31 - 1, error="Donnez le numéro du dernier événement lu."),
        metadata={"description": "the number of the last event that was read"},
    )
    limit = fields.Integer(load_default=100, validate=ma.validate.Range(1, 500, error="De {min} à {max}."))


class SessionEventOut(HappenedOut):
    detail: fields.Field[Any] = computed(fields.Dict(metadata={"description": "the event's fields"}), told)
    sentence = computed(fields.String(), lambda event: sentence(LIVE_SESSION, event.action, event.detail))


class SessionEventsOut(Schema):
    items = fields.List(fields.Nested(SessionEventOut))
    next = fields.Integer(metadata={"description": "`after` of the next request"})
