"""Which slots a dossier is offered, and who gets one."""

from datetime import date, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from referencing.accounts.models import Account, Organisation
from referencing.base.errors import Conflict, Forbidden, Invalid, NotFound
from referencing.base.permissions import Actor, Role
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import State, Track
from referencing.catalogue.proposals import Guichet
from referencing.duo.booking import booking
from referencing.duo.booking import queries as booking_queries
from referencing.duo.conduct import operations
from referencing.duo.sessions import queries
from referencing.duo.sessions.phases import Phase
from referencing.duo.slots import slots
from referencing.duo.slots.models import Slot
from referencing.reviews.queues import verifiers
from referencing.reviews.steering.declarations import declare_absence, declare_conflict
from tests.builders import person
from tests.duo.live import Live


def offered(live: Live, candidature: Candidature, editor: Actor | None = None) -> list[Slot]:
    found = booking_queries.slots(
        live.session, editor or live.editor, None, 100, candidature=candidature.id, verifier=None
    )
    return [one.slot for one in found]


def test_a_dossier_is_offered_what_its_verifiers_offer(live: Live) -> None:
    candidature, slot = live.dossier(), live.offer()
    assert offered(live, candidature) == [slot]


def test_a_day_before_it_is_too_late(live: Live) -> None:
    candidature, slot = live.dossier(), live.offer()
    live.time.now = slot.starts_at - timedelta(hours=24)
    assert offered(live, candidature) == [slot]
    live.time.now += timedelta(minutes=1)
    assert offered(live, candidature) == []
    with pytest.raises(Conflict):
        live.book(candidature, slot)


def test_of_a_verifier_on_leave_nothing_is_offered(live: Live) -> None:
    candidature, slot = live.dossier(), live.offer()
    day = date(2026, 3, 4)
    declare_absence(live.session, live.verifier, starts_on=day, ends_on=day, verifier=None)
    assert offered(live, candidature) == []
    with pytest.raises(Conflict):
        live.book(candidature, slot)


def test_of_a_verifier_with_a_conflict_of_interest_nothing_is_offered(live: Live) -> None:
    candidature, _ = live.dossier(), live.offer()
    declare_conflict(
        live.session, live.verifier, organisation=candidature.organisation.name, reason="x", verifier=None
    )
    assert offered(live, candidature) == []


def test_of_a_verifier_whose_account_is_closed_nothing_is_offered(live: Live) -> None:
    candidature, _ = live.dossier(), live.offer()
    closed = sa.update(Account).where(Account.id == live.verifier.account_id)
    live.session.execute(closed.values(disabled_at=live.time.now))
    assert offered(live, candidature) == []


@pytest.mark.parametrize(
    ("words", "suits"),
    [({"chapters": ["MSS"]}, True), ({"chapters": ["ANN"]}, False), ({"couloirs": ["c"]}, True)],
)
def test_a_slot_for_some_chapters_is_offered_where_one_of_them_is_to_be_shown(
    live: Live, words: dict[str, Any], suits: bool
) -> None:
    candidature, slot = live.dossier(), live.offer(**words)
    assert offered(live, candidature) == ([slot] if suits else [])


def test_what_the_verifier_does_not_handle_is_not_on_the_agenda(live: Live) -> None:
    candidature = live.dossier()
    verifiers.set_up(
        live.session,
        live.lead,
        live.verifier.account_id,
        chapters=["MSS"],
        guichets=[Guichet.ANS],
        most_in_hand=5,
    )
    booked = live.booked(candidature)
    assert set(live.lines(booked)) == {"X3", "X4"}


def test_where_a_lead_wants_two_verifiers_both_have_the_time(live: Live) -> None:
    candidature, slot = live.dossier(), live.offer()
    slots.staff(live.session, live.lead, "c", 2)
    assert offered(live, candidature) == []
    with pytest.raises(Conflict):
        live.book(candidature, slot)
    second = live.colleague()
    live.offer(second, starts_at=time(8), ends_at=time(11), slot_minutes=180)
    assert slot in offered(live, candidature)
    booked = live.book(candidature, slot)
    people = {one.account_id for one in booked.participants}
    assert people == {live.verifier.account_id, second.account_id, live.editor.account_id}


def test_a_person_is_never_booked_twice_at_one_time(live: Live) -> None:
    candidature = live.dossier()
    slot = live.offer()
    live.book(candidature, slot, ["LGC-V2:X1#01.01"])
    other = live.offer(live.colleague(), starts_at=time(9, 30), ends_at=time(10, 30))
    assert offered(live, candidature) == [], "the editor is taken"
    with pytest.raises(Conflict), live.session.begin_nested():
        live.book(candidature, other)
    colleague = person(live.session, Role.EDITOR)
    assert offered(live, candidature, colleague) == [other]
    live.book(candidature, other, editor=colleague)


