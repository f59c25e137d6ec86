"""A session that goes to another slot: the same event later, everybody told once, the old time free."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from referencing.base.errors import Conflict, Forbidden, NotFound, Stale
from referencing.base.permissions import Actor, Role
from referencing.candidatures.filing import operations as dossiers
from referencing.duo.booking import moving, queries
from referencing.duo.conduct import operations
from referencing.duo.sessions.letters import remind_sessions
from referencing.duo.sessions.models import LiveSession
from referencing.duo.sessions.phases import Phase
from referencing.duo.slots import slots
from referencing.duo.slots.models import Quarter, Slot
from referencing.mail.models import Letter, Outcome
from referencing.reviews.steering.declarations import declare_absence, declare_conflict
from tests.builders import entries, person
from tests.duo.live import Live

NEXT_WEEK = date(2026, 3, 11)
X2, X3, X4 = (f"LGC-V2:X{n}#01.01" for n in (2, 3, 4))


def move(live: Live, booked: LiveSession, slot: Slot, by: Actor | None = None) -> LiveSession:
    moved = moving.move(live.session, by or live.editor, booked.id, slot.id, booked.revision)
    live.session.expire_all()
    return moved


def letters(live: Live, who: Actor) -> list[tuple[str | None, int, datetime]]:
    """What a person's calendar was told: how, SEQUENCE, when it begins."""
    written = sa.select(Letter).where(Letter.account_id == who.account_id).order_by(Letter.id)
    found = []
    for one in live.session.scalars(written):
        assert one.calendar is not None
        events: list[Any] = list(Calendar.from_ical(one.calendar).walk("VEVENT"))
        (event,) = events
        found.append((one.method, int(event["sequence"]), event["dtstart"].dt.astimezone(UTC)))
    return found


def free_of(live: Live, slot: Slot, who: Actor) -> bool:
    taken = sa.select(Quarter.account_id).where(
        Quarter.account_id == who.account_id,
        Quarter.starts_at >= slot.starts_at,
        Quarter.starts_at < slot.ends_at,
    )
    return live.session.scalar(taken) is None


def movable(live: Live, booked: LiveSession, by: Actor | None = None) -> list[Slot]:
    found = queries.slots(
        live.session, by or live.editor, None, 100, candidature=None, verifier=None, moved=booked.id
    )
    return [one.slot for one in found]


def test_the_session_goes_with_its_agenda_and_its_old_time_is_free(live: Live) -> None:
    booked, later = live.booked(), live.offer(day=NEXT_WEEK)
    old, agenda = live.session.get_one(Slot, booked.slot_id), live.lines(booked)
    move(live, booked, later)
    assert (booked.starts_at, booked.ends_at) == (later.starts_at, later.ends_at)
    assert (booked.phase, booked.sequence, booked.revision) == (Phase.SCHEDULED, 1, 2)
    assert live.lines(booked) == agenda
    assert free_of(live, old, live.verifier)
    assert free_of(live, old, live.editor)
    assert not free_of(live, later, live.verifier)
    assert not free_of(live, later, live.editor)
    told = entries(live.session, booked.candidature)[-1]
    assert (told.action, told.detail["starts_at"]) == ("session.moved", "2026-03-11T08:00:00Z")
    assert told.detail["from"]["starts_at"] == "2026-03-04T08:00:00Z"


def test_both_sides_are_told_once_of_the_same_event(live: Live) -> None:
    booked, later = live.booked(), live.offer(day=NEXT_WEEK)
    before, revision = booked.starts_at, booked.revision
    for _ in range(2):  # the second click
        moving.move(live.session, live.editor, booked.id, later.id, revision)
    for who in (live.verifier, live.editor):
        assert letters(live, who) == [("REQUEST", 0, before), ("REQUEST", 1, later.starts_at)]


def test_what_was_true_before_and_is_not_sent_yet_is_not_sent(live: Live) -> None:
    booked, later = live.booked(), live.offer(day=NEXT_WEEK)
    live.time.now = booked.starts_at - timedelta(hours=24)
    remind_sessions(live.session)
    move(live, booked, later, live.verifier)
    written = sa.select(Letter).where(Letter.account_id == live.editor.account_id).order_by(Letter.id)
    assert [(one.outcome, one.subject.partition(" :")[0]) for one in live.session.scalars(written)] == [
        (Outcome.ABANDONED, "Séance DUO planifiée"),
        (Outcome.ABANDONED, "Rappel"),
        (Outcome.WAITING, "Séance DUO modifiée"),
    ]


def test_who_no_longer_verifies_is_told_that_it_is_without_them(live: Live) -> None:
    colleague = live.colleague()
    booked, later = live.booked(), live.offer(colleague, day=NEXT_WEEK)
    move(live, booked, later)
    assert letters(live, live.verifier)[-1] == ("CANCEL", 1, later.starts_at)
    assert letters(live, colleague) == [("REQUEST", 1, later.starts_at)]
    expected = {one.account_id for one in booked.participants}
    assert expected == {colleague.account_id, live.editor.account_id}


def test_a_session_can_go_to_a_time_that_it_overlaps(live: Live) -> None:
    slot = live.offer(starts_at=time(9), ends_at=time(10))
    other = live.offer(live.colleague(), starts_at=time(9, 30), ends_at=time(10, 30))
    booked = live.book(live.dossier(), slot)
    assert movable(live, booked) == [other]
    move(live, booked, other)
    assert movable(live, booked) == [slot]


