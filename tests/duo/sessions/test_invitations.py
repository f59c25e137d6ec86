"""Invitations and reminders: from what is booked to what arrives in a mailbox and in a calendar."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from icalendar import Calendar, Component

from referencing.base import db
from referencing.base.permissions import Role
from referencing.duo.conduct import operations
from referencing.duo.sessions import letters
from referencing.duo.sessions.models import LiveSession
from referencing.duo.sessions.phases import Phase
from referencing.mail.models import Letter
from tests.conftest import Time, parts
from tests.duo.booked import STARTS_AT, Live
from tests.duo.equipped import FROM, Equipped, equipped
from tests.duo.live import Live as Dossier


@pytest.fixture
def world(app: Flask, time: Time) -> Iterator[Equipped]:
    with equipped(app, time) as running:
        running.write_to(running.live.verifier, "zoe@agence.example.fr")
        running.write_to(running.live.editor, "noel@alize.example.fr")
        yield running


def invite(world: Equipped, **values: Any) -> None:
    """As an operation does that changes the session and tells so, in one transaction."""
    with db.transaction(parts(world.app).sessions) as session:
        live = session.get_one(LiveSession, world.live.id)
        for name, value in values.items():
            setattr(live, name, value)
        letters.invite(session, live)


def arrived(world: Equipped, address: str) -> list[EmailMessage]:
    return [one for one in world.smtp.messages if address in one["to"]]


def event_of(message: EmailMessage) -> tuple[str, Component]:
    (part,) = (one for one in message.walk() if one.get_content_type() == "text/calendar")
    assert isinstance(part, EmailMessage)
    (event,) = Calendar.from_ical(part.get_content()).walk("VEVENT")
    return str(part.get_param("method")), event


def test_each_participant_is_invited_at_their_own_address_alone(world: Equipped) -> None:
    invite(world)
    world.work()
    assert sorted(world.smtp.recipients) == ["noel@alize.example.fr", "zoe@agence.example.fr"]
    (message,) = arrived(world, "noel@alize.example.fr")
    assert message["subject"] == "Séance DUO planifiée : lundi 30 mars 2026 à 10 h 00"
    assert "zoe@agence.example.fr" not in message.as_string()
    method, event = event_of(message)
    assert method == "REQUEST"
    assert str(event["attendee"]) == "mailto:noel@alize.example.fr"
    assert str(event["organizer"]) == f"mailto:{FROM}"
    assert event["attendee"].params["CN"] == "Noël d'Été"
    assert str(event["summary"]) == "Séance DUO : Alizé Médecin, LGC-V2"


def test_changes_and_the_cancellation_follow_the_same_event(world: Equipped) -> None:
    invite(world)
    later = STARTS_AT + timedelta(days=1)
    invite(world, sequence=1, starts_at=later, ends_at=later + timedelta(hours=1))
    invite(world, sequence=2, phase=Phase.CANCELLED, reason="Verrou logiciel.")
    world.work()
    events = [event_of(one) for one in arrived(world, "noel@alize.example.fr")]
    assert [(method, event["sequence"]) for method, event in events] == [
        ("REQUEST", 0),
        ("REQUEST", 1),
        ("CANCEL", 2),
    ]
    assert len({str(event["uid"]) for _, event in events}) == 1
    assert str(events[2][1]["status"]) == "CANCELLED"
    assert "Verrou logiciel." in str(events[2][1]["description"])
    assert events[1][1].decoded("dtstart") == later


def test_booking_invites_and_calling_off_takes_it_out_of_the_calendars(live: Dossier) -> None:
    """`live` is a dossier whose session goes through the operations of booking and of cancelling."""
    booked = live.booked()
    operations.cancel(live.session, live.editor, booked.id, "Environnement indisponible.")
    told = live.session.scalars(sa.select(Letter).order_by(Letter.id)).all()
    assert [(one.method, one.account_id) for one in told] == [
        (method, account_id)
        for method in ("REQUEST", "CANCEL")
        for account_id in sorted((live.verifier.account_id, live.editor.account_id))
    ]
    sequences = [Calendar.from_ical(one.calendar or "").walk("VEVENT")[0]["sequence"] for one in told]
    assert sequences == [0, 0, 1, 1]
    assert "Environnement indisponible." in told[-1].text


def test_a_change_that_was_told_is_not_told_again(world: Equipped) -> None:
    for _ in range(2):
        invite(world)
        world.work()
    assert len(arrived(world, "noel@alize.example.fr")) == 1


def test_people_are_reminded_the_day_before_and_in_the_hour(world: Equipped) -> None:
    for before, expected in ((48, 0), (25, 0), (24, 1), (12, 1), (2, 1), (1, 2), (0.5, 2)):
        world.time.now = STARTS_AT - timedelta(hours=before)
        world.periodic("remind_sessions")
        assert len(arrived(world, "noel@alize.example.fr")) == expected, before
    assert arrived(world, "noel@alize.example.fr")[0]["subject"].startswith(
        "Rappel : séance DUO lundi 30 mars"
    )


def test_who_was_asleep_is_reminded_once_not_of_all_that_was_missed(world: Equipped) -> None:
    world.time.now = STARTS_AT - timedelta(minutes=20)
    for _ in range(3):
        world.periodic("remind_sessions")
    assert len(arrived(world, "noel@alize.example.fr")) == 1


@pytest.mark.parametrize("phase", [Phase.CANCELLED, Phase.OPEN, Phase.CLOSED])
def test_nobody_is_reminded_of_what_is_not_to_come(world: Equipped, phase: Phase) -> None:
    world.live.change(phase=phase)
    world.time.now = STARTS_AT - timedelta(hours=1)
    world.periodic("remind_sessions")
    assert world.smtp.taken == []


def test_reminders_cost_as_many_queries_whoever_is_reminded_already(world: Equipped) -> None:
    """A look that finds nothing to tell is one query of sessions, and their people."""
    statements: list[str] = []

    def count(*args: Any) -> None:
        statements.append(args[2])

    world.time.now = STARTS_AT - timedelta(days=2)
    with parts(world.app).sessions() as session:
        sa.event.listen(parts(world.app).engine, "before_cursor_execute", count)
        letters.remind_sessions(session)
        sa.event.remove(parts(world.app).engine, "before_cursor_execute", count)
    assert len(statements) == 1


def test_one_reads_what_one_was_written_and_whether_it_was_sent(world: Equipped) -> None:
    invite(world)
    waiting = world.live.as_editor.get("/me/letters")["items"]
    assert [(one["outcome"], one["settled_at"]) for one in waiting] == [("waiting", None)]
    world.work()
    invite(world, sequence=1)
    world.work()
    shown = list(world.live.as_editor.every("/me/letters?limit=1"))
    assert [one["outcome"] for one in shown] == ["sent", "sent"]
    assert shown[0]["subject"].startswith("Séance DUO modifiée")
    world.live.other(Role.INTEGRATION).refused(403, "GET", "/me/letters")
    assert world.live.other(Role.EDITOR).get("/me/letters")["items"] == []


def test_without_a_server_the_letter_can_be_read_and_says_that_it_was_not_sent(
    app: Flask, time: Time, jobs: Any
) -> None:
    live = Live(app)
    with db.transaction(parts(app).sessions) as session:
        letters.invite(session, session.get_one(LiveSession, live.id))
    jobs()
    (letter,) = live.as_editor.get("/me/letters")["items"]
    assert letter["outcome"] == "no_server"
    assert "10 h 00" in letter["text"]


def test_the_calendar_is_served_as_the_session_is_now(world: Equipped) -> None:
    path = f"{world.live.path}/calendar.ics"
    served = world.live.as_editor.send("GET", path)
    assert served.content_type == "text/calendar; charset=utf-8; method=REQUEST"
    (event,) = Calendar.from_ical(served.get_data()).walk("VEVENT")
    assert (str(event["uid"]), event["sequence"]) == (str(world.live.id), 0)
    assert str(event["attendee"]) == "mailto:noel@alize.example.fr"
    world.live.change(phase=Phase.CANCELLED, sequence=1)
    cancelled = world.live.as_verifier.send("GET", path)
    assert "method=CANCEL" in cancelled.content_type
    assert b"SEQUENCE:1" in cancelled.get_data()
    assert b"noel@alize.example.fr" not in cancelled.get_data()


def test_only_who_is_expected_has_it_in_their_calendar(world: Equipped) -> None:
    path = f"{world.live.path}/calendar.ics"
    world.live.other(Role.EDITOR, "Mistral").refused(404, "GET", path)
    world.live.other(Role.LEAD).refused(403, "GET", path)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 1, 1, 8, 5, tzinfo=UTC), "jeudi 1er janvier 2026 à 9 h 05"),
        (datetime(2026, 8, 31, 22, 0, tzinfo=UTC), "mardi 1er septembre 2026 à 0 h 00"),
        (datetime(2026, 12, 25, 13, 30, tzinfo=UTC), "vendredi 25 décembre 2026 à 14 h 30"),
    ],
)
def test_a_moment_is_said_in_french_and_in_paris(moment: datetime, said: str) -> None:
    assert letters.when(moment) == said
