"""The days of which the list is kept, and what was listed of a software on a day."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import before
from referencing.base.errors import NotFound
from referencing.candidatures.record.states import LISTED
from referencing.register.contents import Line
from referencing.register.queries import lines_on
from referencing.solutions.models import Software
from referencing.solutions.nils import clean_nil, look

from .models import SignedDay

NO_DAY = "Aucune liste signée n'est gardée pour ce jour : /api/v1/register/days dit ceux qui le sont."


def days(session: Session, cursor: Sequence[Any] | None, limit: int) -> Sequence[SignedDay]:
    """The days whose list is kept, the latest first, before one of them."""
    return session.scalars(before(sa.select(SignedDay), SignedDay.day, cursor).limit(limit)).all()


def day(session: Session, day: date) -> SignedDay:
    """One of them. Raises NotFound."""
    signed = session.get(SignedDay, day)
    if signed is None:
        raise NotFound(NO_DAY)
    return signed


def last_day(session: Session) -> date | None:
    return session.scalar(sa.select(sa.func.max(SignedDay.day)))


def listed_on(session: Session, day: date) -> list[Line]:
    """What was on the list at the end of a day."""
    return [line for line in lines_on(session, day) if line.state in LISTED]


def lines_of_nil(session: Session, nil: str, day: date) -> list[Line]:
    """What was referenced, suspended or delisted of a software at the end of a day, on whichever DSR."""
    kept = clean_nil(nil)
    return lines_on(session, day, Software.nil_look == look(kept), Software.nil == kept)
