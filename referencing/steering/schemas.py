"""What is asked of the figures, and what they answer."""

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
from referencing.catalogue.proposals import Guichet
from referencing.web.pages import prefers_sheet

from .periods import AGES, DAYS_LEFT, week_name
from .queries import By, Figures
from .unhandled import Hindrance


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


class UnhandledOut(Schema):
    chapter = fields.String(allow_none=True)
    guichet = one_of(Guichet, allow_none=True)
    hindrance = one_of(
        Hindrance,
        metadata={
            "description": "nobody handles them, those who do may not (conflict of interest, read before), or are away"
        },
    )
    back_after = fields.Date(
        allow_none=True, metadata={"description": "the last day of leave of the first to be back"}
    )
    tasks = fields.Integer()
    due_on = fields.Date(metadata={"description": "of the first of them"})


class LoadOut(Schema):
    id = fields.UUID()
    name = fields.String()
    role = one_of(Role)
    in_hand = fields.Integer()
    closed = fields.Integer(metadata={"description": "tasks answered in the period"})
    average_days = fields.Float(allow_none=True)


class LoadsOut(PeriodOut):
    items = fields.List(fields.Nested(LoadOut))
