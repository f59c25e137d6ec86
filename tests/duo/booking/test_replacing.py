"""A verifier who cannot come any more: who learns of it, and who comes instead."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from referencing.accounts.models import Account
from referencing.base.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from referencing.base.models import Job
from referencing.base.permissions import Actor, Role
from referencing.catalogue.proposals import Guichet
from referencing.duo.booking import replacing
from referencing.duo.conduct import operations
from referencing.duo.conduct.ending import Leftovers
from referencing.duo.sessions import hindrances, people, queries
from referencing.duo.sessions.attendance import attended
from referencing.duo.sessions.hindrances import Hindrance
from referencing.duo.sessions.models import Event, LiveSession
from referencing.duo.slots.models import Quarter
from referencing.mail.models import Letter
from referencing.reviews.queues import verifiers
from referencing.reviews.steering.declarations import declare_absence, declare_conflict, end_absence
from tests.builders import entries, person
from tests.duo.booking.test_moving import letters
from tests.duo.live import Live

DAY = date(2026, 3, 4)


def on_leave(live: Live, who: Actor | None = None, day: date = DAY) -> Any:
    return declare_absence(live.session, who or live.verifier, starts_on=day, ends_on=day, verifier=None)


def in_conflict(live: Live, booked: LiveSession, who: Actor | None = None) -> Any:
    name = booked.organisation.name
    return declare_conflict(
        live.session, who or live.verifier, organisation=name, reason="Ancien employeur.", verifier=None
    )


def jobs_are_done(live: Live) -> None:
    due = sa.select(Job).where(Job.task == "notice_hindrances", Job.done_at.is_(None))
    for job in live.session.scalars(due).all():
        replacing.notice_hindrances(live.session, **job.arguments)
        job.done_at = live.time.now
    live.session.flush()
    live.session.expire_all()


def needs(live: Live, booked: LiveSession) -> bool:
    return booked.id in hindrances.needing_verifier(live.session, [booked.id])


def replace(live: Live, booked: LiveSession, coming: Actor, leaving: Actor | None = None) -> LiveSession:
    gone = (leaving or live.verifier).account_id
    changed = replacing.replace_verifier(
        live.session, live.lead, booked.id, leaving=gone, coming=coming.account_id, revision=booked.revision
    )
    live.session.expire_all()
    return changed


def expected(booked: LiveSession) -> set[UUID]:
    return {one.account_id for one in booked.participants}


def told(live: Live, who: UUID) -> list[str]:
    of_it = Letter.subject_key.endswith(":needs_verifier")
    return list(live.session.scalars(sa.select(Letter.text).where(Letter.account_id == who, of_it)))


def test_leave_that_is_declared_after_the_booking_shows_until_it_is_taken_back(live: Live) -> None:
    booked = live.booked()
    assert not needs(live, booked)
    on_leave(live, day=DAY + timedelta(days=1))
    assert not needs(live, booked)
    absence = on_leave(live)
    assert needs(live, booked)
    (found,) = hindrances.verifiers(live.session, live.lead, booked.id)
    assert (found.account, found.hindrance) == (live.verifier.account_id, Hindrance.LEAVE)
    end_absence(live.session, live.verifier, absence.id)
    assert not needs(live, booked)


def test_a_conflict_and_an_account_that_is_closed_show_as_well(live: Live) -> None:
    booked = live.booked()
    in_conflict(live, booked)
    assert [one.hindrance for one in hindrances.verifiers(live.session, live.lead, booked.id)] == ["conflict"]
    gone = sa.update(Account).where(Account.id == live.verifier.account_id)
    live.session.execute(gone.values(disabled_at=live.time.now))
    (found,) = hindrances.verifiers(live.session, live.lead, booked.id)
    assert found.hindrance is Hindrance.ACCOUNT_CLOSED


def test_a_conflict_with_another_organisation_hinders_nothing(live: Live) -> None:
    booked = live.booked()
    other = person(live.session, Role.EDITOR, "Éditions Bise")
    assert other.organisation_id != booked.organisation_id
    declare_conflict(live.session, live.verifier, organisation="Éditions Bise", reason="x", verifier=None)
    assert not needs(live, booked)


def test_who_declared_a_conflict_neither_opens_the_session_nor_decides_in_it(live: Live) -> None:
    booked, colleague = live.booked(), live.colleague()
    in_conflict(live, booked)
    live.time.now = booked.starts_at
    with pytest.raises(Forbidden, match="conflit"):
        operations.open_session(live.session, live.verifier, booked.id)
    replace(live, booked, colleague)
    operations.open_session(live.session, colleague, booked.id)
    live.decide(booked, "X2", by=colleague)
    in_conflict(live, booked, colleague)
    with pytest.raises(Forbidden, match="conflit"):
        live.decide(booked, "X3", by=colleague)
    left = operations.close(live.session, colleague, booked.id, Leftovers.QUEUE, "", nothing_decided=True)
    assert live.lines(left)["X2"] == "decided"


def test_who_declared_a_conflict_reads_nothing_of_the_session_and_can_call_it_off(live: Live) -> None:
    booked = live.booked()
    assert queries.sessions(live.session, live.verifier, None, 5) == [booked]
    in_conflict(live, booked)
    assert queries.sessions(live.session, live.verifier, None, 5) == []
    with pytest.raises(Forbidden, match="conflit"):
        queries.live_session(live.session, live.verifier, booked.id)
    with pytest.raises(Forbidden, match="conflit"):
        attended(live.session, live.verifier, booked.id)
    live.time.now = booked.starts_at
    with pytest.raises(Forbidden, match="conflit"):
        people.arrive(live.session, live.verifier, booked.id)
    live.time.now = booked.starts_at - timedelta(hours=1)
    assert operations.cancel(live.session, live.verifier, booked.id, "Conflit.").phase == "cancelled"


def test_both_sides_and_the_leads_are_told_once_and_not_why(live: Live) -> None:
    booked = live.booked()
    in_conflict(live, booked)
    on_leave(live)
    for _ in range(2):
        jobs_are_done(live)
    for who in (live.editor, live.lead):
        (text,) = told(live, who.account_id)
        assert "Il manque un vérificateur" in text
        assert "congé" not in text
        assert "conflit" not in text
    assert told(live, live.verifier.account_id) == []
    kinds = live.session.scalars(sa.select(Event.action).where(Event.session_id == booked.id)).all()
    assert kinds.count("session.needs_verifier") == 1
    (noted,) = [
        one for one in entries(live.session, booked.candidature) if one.action == "session.needs_verifier"
    ]
    assert noted.detail == {"session": str(booked.id), "sequence": 0}


def test_a_session_that_runs_needs_nobody(live: Live) -> None:
    running = live.running()
    on_leave(live)
    jobs_are_done(live)
    assert not needs(live, running)
    assert told(live, live.editor.account_id) == []


def test_who_comes_instead_has_the_time_and_the_invitation(live: Live) -> None:
    booked, colleague = live.booked(), live.colleague()
    on_leave(live)
    replace(live, booked, colleague)
    assert expected(booked) == {colleague.account_id, live.editor.account_id}
    assert (needs(live, booked), booked.sequence, booked.revision) == (False, 1, 2)
    taken = dict(
        live.session.execute(
            sa.select(Quarter.account_id, sa.func.count())
            .where(Quarter.session_id == booked.id)
            .group_by(Quarter.account_id)
        ).all()
    )
    assert taken == {colleague.account_id: 4, live.editor.account_id: 4}
    assert letters(live, live.verifier)[-1][:2] == ("CANCEL", 1)
    assert letters(live, colleague) == [("REQUEST", 1, booked.starts_at)]
    assert [one[:2] for one in letters(live, live.editor)] == [("REQUEST", 0), ("REQUEST", 1)]
    live.time.now = booked.starts_at
    operations.open_session(live.session, colleague, booked.id)
    with pytest.raises(Forbidden):
        operations.pause(live.session, live.verifier, booked.id, "")


def test_the_second_click_replaces_nobody(live: Live) -> None:
    booked, colleague = live.booked(), live.colleague()
    revision = booked.revision
    for _ in range(2):
        replacing.replace_verifier(
            live.session,
            live.lead,
            booked.id,
            leaving=live.verifier.account_id,
            coming=colleague.account_id,
            revision=revision,
        )
    assert (booked.sequence, len(letters(live, colleague))) == (1, 1)


def test_a_second_need_after_a_replacement_is_told_again(live: Live) -> None:
    booked, colleague = live.booked(), live.colleague()
    on_leave(live)
    jobs_are_done(live)
    replace(live, booked, colleague)
    on_leave(live, colleague)
    jobs_are_done(live)
    assert needs(live, booked)
    assert len(told(live, live.editor.account_id)) == 2


def away(live: Live, _: LiveSession, who: Actor) -> None:
    on_leave(live, who)


def judges_not(live: Live, booked: LiveSession, who: Actor) -> None:
    in_conflict(live, booked, who)


def busy(live: Live, _: LiveSession, who: Actor) -> None:
    slot = live.offer(who, starts_at=time(9, 45), ends_at=time(10, 15), slot_minutes=30)
    live.book(live.dossier("DPI-V2", "NIL-2"), slot, editor=person(live.session, Role.EDITOR))


def of_another_domain(live: Live, _: LiveSession, who: Actor) -> None:
    verifiers.set_up(
        live.session, live.lead, who.account_id, chapters=["MSS"], guichets=[Guichet.ANS], most_in_hand=5
    )


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (away, "en congé"),
        (judges_not, "conflit"),
        (busy, "pas libre"),
        (of_another_domain, "Plus personne ne traiterait : LGC-V2:X2#01.01, LGC-V2:X1#01.01"),
    ],
)
def test_who_could_not_be_booked_does_not_come_instead(live: Live, why: Any, words: str) -> None:
    booked, colleague = live.booked(), live.colleague()
    why(live, booked, colleague)
    with pytest.raises(Conflict, match=words), live.session.begin_nested():
        replace(live, booked, colleague)
    live.session.expire_all()
    assert live.verifier.account_id in expected(booked)


def test_who_comes_is_a_verifier_and_who_leaves_is_expected(live: Live) -> None:
    booked, colleague = live.booked(), live.colleague()
    with pytest.raises(NotFound):
        replace(live, booked, live.lead)
    with pytest.raises(Invalid):
        replace(live, booked, colleague, leaving=live.editor)
    with pytest.raises(Conflict, match="déjà attendu"):
        replace(live, booked, live.verifier)
    booked.revision += 1
    with pytest.raises(Stale):
        replacing.replace_verifier(
            live.session,
            live.lead,
            booked.id,
            leaving=live.verifier.account_id,
            coming=colleague.account_id,
            revision=booked.revision - 1,
        )


def test_on_the_hour_somebody_can_still_come_instead_of_who_did_not(live: Live) -> None:
    booked, colleague = live.booked(), live.colleague()
    live.time.now = booked.starts_at + timedelta(minutes=5)
    replace(live, booked, colleague)
    starts = live.session.scalars(
        sa.select(sa.func.min(Quarter.starts_at)).where(Quarter.account_id == colleague.account_id)
    ).one()
    assert starts == datetime(2026, 3, 4, 8, 15, tzinfo=UTC)


def test_who_came_is_not_replaced(live: Live) -> None:
    booked, colleague = live.booked(), live.colleague()
    live.time.now = booked.starts_at - timedelta(minutes=10)
    people.arrive(live.session, live.verifier, booked.id)
    with pytest.raises(Conflict, match="déjà venu"):
        replace(live, booked, colleague)


def test_it_is_for_leads(live: Live) -> None:
    booked, colleague = live.booked(), live.colleague()
    for who in (live.verifier, live.editor):
        with pytest.raises(Forbidden):
            hindrances.verifiers(live.session, who, booked.id)
        with pytest.raises(Forbidden):
            replacing.replace_verifier(
                live.session,
                who,
                booked.id,
                leaving=live.verifier.account_id,
                coming=colleague.account_id,
                revision=1,
            )
