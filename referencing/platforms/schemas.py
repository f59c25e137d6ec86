"""Platforms, their probes, incidents and maintenance as the API takes and shows them."""

from enum import StrEnum
from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.outgoing.receivers import LONGEST_ADDRESS
from referencing.base.schemas import Moment, Schema, one_of, remark, text, time
from referencing.base.shapes import computed, is_there, possible_actions

from .judging import Reason, Sighting
from .models import ProbeKind
from .states import (
    INCIDENT,
    MAINTENANCE,
    PLATFORM,
    PROBE,
    Impact,
    IncidentState,
    MaintenanceState,
    PlatformState,
    WatchState,
)

_CODE = ma.validate.Regexp(
    r"^[a-z0-9][a-z0-9-]{1,39}$(?!\n)", error="De 2 à 40 lettres minuscules, chiffres ou traits d'union."
)


class FeedFormat(StrEnum):
    ATOM = "atom"
    JSON = "json"


def _words(**options: Any) -> fields.List[Any]:
    of_texts = "names by which the texts of requirements call it"
    kept = ma.validate.Length(max=20, error="{max} au plus.")
    return fields.List(text(100), validate=kept, metadata={"description": of_texts}, **options)


def _bounded(least: int, most: int, unit: str = "", **options: Any) -> fields.Integer:
    within = ma.validate.Range(least, most, error=f"De {{min}} à {{max}}{unit}.")
    return fields.Integer(strict=True, validate=within, **options)


def _failures(**options: Any) -> fields.Integer:
    after = "failed probes in a row, from two places where two look, after which it is down"
    return _bounded(1, 20, metadata={"description": after}, **options)


class PlatformIn(Schema):
    code = fields.String(required=True, validate=_CODE, metadata={"description": "short, and lasting"})
    name = text(100)
    description = remark(1_000)
    words = _words(load_default=list)
    failures = _failures(load_default=3)


class PlatformChangeIn(Schema):
    """What is not given stays."""

    name = text(100, required=False)
    description = remark(1_000, load_default=ma.missing)
    words = _words()
    failures = _failures()


class IncidentNoteOut(Schema):
    id = fields.UUID()
    text = fields.String()
    written_at = time()


class IncidentOut(Schema):
    id = fields.UUID()
    platform = fields.UUID(attribute="platform_id")
    impact = one_of(Impact)
    state = one_of(IncidentState)
    title = fields.String()
    begun_at = time()
    ended_at = time(allow_none=True)
    by_rule = computed(
        fields.Boolean(metadata={"description": "opened by probes that failed"}),
        lambda incident: incident.opened_by is None,
    )
    changed_at = time()
    notes = fields.List(fields.Nested(IncidentNoteOut))
    actions = possible_actions(
        INCIDENT,
        "/platforms/incidents/{incident}",
        {
            "close": "POST /closing",
            "correct": "POST /correction",
            "retract": "POST /retraction",
            "tell": "POST /notes",
        },
    )


class MaintenanceOut(Schema):
    id = fields.UUID()
    platform = fields.UUID(attribute="platform_id")
    state = one_of(MaintenanceState)
    title = fields.String()
    starts_at = time()
    ends_at = time()
    changed_at = time()
    actions = possible_actions(
        MAINTENANCE, "/platforms/maintenances/{maintenance}", {"cancel": "POST /cancellation"}
    )


class PlatformMonthOut(Schema):
    month = computed(fields.String(metadata={"description": "YYYY-MM"}), lambda row: f"{row.first_day:%Y-%m}")
    available = fields.Float(
        allow_none=True,
        metadata={"description": "share of the time without planned maintenance in which it was not down"},
    )
    minutes_watched = fields.Integer(attribute="watched")
    minutes_down = fields.Integer(attribute="down")
    minutes_degraded = fields.Integer(attribute="degraded")
    minutes_in_maintenance = fields.Integer(attribute="maintenance")


class PlatformOut(Schema):
    id = fields.UUID(attribute="platform.id")
    code = fields.String(attribute="platform.code")
    name = fields.String(attribute="platform.name")
    description = fields.String(attribute="platform.description")
    words = fields.List(fields.String(), attribute="platform.words")
    failures = fields.Integer(attribute="platform.failures")
    state = one_of(PlatformState, attribute="stands")
    since = time(metadata={"description": "that it stands so"})
    incidents = fields.List(fields.Nested(IncidentOut), metadata={"description": "those that are open"})
    maintenances = fields.List(
        fields.Nested(MaintenanceOut),
        attribute="planned",
        metadata={"description": "under way and planned"},
    )
    retired = computed(
        fields.Boolean(metadata={"description": "it is looked at no more"}),
        lambda row: row.platform.state is WatchState.RETIRED,
    )
    revision = fields.Integer(attribute="platform.revision", metadata={"description": "its ETag"})
    actions = possible_actions(
        PLATFORM,
        "/platforms/{platform}",
        {
            "add_probe": "POST /probes",
            "change": "PATCH",
            "open_incident": "POST /incidents",
            "plan": "POST /maintenances",
            "retire": "POST /retirement",
        },
        lambda row: row.platform.state,
    )