def test_two_verifiers_are_wanted_there_as_well(live: Live) -> None:
    booked, later = live.booked(), live.offer(day=NEXT_WEEK)
    slots.staff(live.session, live.lead, None, 2)
    with pytest.raises(Conflict), live.session.begin_nested():
        move(live, booked, later)
    second = live.colleague()
    live.offer(second, day=NEXT_WEEK)
    move(live, booked, later)
    expected = {live.verifier.account_id, second.account_id, live.editor.account_id}
    assert {one.account_id for one in booked.participants} == expected


def on_leave(live: Live, _: LiveSession) -> None:
    declare_absence(live.session, live.verifier, starts_on=NEXT_WEEK, ends_on=NEXT_WEEK, verifier=None)


def in_conflict(live: Live, booked: LiveSession) -> None:
    name = booked.organisation.name
    declare_conflict(live.session, live.verifier, organisation=name, reason="x", verifier=None)


def booked_by_others(live: Live, _: LiveSession) -> None:
    taken = live.session.scalars(sa.select(Slot).order_by(Slot.starts_at.desc())).first()
    assert taken is not None
    live.book(live.dossier("DPI-V2", "NIL-2"), taken, editor=person(live.session, Role.EDITOR))


def withdrawn_dossier(live: Live, booked: LiveSession) -> None:
    dossiers.withdraw(live.session, live.editor, booked.candidature_id)


def too_late(live: Live, booked: LiveSession) -> None:
    live.time.now = booked.starts_at - timedelta(hours=24) + timedelta(minutes=1)


def not_noticed(live: Live, _: LiveSession) -> None:
    live.time.now = datetime(2026, 3, 10, 8, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "meanwhile",
    [on_leave, in_conflict, booked_by_others, withdrawn_dossier, too_late, not_noticed],
)
def test_what_could_not_be_booked_is_not_moved_to(live: Live, meanwhile: Any) -> None:
    booked, later = live.booked(), live.offer(day=NEXT_WEEK)
    here = booked.slot_id
    meanwhile(live, booked)
    live.session.flush()
    with pytest.raises(Conflict), live.session.begin_nested():
        move(live, booked, later)
    live.session.expire_all()
    assert (booked.slot_id, booked.sequence) == (here, 0)
    assert later not in movable(live, booked) or meanwhile is too_late


def test_the_agency_moves_until_the_session_may_be_entered(live: Live) -> None:
    booked, later = live.booked(), live.offer(day=NEXT_WEEK)
    back = live.session.get_one(Slot, booked.slot_id)
    live.time.now = booked.starts_at - timedelta(minutes=31)
    move(live, booked, later, live.lead)
    live.time.now = later.starts_at - timedelta(minutes=30)
    with pytest.raises(Conflict, match="sur le point"):
        move(live, booked, back, live.lead)


def test_an_agenda_goes_where_it_fits_and_somebody_handles_it(live: Live) -> None:
    booked = live.booked(items=[X2, X3, X4])
    short = live.offer(day=NEXT_WEEK, slot_minutes=15)
    with (
        pytest.raises(Conflict, match="environ 17 minutes et ce créneau en a 15"),
        live.session.begin_nested(),
    ):
        move(live, booked, short)
    other = live.offer(live.colleague(), day=NEXT_WEEK, chapters=["MSS"])
    with pytest.raises(Conflict, match=f"autre domaine que : {X2}"), live.session.begin_nested():
        move(live, booked, other)
    operations.set_agenda(live.session, live.editor, booked.id, booked.revision, [X3, X4])
    move(live, booked, other)
    assert live.lines(booked) == {"X2": "withdrawn", "X3": "planned", "X4": "planned"}
    last = (
        sa.select(Letter.text).where(Letter.account_id == live.editor.account_id).order_by(Letter.id.desc())
    )
    assert "À l'ordre du jour : 2 éléments." in (live.session.scalars(last).first() or "")


def test_what_was_read_before_a_change_moves_nothing(live: Live) -> None:
    booked, later = live.booked(), live.offer(day=NEXT_WEEK)
    with pytest.raises(Stale):
        moving.move(live.session, live.editor, booked.id, later.id, booked.revision - 1)


def test_a_session_is_moved_by_its_people_and_leads(live: Live) -> None:
    booked, later = live.booked(), live.offer(day=NEXT_WEEK)
    with pytest.raises(Forbidden):
        move(live, booked, later, live.colleague())
    with pytest.raises(NotFound):
        move(live, booked, later, person(live.session, Role.EDITOR, "Éditions Bise"))


def test_what_runs_or_is_over_stays_where_it_was(live: Live) -> None:
    later, running = live.offer(day=NEXT_WEEK), live.running()
    with pytest.raises(Conflict):
        move(live, running, later)
    live.close(running)
    with pytest.raises(Conflict):
        move(live, running, later)


def why(live: Live, booked: LiveSession) -> str:
    assert movable(live, booked) == []
    return queries.why_not_moved(live.session, live.editor, booked.id)


def test_a_session_that_finds_no_other_slot_is_told_why(live: Live) -> None:
    booked = live.booked()
    assert "n'offre d'autre créneau" in why(live, booked)
    live.offer(day=NEXT_WEEK, chapters=["ANN"])
    assert "ne traite les chapitres" in why(live, booked)
    live.offer(day=NEXT_WEEK, starts_at=time(14), ends_at=time(15))
    declare_absence(live.session, live.verifier, starts_on=NEXT_WEEK, ends_on=NEXT_WEEK, verifier=None)
    assert "n'est libre aux autres créneaux" in why(live, booked)


def test_a_session_that_is_called_off_is_told_that_it_is_not_moved_any_more(live: Live) -> None:
    booked = live.booked()
    live.offer(day=NEXT_WEEK)
    operations.cancel(live.session, live.editor, booked.id, "Empêchement.")
    assert why(live, booked) == "La séance est annulée : elle ne se déplace plus."
