"""Invitations as calendars read them: RFC 5545 by two parsers that are not ours to choose."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from dateutil.tz import tzical  # type: ignore[import-untyped]
from icalendar import Calendar, Component

from referencing.base.db import PARIS
from referencing.duo.sessions.calendar import Invitation, calendar

INVITATION = Invitation(
    session_id=UUID(int=5),
    sequence=0,
    stamp=datetime(2026, 3, 2, 9, tzinfo=UTC),
    starts_at=datetime(2026, 3, 30, 8, tzinfo=UTC),
    ends_at=datetime(2026, 3, 30, 9, 30, tzinfo=UTC),
    cancelled=False,
    title="Session DUO : LGC-V2",
    description="Ordre du jour : 3 éléments.",
    account_id=UUID(int=7),
    name="Zoé Lefèvre",
    address="zoe@example.fr",
    organiser="duo@agence.example.fr",
)


def event(invitation: Invitation) -> Component:
    (found,) = Calendar.from_ical(calendar(invitation)).walk("VEVENT")
    return found


def lines(invitation: Invitation) -> list[str]:
    """Unfolded."""
    return calendar(invitation).decode().replace("\r\n ", "").split("\r\n")


def test_an_invitation_asks_one_person_to_a_session_in_paris_time() -> None:
    said = lines(INVITATION)
    assert "METHOD:REQUEST" in said
    assert "STATUS:CONFIRMED" in said
    assert "DTSTART;TZID=Europe/Paris:20260330T100000" in said  # in summer time since the day before
    assert "DTEND;TZID=Europe/Paris:20260330T113000" in said
    assert [one for one in said if one.startswith("ATTENDEE")] == [
        'ATTENDEE;CN="Zoé Lefèvre";PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT:mailto:zoe@example.fr'
    ]
    assert 'ORGANIZER;CN="Agence du numérique en santé":mailto:duo@agence.example.fr' in said


@pytest.mark.parametrize(
    ("utc", "paris"), [((2026, 3, 27, 8), "20260327T090000"), ((2026, 10, 26, 8), "20261026T090000")]
)
def test_the_time_is_that_of_the_clocks_on_the_day(utc: tuple[int, int, int, int], paris: str) -> None:
    starts_at = datetime(*utc, tzinfo=UTC)
    moved = replace(INVITATION, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    assert f"DTSTART;TZID=Europe/Paris:{paris}" in lines(moved)


def test_the_time_zone_that_comes_with_it_is_that_of_paris() -> None:
    said = tzical(io.StringIO(calendar(INVITATION).decode())).get("Europe/Paris")
    hour = datetime(2026, 1, 1, tzinfo=UTC)
    while hour.year < 2040:
        assert hour.astimezone(said).utcoffset() == hour.astimezone(PARIS).utcoffset(), hour
        hour += timedelta(hours=13)
    for change in (datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)):
        for around in (change - timedelta(seconds=1), change + timedelta(hours=1)):
            assert around.astimezone(said).utcoffset() == around.astimezone(PARIS).utcoffset()


def test_a_change_keeps_the_uid_and_raises_the_sequence() -> None:
    first, second = event(INVITATION), event(replace(INVITATION, sequence=1, title="Autre heure"))
    assert first["uid"] == second["uid"] == str(UUID(int=5))
    assert (first["sequence"], second["sequence"]) == (0, 1)


def test_a_cancelled_session_is_taken_out_of_the_calendar_and_reminds_nobody() -> None:
    cancelled = replace(INVITATION, sequence=2, cancelled=True)
    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:2"} <= set(lines(cancelled))
    assert "BEGIN:VALARM" not in lines(cancelled)
    assert lines(INVITATION).count("BEGIN:VALARM") == 2


@pytest.mark.parametrize(
    "name",
    ["Noël d'Été", 'Jean "Jo" Dupont', "A; B, C: D", "X\r\nATTENDEE:mailto:evil@example.org", "李小龍"],
)
def test_whatever_a_name_holds_it_stays_a_name(name: str) -> None:
    named = replace(INVITATION, name=name, title=name, description=name)
    read = event(named)
    assert str(read["attendee"]) == "mailto:zoe@example.fr"
    assert read["attendee"].params["CN"].split() == name.split()
    assert str(read["summary"]).split() == name.split()
    assert [one for one in lines(named) if one.startswith("ATTENDEE:")] == []


def test_lines_end_with_crlf_and_are_folded_at_75_octets_between_characters() -> None:
    made = calendar(replace(INVITATION, title="é" * 200, description="À bientôt 👋 " * 40))
    assert made.endswith(b"\r\n")
    assert b"\n" not in made.replace(b"\r\n", b"")
    for line in made.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no character is cut in two


def test_who_has_no_address_is_named_without_one() -> None:
    read = event(replace(INVITATION, address=None, organiser=None))
    assert str(read["attendee"]) == f"urn:uuid:{UUID(int=7)}"
    assert str(read["organizer"]).startswith("urn:uuid:")
