"""A session as an iCalendar object (RFC 5545, RFC 5546): same UID from the first to the last, a rising SEQUENCE.

Each invitation is made for one person, its only ATTENDEE: nobody reads another's address. Pure but for the library.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import (
    Alarm,
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vText,
)

PARIS = ZoneInfo("Europe/Paris")
PRODUCT = "-//segur-referencing//DUO//FR"
REMINDERS = (timedelta(days=-1), timedelta(minutes=-15))
AGENCY = "Agence du numérique en santé"


@dataclass(frozen=True, slots=True)
class Invitation:
    """`stamp` is when this version was made; an address is an e-mail's, or None where there is none."""

    session_id: UUID
    sequence: int
    stamp: datetime
    starts_at: datetime
    ends_at: datetime
    cancelled: bool
    title: str
    description: str
    account_id: UUID
    name: str
    address: str | None
    organiser: str | None

    @property
    def method(self) -> str:
        return "CANCEL" if self.cancelled else "REQUEST"


def calendar(invitation: Invitation) -> bytes:
    """The object, with CRLF, folded at 75 octets, and the time zone of Paris defined in it."""
    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", PRODUCT)
    made.add("method", invitation.method)
    made.add_component(_paris())
    made.add_component(_event(invitation))
    written: bytes = made.to_ical()
    return written


def _paris() -> Timezone:
    """The rule since 1996. What icalendar 7.3 derives by itself has summer begin an hour late."""
    zone = Timezone()
    zone.add("tzid", "Europe/Paris")
    winter, summer = timedelta(hours=1), timedelta(hours=2)
    zone.add_component(_season(TimezoneStandard(), "CET", (summer, winter), datetime(1996, 10, 27, 3)))  # noqa: DTZ001
    zone.add_component(_season(TimezoneDaylight(), "CEST", (winter, summer), datetime(1997, 3, 30, 2)))  # noqa: DTZ001
    return zone


def _season(
    season: TimezoneStandard | TimezoneDaylight,
    name: str,
    offsets: tuple[timedelta, timedelta],
    first: datetime,
) -> TimezoneStandard | TimezoneDaylight:
    """Each year on the last Sunday of its month, at an hour told in the offset before."""
    season.add("tzname", name)
    season.add("tzoffsetfrom", offsets[0])
    season.add("tzoffsetto", offsets[1])
    season.add("dtstart", first)
    season.add("rrule", {"freq": "yearly", "bymonth": first.month, "byday": "-1su"})
    return season


def _event(invitation: Invitation) -> Event:
    event = Event()
    event.add("uid", str(invitation.session_id))
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", invitation.stamp)
    event.add("dtstart", invitation.starts_at.astimezone(PARIS))
    event.add("dtend", invitation.ends_at.astimezone(PARIS))
    event.add("summary", invitation.title)
    event.add("description", invitation.description)
    event.add("status", "CANCELLED" if invitation.cancelled else "CONFIRMED")
    event.add("organizer", _person(AGENCY, invitation.organiser, invitation.session_id))
    attendee = _person(invitation.name, invitation.address, invitation.account_id)
    attendee.params["role"] = vText("REQ-PARTICIPANT")
    attendee.params["partstat"] = vText("NEEDS-ACTION")
    event.add("attendee", attendee)
    if not invitation.cancelled:
        for before in REMINDERS:
            event.add_component(_alarm(before, invitation.title))
    return event


def _person(name: str, address: str | None, identity: UUID) -> vCalAddress:
    """Without an e-mail address, a person is named by what they are here: any URI may stand there."""
    person = vCalAddress(f"mailto:{address}" if address else f"urn:uuid:{identity}")
    person.params["cn"] = vText(name)
    return person


def _alarm(before: timedelta, text: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", text)
    alarm.add("trigger", before)
    return alarm
