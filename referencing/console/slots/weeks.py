"""What a week holds for its reader: sessions, and the slots that are theirs, everybody's, or a dossier's."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session

from referencing.base.db import today
from referencing.base.permissions import Actor
from referencing.duo.booking import queries as booking
from referencing.duo.booking.queries import SlotView
from referencing.duo.sessions import queries
from referencing.duo.sessions.models import LiveSession

from .calendar import Week, bounds, monday_of, week

#: How many sessions, and how many slots, a week shows at most.
MOST = 300
#: Those of which a week is shown.
YEARS = range(2000, 2200)


def wanted_monday(session: Session) -> date:
    """The Monday of the week that the address names by any day of it; else of this one."""
    try:
        day = date.fromisoformat(request.args.get("semaine", ""))
    except ValueError:
        day = today(session)
    return monday_of(day if day.year in YEARS else today(session))


def week_of(session: Session, actor: Actor, monday: date, candidature: UUID | None = None) -> Week:
    """The sessions of a week that the reader follows, of one dossier where it is named."""
    first, last = bounds(monday)
    within = [LiveSession.starts_at >= first, LiveSession.starts_at < last]
    held = queries.sessions(session, actor, None, MOST, candidature=candidature, which=within)
    return week(monday, held, ())


def with_slots(session: Session, actor: Actor, planned: Week, **which: Any) -> Week:
    """The week with the slots to come of a verifier, of a dossier, or to which a session can be moved."""
    first, last = bounds(planned.monday)
    asked = {"candidature": None, "verifier": None, "moved": None, **which}
    offered = booking.slots(session, actor, (first, UUID(int=0)), MOST, **asked)
    held = [event.session for events in planned.events.values() for event in events if event.session]
    within = [one for one in offered if one.slot.starts_at < last]
    return week(planned.monday, held, within if actor.of_agency else _alike_once(within))


def _alike_once(offered: Sequence[SlotView]) -> list[SlotView]:
    """Slots of which an editor, who does not read whose they are, tells no two apart: the first of each kind."""
    first: dict[tuple[object, ...], SlotView] = {}
    for one in offered:
        about = one.slot.availability
        first.setdefault((one.slot.starts_at, one.slot.ends_at, *about.couloirs, None, *about.chapters), one)
    return list(first.values())
