"""What the record does in the background: it takes entries into its tree, closes days, sends heads."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.jobs import Background
from referencing.journal.tree import grow
from referencing.mail.relay import Relay

from . import signing
from .models import Head, HeadStamp
from .notary import Notary
from .sinks import deliver
from .statements import line_of


def grow_record(session: Session) -> None:
    """Take into the tree what has become certain."""
    grow(session)


def close_day_of_record(session: Session, *, notary: Notary) -> None:
    """Sign the record once a day is over."""
    signing.close_day(session, notary)


def send_head(session: Session, head: str, place: str, *, notary: Notary, relay: Relay | None) -> None:
    """Send a head to a place that the settings still have; a failure is tried again, and ends as a dead letter."""
    address = notary.place_named(place)
    if address is not None:
        deliver(session.get_one(Head, UUID(head)), address, relay)


def stamp_head(session: Session, head: str, *, notary: Notary) -> None:
    """Have an authority say when a head was there, where one is configured still."""
    signed = session.get_one(Head, UUID(head))
    if notary.authority is not None and signed.stamp is None:
        stamp = notary.authority.stamp(line_of(signed).encode())
        session.add(HeadStamp(head_id=signed.id, at=stamp.at, token=stamp.token))


TASKS = (
    Background(grow_record, every=timedelta(minutes=5)),
    Background(close_day_of_record, every=timedelta(hours=1)),
    Background(send_head),
    Background(stamp_head),
)