class PlatformWithMonthsOut(PlatformOut):
    months = fields.List(
        fields.Nested(PlatformMonthOut), metadata={"description": "the last twelve, the latest first"}
    )


class ProbeStepIn(Schema):
    address = text(
        LONGEST_ADDRESS,
        metadata={"description": "https://…, or tls://HOST:PORT, tcp://HOST:PORT by the kind of the probe"},
    )
    status = _bounded(100, 599, load_default=200, metadata={"description": "that an HTTP answer has to have"})
    text = remark(300, metadata={"description": "that an HTTP answer has to hold"})


class ProbeStepOut(Schema):
    address = computed(fields.String(), lambda step: step["address"])
    status = computed(fields.Integer(), lambda step: step["status"])
    text = computed(fields.String(), lambda step: step["text"])


class ProbeIn(Schema):
    kind = one_of(ProbeKind, required=True)
    label = text(100)
    steps = fields.List(
        fields.Nested(ProbeStepIn),
        load_default=list,
        validate=ma.validate.Length(max=10, error="{max} étapes au plus."),
        metadata={"description": "of an HTTP probe one after the other; none of a heartbeat"},
    )
    every_seconds = _bounded(30, 86_400, " secondes", load_default=60)
    slow_after = _bounded(
        1,
        20_000,
        " millisecondes",
        load_default=None,
        allow_none=True,
        metadata={"description": "milliseconds of the whole, beyond which the platform is degraded"},
    )
    expiry_days = _bounded(
        1,
        365,
        " jours",
        load_default=None,
        allow_none=True,
        metadata={"description": "days before the end of a certificate from which the platform is degraded"},
    )
    account = fields.UUID(
        attribute="account_id",
        load_default=None,
        allow_none=True,
        metadata={"description": "the integration that alone sends a heartbeat"},
    )


class ProbeSightOut(Schema):
    place = fields.String()
    sighting = one_of(Sighting, allow_none=True)
    reason = one_of(Reason, allow_none=True)
    streak = fields.Integer(metadata={"description": "in a row"})
    since = time(allow_none=True)
    seen_at = time(allow_none=True)
    milliseconds = fields.Integer(allow_none=True)
    certificate_ends_at = time(allow_none=True)


class ProbeOut(Schema):
    id = fields.UUID()
    platform = fields.UUID(attribute="platform_id")
    kind = one_of(ProbeKind)
    label = fields.String()
    steps = fields.List(fields.Nested(ProbeStepOut))
    every_seconds = fields.Integer()
    slow_after = fields.Integer(allow_none=True)
    expiry_days = fields.Integer(allow_none=True)
    account = fields.UUID(attribute="account_id", allow_none=True)
    sights = fields.List(fields.Nested(ProbeSightOut), metadata={"description": "what each place saw last"})
    actions = possible_actions(PROBE, "/platforms/probes/{probe}", {"remove": "DELETE"}, is_there)


class HeartbeatIn(Schema):
    state = one_of(
        Sighting, load_default=Sighting.FINE, metadata={"description": "how its sender finds the platform"}
    )


class HeartbeatOut(Schema):
    label = fields.String()
    every_seconds = fields.Integer(metadata={"description": "within which the next one is awaited"})
    heard_at = computed(
        fields.DateTime(allow_none=True), lambda probe: probe.sights[0].seen_at if probe.sights else None
    )


class IncidentIn(Schema):
    impact = one_of(Impact, required=True)
    title = text(200)
    begun_at = Moment(load_default=None, allow_none=True, metadata={"description": "now, unless said"})


class IncidentCorrectionIn(Schema):
    """What is not given stays."""

    impact = one_of(Impact)
    title = text(200, required=False)
    begun_at = Moment()
    ended_at = Moment(metadata={"description": "of one that is closed"})
    reason = text(1_000)


class PlatformReasonIn(Schema):
    reason = text(1_000)


class IncidentNoteIn(Schema):
    text = text(2_000, metadata={"description": "what everybody is told"})


class IncidentClosingIn(Schema):
    note = text(2_000, metadata={"description": "what it was; everybody is told"})
    ended_at = Moment(load_default=None, allow_none=True, metadata={"description": "now, unless said"})


class MaintenanceIn(Schema):
    title = text(200)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)


class PlatformFeedArguments(Schema):
    format = one_of(FeedFormat, load_default=FeedFormat.ATOM)
