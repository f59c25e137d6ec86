"""A letter as the bytes that an SMTP server is given: the same at each attempt. Pure."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

from icalendar import Calendar, vCalAddress


@dataclass(frozen=True, slots=True)
class Words:
    """`sender` and `recipient` are mailboxes; `calendar` comes with its METHOD."""

    letter_id: UUID
    written_at: datetime
    sender: str
    recipient: str
    name: str
    subject: str
    text: str
    calendar: str | None = None
    method: str | None = None


def message(words: Words) -> bytes:
    """The bytes of a letter.

    In headers every run of blanks, line breaks included, is one space: nothing said can begin another header.
    The Message-ID is the letter's own: of two that arrive after a crash, a mailbox may keep one.
    """
    made = EmailMessage(policy=SMTP)
    made["From"] = words.sender
    made["To"] = Address(_one_line(words.name), addr_spec=words.recipient)
    made["Subject"] = _one_line(words.subject)
    made["Date"] = format_datetime(words.written_at)
    made["Message-ID"] = f"<{words.letter_id}@{words.sender.rpartition('@')[2].rstrip('>')}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer of an absent person comes back
    made.set_content(words.text, cte="quoted-printable")
    if words.calendar is not None and words.method is not None:
        calendar = _addressed(words.calendar, words.sender, words.recipient)
        made.add_alternative(calendar, subtype="calendar", params={"method": words.method})
        made.set_boundary(f"={words.letter_id.hex}")
    return made.as_bytes()


def _addressed(text: str, sender: str, recipient: str) -> str:
    """An invitation comes from the sender to the recipient: calendars compare these with the e-mail's."""
    calendar = Calendar.from_ical(text)
    for event in calendar.walk("VEVENT"):
        for name, mailbox in (("organizer", sender), ("attendee", recipient)):
            person = vCalAddress(f"mailto:{mailbox}")
            person.params = event[name].params
            event[name] = person
    written: bytes = calendar.to_ical()
    return written.decode().replace("\r\n", "\n")


def _one_line(text: str) -> str:
    return " ".join(text.split())
