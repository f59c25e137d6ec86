"""What people open again and again costs the same number of queries, however much there is."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from referencing.duo.booking import booking
from referencing.duo.booking import queries as slots
from referencing.duo.conduct.views import whole
from referencing.duo.sessions import events, queries
from referencing.duo.sessions.models import Line
from tests.builders import statements
from tests.duo.live import Live


def cost(live: Live, act: Callable[[], Any]) -> int:
    live.session.flush()
    live.session.expunge_all()
    with statements(live.session.get_bind()) as sent:  # type: ignore[arg-type]
        act()
    return len(sent)


def test_reading_a_session_costs_the_same_for_one_line_and_for_four(live: Live) -> None:
    candidature = live.dossier()
    one = live.book(candidature, live.offer(), ["LGC-V2:X1#01.01"]).id
    next_day = live.offer(day=date(2026, 3, 5))
    three = live.book(candidature, next_day).id
    assert cost(live, lambda: whole(live.session, live.verifier, one)) == cost(
        live, lambda: whole(live.session, live.verifier, three)
    )


def test_lists_cost_the_same_for_few_and_for_many(live: Live) -> None:
    candidature_id = live.dossier().id
    live.offer()

    def shown() -> Any:
        return slots.slots(live.session, live.editor, None, 100, candidature=candidature_id, verifier=None)

    def listed() -> Any:
        return queries.sessions(live.session, live.editor, None, 100)

    def proposed() -> Any:
        return booking.proposed(live.session, live.editor, candidature_id, 60)

    few = [cost(live, act) for act in (shown, listed, proposed)]
    live.offer(live.colleague(), day=date(2026, 3, 6), last_day=date(2026, 6, 26))
    slot = live.offer(live.colleague(), day=date(2026, 3, 9))
    booking.book(live.session, live.editor, candidature_id, slot.id, ["LGC-V2:X1#01.01"])
    assert len(shown()) > 10
    assert [cost(live, act) for act in (shown, listed, proposed)] == [few[0], few[1] + 1, few[2]]


def test_the_feed_of_a_session_is_one_query(live: Live) -> None:
    running = live.running()
    for code in ("X2", "X3", "X4"):
        live.decide(running, code)
    session_id = running.id
    assert cost(live, lambda: events.events_after(live.session, session_id, 0, 100)) == 1


@pytest.mark.parametrize(("shown", "minutes"), [(4, 4), (5, 17)])
def test_a_time_is_learned_once_enough_items_of_the_kind_were_shown(
    live: Live, shown: int, minutes: int
) -> None:
    running = live.running()
    for code in ("X2", "X3", "X4"):
        live.show(running, code)
        live.time.now += timedelta(minutes=17)
        live.decide(running, code)
    live.interrupt(running)
    lines = live.session.scalars(sa.select(Line).where(Line.decided_at.is_not(None))).all()
    for again in range(shown - len(lines)):  # as many more, in sessions of the past
        old = live.dossier("DPI-V2", f"NIL-{again + 5}")
        day = (live.time.now + timedelta(days=7 * (again + 1))).date()
        past = live.opened(live.book(old, live.offer(live.verifier, day=day), ["DPI-V2:X2#01.01"]))
        line = queries.line(live.session, past.id, "DPI-V2:X2#01.01")
        line.shown_at, line.decided_at = live.time.now, live.time.now + timedelta(minutes=17)
        live.session.flush()
        live.interrupt(past)
    fresh = live.dossier("RIS-V2", "NIL-99")
    proposal = booking.proposed(live.session, live.editor, fresh.id, 240)
    assert {one.minutes for one in [*proposal.chosen, *proposal.left] if not one.steps} == {minutes}
