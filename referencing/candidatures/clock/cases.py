"""Reads the cases of `referencing clock FILE`, one JSON object a line, and answers each with one line."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .ledger import Holder, Interval, due_on, used

# RFC 3339, section 5.6, its offset left optional to tell a naive time from a wrong one.
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(?P<offset>Z|[+-]\d\d:\d\d)?", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True)
class Case:
    """A ledger as it stands at `now`, against a budget in working days."""

    budget: int
    intervals: tuple[Interval, ...]
    now: datetime


def read(line: str) -> Case:
    """The case that one line of JSON describes; keys that a case does not have are ignored.

    Raises ValueError, one line that names the place and what is wrong with it.
    """
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from None
    intervals = _value(document, "intervals", "the case")
    if not isinstance(intervals, list):
        raise ValueError("intervals: not an array")  # noqa: TRY004  whoever wrote the line erred, not the code
    return Case(
        budget=_budget(_value(document, "budget", "the case")),
        intervals=tuple(_interval(entry, f"intervals[{place}]") for place, entry in enumerate(intervals)),
        now=_time(_value(document, "now", "the case"), "now"),
    )


def answer(line: str) -> str:
    """`{"used":N,"due_on":DATE|null}` for the case in `line`, as compact JSON without a line end.

    Raises ValueError as `read`, and for intervals that overlap or are out of order.
    """
    case = read(line)
    due = due_on(case.budget, case.intervals, case.now)
    result = {"used": used(case.intervals, case.now), "due_on": due and due.isoformat()}
    return json.dumps(result, separators=(",", ":"))


def _value(record: object, key: str, place: str) -> Any:
    match record:
        case dict() if key in record:
            return record[key]
        case dict():
            raise ValueError(f"{place}: the key {key!r} is missing")
        case _:
            raise ValueError(f"{place}: not an object")


def _budget(value: object) -> int:
    match value:
        case int() if not isinstance(value, bool) and value >= 0:
            return value
        case _:
            raise ValueError(f"budget: not a whole number of days from 0: {_quoted(value)}")


def _interval(record: object, place: str) -> Interval:
    holder = _value(record, "holder", place)
    if holder not in list(Holder):
        raise ValueError(f"{place}.holder: not one of {', '.join(Holder)}: {_quoted(holder)}")
    start = _time(_value(record, "start", place), f"{place}.start")
    end = _value(record, "end", place)
    until = None if end is None else _time(end, f"{place}.end")
    try:
        return Interval(Holder(holder), start, until)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None


def _time(value: object, place: str) -> datetime:
    form = _TIME.fullmatch(value) if isinstance(value, str) else None
    if form is None:
        raise ValueError(f"{place}: not an RFC 3339 time: {_quoted(value)}")
    if form["offset"] is None:
        raise ValueError(f"{place}: a time without Z or offset: {_quoted(value)}")
    try:
        return datetime.fromisoformat(form.string.upper())
    except ValueError as error:
        raise ValueError(f"{place}: {error}: {_quoted(value)}") from None


def _quoted(value: object) -> str:
    """The value as the line has it, as long as that keeps the message readable."""
    match value:
        case dict():
            return "an object"
        case list():
            return "an array"
        case _:
            text = json.dumps(value)
            return text if len(text) <= 60 else f"{text[:60]}..."