def test_a_held_slot_is_nobody_elses_until_the_hold_expires(live: Live) -> None:
    candidature, slot = live.dossier(), live.offer()
    booking.hold(live.session, live.editor, candidature.id, slot.id)
    other = live.dossier("DPI-V2", "NIL-2")
    assert offered(live, other, person(live.session, Role.EDITOR)) == []
    live.time.now += timedelta(minutes=20)
    colleague = person(live.session, Role.EDITOR)
    assert offered(live, other, colleague) == [slot]
    assert live.book(other, slot, editor=colleague).phase is Phase.SCHEDULED


def test_a_hold_becomes_the_session_of_the_same_dossier(live: Live) -> None:
    candidature, slot = live.dossier(), live.offer()
    booking.hold(live.session, live.editor, candidature.id, slot.id)
    assert live.book(candidature, slot).phase is Phase.SCHEDULED


def test_a_session_that_is_called_off_gives_the_time_back(live: Live) -> None:
    candidature, slot = live.dossier(), live.offer()
    booked = live.book(candidature, slot)
    operations.cancel(live.session, live.editor, booked.id, "Empêchement.")
    assert offered(live, candidature) == [slot]
    assert live.waiting(candidature) == {"DOC": "proof_review"}, "nothing was left unfinished"
    again = live.book(candidature, slot)
    live.time.now = again.starts_at - timedelta(hours=23)
    with pytest.raises(Conflict, match="24 heures"):
        operations.cancel(live.session, live.editor, again.id, "Trop tard.")


def test_a_booked_slot_is_not_withdrawn_and_the_others_are(live: Live) -> None:
    candidature = live.dossier()
    slot = live.offer(ends_at=time(12))
    live.book(candidature, slot)
    with pytest.raises(Conflict):
        slots.withdraw_slot(live.session, live.verifier, slot.id)
    slots.withdraw_availability(live.session, live.verifier, slot.availability_id)
    left = sa.select(Slot.id).where(Slot.availability_id == slot.availability_id, Slot.withdrawn_at.is_(None))
    assert live.session.scalars(left).all() == [slot.id]


def test_a_verifier_offers_their_own_time_and_a_lead_that_of_anybody(live: Live) -> None:
    with pytest.raises(Forbidden):
        live.offer(of=live.colleague())
    with pytest.raises(Invalid):
        live.offer(live.lead)
    assert live.offer(live.lead, of=live.verifier).verifier_id == live.verifier.account_id
    with pytest.raises(Conflict, match="04/03/2026 à 09:00"):
        live.offer(live.verifier)


@pytest.mark.parametrize(
    ("words", "pointer"),
    [
        ({"starts_at": time(9, 5)}, "/starts_at"),
        ({"slot_minutes": 20}, "/slot_minutes"),
        ({"ends_at": time(9)}, "/ends_at"),
        ({"last_day": date(2026, 3, 3)}, "/last_day"),
        ({"couloirs": ["hôpital"]}, "/couloirs/0"),
    ],
)
def test_what_cannot_be_offered_is_said(live: Live, words: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        live.offer(**words)
    assert [one.pointer for one in refused.value.errors] == [pointer]


def test_an_editor_of_another_organisation_finds_neither_dossier_nor_session(live: Live) -> None:
    booked = live.booked()
    stranger = person(live.session, Role.EDITOR, "Éditions Bise")
    assert live.session.scalar(sa.select(Organisation.id).where(Organisation.name == "Éditions Bise"))
    with pytest.raises(NotFound):
        offered(live, booked.candidature, stranger)
    with pytest.raises(NotFound):
        queries.live_session(live.session, stranger, booked.id)


def why(live: Live, candidature: Candidature) -> str:
    assert offered(live, candidature) == []
    return booking_queries.why_none(live.session, live.editor, candidature.id)


def test_a_dossier_that_finds_no_slot_is_told_why(live: Live) -> None:
    candidature = live.dossier()
    assert "n'offre de créneau" in why(live, candidature)
    slot = live.offer()
    live.time.now = slot.starts_at - timedelta(hours=23)
    assert "au moins 24 heures avant" in why(live, candidature)


def test_a_dossier_whose_chapters_nobody_handles_is_told_so(live: Live) -> None:
    candidature, _ = live.dossier(), live.offer(chapters=["ANN"])
    assert "ne traite les chapitres" in why(live, candidature)


def test_a_dossier_whose_verifiers_are_away_is_told_that_nobody_is_free(live: Live) -> None:
    candidature, _ = live.dossier(), live.offer()
    day = date(2026, 3, 4)
    declare_absence(live.session, live.verifier, starts_on=day, ends_on=day, verifier=None)
    assert "n'est libre" in why(live, candidature)


@pytest.mark.parametrize(
    ("state", "mode", "reason"),
    [(State.SUBMITTED, Track.DUO, "déposée"), (State.IN_REVIEW, Track.ASYNC, "pas en mode DUO")],
)
def test_a_dossier_that_is_not_shown_live_yet_is_told_so(
    live: Live, state: State, mode: Track, reason: str
) -> None:
    candidature, _ = live.dossier(), live.offer()
    candidature.state, candidature.mode = state, mode
    live.session.flush()
    assert reason in why(live, candidature)
