"""What the record does in the background: it takes entries into its tree, closes days, sends heads."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.jobs import Background
from referencing.journal.tree import grow
from referencing.mail.relay import Relay

from . import signing
from .models import Head
from .notary import Notary
from .sinks import deliver


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


TASKS = (
    Background(grow_record, every=timedelta(minutes=5)),
    Background(close_day_of_record, every=timedelta(hours=1)),
    Background(send_head),
)
