"""What is asked of the figures of live verification, and what each of them means."""

from datetime import date

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Day, Schema, one_of, text
from referencing.base.shapes import computed
from referencing.catalogue.proposals import ProofKind
from referencing.duo.sessions.queries import LONGEST
from referencing.steering.schemas import FormatArguments

from .figures import ENOUGH, share

_CENTURY = ma.validate.Range(date(2000, 1, 1), date(2100, 12, 31), error="Donnez un jour de 2000 à 2100.")


def _count(description: str) -> fields.Integer:
    return fields.Integer(metadata={"description": description})


def _measure(description: str) -> fields.Float:
    return fields.Float(allow_none=True, metadata={"description": f"{description}; null of nothing"})


class DuoFiguresArguments(FormatArguments):
    since = Day(
        load_default=None,
        validate=_CENTURY,
        metadata={
            "description": "first day in Paris; unless told, that of the month eleven months before `until`"
        },
    )
    until = Day(
        load_default=None,
        validate=_CENTURY,
        metadata={"description": "last day, included; unless told, today"},
    )
    couloir = text(100, required=False, load_default=None)


class DuoCountsOut(Schema):
    """Counts of the verdicts given in the month that stand, on what was supplied or shown.

    Confirmed reuses and claims that an item does not apply are not in it, nor what was taken back.
    """

    decided = _count("items found conform or nonconform, live or in a queue, in dossiers of either mode")
    decided_in_duo = _count("of these, items of dossiers in mode duo")
    decided_live = _count("of these, items decided in a session")
    live_share = computed(
        _measure("decided_live in a hundred decided"),
        lambda counts: share(counts.decided_live, counts.decided),
    )
    live_share_in_duo = computed(
        _measure("decided_live in a hundred decided_in_duo"),
        lambda counts: share(counts.decided_live, counts.decided_in_duo),
    )
    first_live = _count("items whose first verdict (round 1, complements included) was given in a session")
    first_live_conform = _count("of these, found conform by it")
    first_live_share = computed(
        _measure("first_live_conform in a hundred first_live"),
        lambda counts: share(counts.first_live_conform, counts.first_live),
    )
    first_queue = _count("items whose first verdict was given in a queue")
    first_queue_conform = _count("of these, found conform by it")
    first_queue_share = computed(
        _measure("first_queue_conform in a hundred first_queue"),
        lambda counts: share(counts.first_queue_conform, counts.first_queue),
    )
    timed = _count(
        "live verdicts, complements included, on items said to be shown before they were decided, and "
        f"decided within {LONGEST} minutes"
    )
    minutes_per_item = computed(
        _measure("minutes from showing to verdict, the average of the timed"),
        lambda counts: round(counts.minutes / counts.timed, 1) if counts.timed else None,
    )
    days_saved = computed(
        _measure(
            "an estimate, in working days of all compared items together: for each item decided live, what items of "
            "its kind and chapter take in the queues on average (`usual`), less the working days from the booking of "
            "its session to the verdict; below zero when the sessions took longer"
        ),
        lambda counts: round(counts.days_saved, 1) if counts.compared else None,
    )
    compared_alike = _count("items decided live, compared with their own kind and chapter")
    compared_overall = _count(
        "compared with all items, too few of their own having been decided in the queues"
    )
    not_compared = _count(
        "compared with none, and in no days_saved: too few items were decided in the queues"
    )


class DuoChapterOut(DuoCountsOut):
    chapter = fields.String()


class DuoMonthOut(DuoCountsOut):
    couloir = fields.String()
    month = fields.String(metadata={"description": "in Paris, such as 2026-03; its days within the period"})
    sessions = _count(
        "that began, or were to, in the month: held, interrupted or missed; not those called off"
    )
    no_shows = _count("of these, missed: one side did not come")
    no_show_share = _measure("no_shows in a hundred sessions")
    absent_editor = _count("no-shows of the editor")
    absent_agency = _count("no-shows of the agency")
    chapters = fields.List(
        fields.Nested(DuoChapterOut), metadata={"description": "the same of each chapter, by name"}
    )


class DuoUsualOut(Schema):
    kind = one_of(ProofKind, allow_none=True, metadata={"description": "null for all items together"})
    chapter = fields.String(allow_none=True)
    items = _count(f"decided in the queues in the period, in all couloirs; at least {ENOUGH}")
    days = computed(
        fields.Float(
            metadata={"description": "working days of the agency's turns until the verdict, on average"}
        ),
        lambda usual: round(usual.days, 1),
    )


class DuoFiguresOut(Schema):
    since = fields.Date()
    until = fields.Date()
    usual = fields.List(
        fields.Nested(DuoUsualOut), metadata={"description": "what days_saved is estimated from"}
    )
    items = fields.List(
        fields.Nested(DuoMonthOut),
        metadata={"description": "by couloir, then month; nothing where nothing happened"},
    )
