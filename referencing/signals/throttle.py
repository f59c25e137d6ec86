"""A bound on the signals that one place, and all places together, may send within an hour.

Counted in the database, so it holds over several processes and restarts. An address is never kept: only its digest
with a salt that is made each day and forgotten with it.
"""

import hmac
import secrets
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.errors import TooMany

from .models import SignalCount, SignalSalt

#: A hospital may have one address for all who work there.
MOST_FROM_ONE = 20
#: Signals that all addresses together may send; beyond it nobody could read them anyway.
MOST_FROM_ALL = 500
_ALL = "*"


def count(session: Session, network: str) -> None:
    """Count one more signal from a place, in the transaction that keeps it. Raises TooMany."""
    hour = now(session).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    source = hmac.new(_salt(session, hour), network.encode(), "sha256").hexdigest()
    until = (hour + timedelta(hours=1) - now(session)).total_seconds()
    for counted, most in ((source, MOST_FROM_ONE), (_ALL, MOST_FROM_ALL)):
        if _add(session, counted, hour) > most:
            raise TooMany(
                "Trop de signalements viennent d'être envoyés : rien n'a été enregistré. Réessayez dans une heure, "
                "ou écrivez à l'agence.",
                retry_after=int(until) + 1,
            )


def _add(session: Session, source: str, hour: datetime) -> int:
    first = insert(SignalCount).values(source=source, hour=hour, count=1)
    more = first.on_conflict_do_update(
        index_elements=[SignalCount.source, SignalCount.hour], set_={"count": SignalCount.count + 1}
    )
    return session.scalars(more.returning(SignalCount.count)).one()


def _salt(session: Session, hour: datetime) -> bytes:
    made = insert(SignalSalt).values(day=hour.date(), salt=secrets.token_bytes(32))
    session.execute(made.on_conflict_do_nothing())
    return session.scalars(sa.select(SignalSalt.salt).where(SignalSalt.day == hour.date())).one()


def forget_signal_sources(session: Session) -> None:
    """Delete the counts of earlier days, and their salts."""
    day = now(session).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    session.execute(sa.delete(SignalSalt).where(SignalSalt.day < day.date()))
    session.execute(sa.delete(SignalCount).where(SignalCount.hour < day))
