"""What is sealed of a day's public list: what was signed of it, with the digests of the list as JSON and as CSV."""

import zlib
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.register.days import statements
from referencing.register.days.models import SignedDay
from referencing.register.days.queries import day

from .models import Bundle, Kind
from .proving import proven
from .sealing import seal
from .summaries import register_summary

#: Days that are sealed at once, where none was for long.
AT_ONCE = 31


def subject_of(day: date) -> str:
    return f"register:{day.isoformat()}"


def name_of(day: date) -> str:
    """The name of its bundle as a file."""
    return f"preuve-liste-{day.isoformat()}.json"


def seal_days(session: Session) -> None:
    """Seal the lists that were signed since the last one that was sealed."""
    select = sa.select(SignedDay).order_by(SignedDay.day).limit(AT_ONCE)
    last = session.scalar(sa.select(sa.func.max(Bundle.subject)).where(Bundle.kind == Kind.REGISTER))
    if last is not None:
        select = select.where(SignedDay.day > date.fromisoformat(last.partition(":")[2]))
    for signed in session.scalars(select).all():
        seal(session, _content(signed))


def _content(signed: SignedDay) -> dict[str, Any]:
    content = {
        "kind": Kind.REGISTER,
        "subject": subject_of(signed.day),
        "statement": signed.statement,
        "files": [
            {"name": statements.name_of(signed.day, "json"), "sha256": signed.content.json_sha256},
            {"name": statements.name_of(signed.day, "csv"), "sha256": signed.content.csv_sha256},
        ],
    }
    return {**content, "summary": register_summary(signed.day, signed.content.size)}


def day_bundle(session: Session, on: date) -> dict[str, Any]:
    """The list of a day that was sealed, as JSON, with its proofs. Raises NotFound, Conflict as `proven` does."""
    signed = day(session, on)
    written = zlib.decompress(signed.content.json).decode()
    return proven(session, subject_of(on), attached={statements.name_of(on, "json"): written})
