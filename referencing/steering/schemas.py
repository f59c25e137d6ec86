"""What is asked of the figures and the forecast, and what they answer."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from operator import attrgetter
from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.permissions import Role
from referencing.base.schemas import Day, Schema, one_of
from referencing.base.shapes import computed
from referencing.web.pages import prefers_sheet

from .periods import AGES, DAYS_LEFT, week_name
from .queries import By, Figures
from .simulation import Order


class Format(StrEnum):
    JSON = "json"
    CSV = "csv"


class FormatArguments(Schema):
    format = one_of(
        Format, load_default=None, metadata={"description": "unless told, what the Accept header prefers"}
    )


def as_sheet(words: Mapping[str, Any]) -> bool:
    """Whether these arguments, or else the Accept header, ask for a sheet."""
    if words["format"] is not None:
        return words["format"] is Format.CSV
    return prefers_sheet()


_KNOWN = ma.validate.Range(date(2000, 1, 1), date(2100, 12, 31), error="Donnez un jour de 2000 à 2100.")


class PeriodArguments(FormatArguments):
    starts_on = Day(
        data_key="from",
        load_default=None,
        validate=_KNOWN,
        metadata={"description": "first day in Paris; unless told, the Monday eleven weeks ago"},
    )
    ends_on = Day(
        data_key="to",
        load_default=None,
        validate=_KNOWN,
        metadata={"description": "last day, included; unless told, today"},
    )


class QueuesArguments(PeriodArguments):
    by = one_of(By, load_default=By.QUEUE)


class WeekOut(Schema):
    week = fields.String(metadata={"description": "ISO 8601, such as 2026-W10"})
    closed = fields.Integer()


def _weeks(figures: Figures) -> list[dict[str, Any]]:
    return [{"week": week_name(monday), "closed": closed} for monday, closed in figures.weeks.items()]


class FiguresOut(Schema):
    group = fields.String(allow_none=True, metadata={"description": "null for what has no chapter"})
    waiting = fields.Integer()
    in_hand = fields.Integer(metadata={"description": "on a claim that stands"})
    third_party = fields.Integer(
        metadata={"description": "open tasks that wait for a third party's answer, in no band below"}
    )
    ages = computed(
        fields.Nested(
            Schema.from_dict({band: fields.Integer() for band in AGES}, name="Ages"),
            metadata={"description": "open tasks by working days since they were opened"},
        ),
        attrgetter("ages"),
    )
    days_left = computed(
        fields.Nested(
            Schema.from_dict({band: fields.Integer() for band in DAYS_LEFT}, name="DaysLeft"),
            metadata={"description": "open tasks by working days left"},
        ),
        attrgetter("days_left"),
    )
    weeks = computed(
        fields.List(
            fields.Nested(WeekOut), metadata={"description": "tasks answered in the last twelve weeks"}
        ),
        _weeks,
    )
    closed = fields.Integer(metadata={"description": "tasks answered in the period"})
    average_days = fields.Float(
        allow_none=True, metadata={"description": "working days that they used of their budgets"}
    )
    p90_days = fields.Integer(
        allow_none=True, metadata={"description": "nine in ten of them used so many or fewer"}
    )
    rounds_per_item = fields.Float(
        allow_none=True, metadata={"description": "verdicts that an item settled in the period had needed"}
    )
    second_readings = fields.Integer(
        metadata={
            "description": "of findings first given here, read again in the period and of which one stands"
        }
    )
    agreed = fields.Integer(metadata={"description": "of these, where both readers found the same"})
    agreement = fields.Float(allow_none=True, metadata={"description": "agreed, in a hundred"})


class PeriodOut(Schema):
    starts_on = fields.Date(data_key="from")
    ends_on = fields.Date(data_key="to")


class QueuesOut(PeriodOut):
    by = one_of(By)
    target = fields.Integer(metadata={"description": "working days on average that the agency aims at"})
    items = fields.List(fields.Nested(FiguresOut))


class LoadOut(Schema):
    id = fields.UUID()
    name = fields.String()
    role = one_of(Role)
    in_hand = fields.Integer()
    closed = fields.Integer(metadata={"description": "tasks answered in the period"})
    average_days = fields.Float(allow_none=True)


class ForecastArguments(FormatArguments):
    verifiers = fields.Integer(
        load_default=0,
        validate=ma.validate.Range(-100, 100, error="De {min} à {max}."),
        metadata={"description": "so many more, or fewer: 2, -1"},
    )
    order = one_of(Order, load_default=Order.CURRENT)
    seed = fields.Integer(
        load_default=0,
        validate=ma.validate.Range(0, 2**31 - 1, error="De {min} à {max}."),
        metadata={"description": "another one makes other draws; the same one, the same answer"},
    )
    runs = fields.Integer(load_default=200, validate=ma.validate.Range(1, 1_000, error="De {min} à {max}."))


class ExpectedOut(Schema):
    median_on = fields.Date(
        attribute="median",
        allow_none=True,
        metadata={"description": "half of the runs keep it; null: more than three years"},
    )
    p90_on = fields.Date(
        attribute="p90", allow_none=True, metadata={"description": "nine runs in ten keep it"}
    )


_ASKED = {"description": "with the verifiers or the order asked for; null when nothing else was asked for"}


class BothOut(Schema):
    now = fields.Nested(ExpectedOut)
    asked = fields.Nested(ExpectedOut, allow_none=True, metadata=_ASKED)


class DossierLine(Schema):
    """A dossier under way, whatever is expected of it."""

    candidature = fields.UUID(attribute="id")
    dsr = fields.String()
    organisation = fields.String()
    commercial_name = fields.String()
    tasks = fields.Integer(metadata={"description": "to come, open or not yet"})


class DossierOut(BothOut, DossierLine):
    pass


class BacklogOut(Schema):
    queue = fields.String()
    now = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        metadata={"description": "tasks that wait, on average, in so many working days"},
    )
    asked = fields.Dict(keys=fields.String(), values=fields.Float(), allow_none=True, metadata=_ASKED)


class ForecastOut(Schema):
    day = fields.Date(metadata={"description": "from which it is counted"})
    seed = fields.Integer()
    runs = fields.Integer(
        metadata={"description": "made; fewer than asked for when there is very much to do"}
    )
    verifiers = fields.Integer(metadata={"description": "who answered something in the last 20 working days"})
    more = fields.Integer()
    order = one_of(Order)
    whole = fields.Nested(BothOut, metadata={"description": "when all that is there now is done"})
    backlog = fields.List(fields.Nested(BacklogOut))
    items = fields.List(
        fields.Nested(DossierOut), metadata={"description": "what is expected first comes first"}
    )
    assumptions = fields.List(fields.String(), metadata={"description": "in French"})


class LoadsOut(PeriodOut):
    items = fields.List(fields.Nested(LoadOut))
