"""A week as a calendar: its days, the hours at which something begins, by clocks in Paris. It reads no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from referencing.duo.booking.queries import SlotView
from referencing.duo.sessions.models import LiveSession
from referencing.duo.slots.offers import PARIS


@dataclass(frozen=True, slots=True)
class Event:
    """A session, or a slot that is offered; the other is None."""

    starts_at: datetime
    ends_at: datetime
    session: LiveSession | None = None
    slot: SlotView | None = None

    @property
    def day(self) -> date:
        return self.starts_at.astimezone(PARIS).date()

    @property
    def hour(self) -> int:
        return self.starts_at.astimezone(PARIS).hour


@dataclass(frozen=True, slots=True)
class Week:
    """Monday to Friday, longer where something is on the weekend; events by day and hour, in their order."""

    monday: date
    days: Sequence[date]
    hours: Sequence[int]
    events: Mapping[tuple[date, int], Sequence[Event]]

    @property
    def before(self) -> date:
        return self.monday - timedelta(days=7)

    @property
    def after(self) -> date:
        return self.monday + timedelta(days=7)

    def of_day(self, day: date) -> list[Event]:
        return [event for hour in self.hours for event in self.events.get((day, hour), ())]


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def bounds(monday: date) -> tuple[datetime, datetime]:
    """The moments at which a week begins and ends in Paris: 167 or 169 hours apart where the clocks change."""
    first, last = (
        datetime.combine(day, time.min, PARIS).astimezone(PARIS)
        for day in (monday, monday + timedelta(days=7))
    )
    return first, last


def week(monday: date, sessions: Sequence[LiveSession], slots: Sequence[SlotView]) -> Week:
    of_sessions = [Event(live.starts_at, live.ends_at, session=live) for live in sessions]
    of_slots = [Event(one.slot.starts_at, one.slot.ends_at, slot=one) for one in slots]
    events: dict[tuple[date, int], list[Event]] = {}
    for event in sorted([*of_sessions, *of_slots], key=lambda event: event.starts_at):
        events.setdefault((event.day, event.hour), []).append(event)
    last = max([4, *((day - monday).days for day, _ in events)])
    days = [monday + timedelta(days=place) for place in range(last + 1)]
    return Week(monday, days, sorted({hour for _, hour in events}), events)
