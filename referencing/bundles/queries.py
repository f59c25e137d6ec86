"""Reading what was sealed."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from .models import Bundle


def last_of(session: Session, subject: str) -> Bundle | None:
    """What was sealed last of a subject."""
    of_subject = sa.select(Bundle).where(Bundle.subject == subject).order_by(Bundle.position.desc())
    return session.scalar(of_subject.limit(1))


def last_position(session: Session) -> int | None:
    """Where in the record the last seal of all is."""
    return session.scalar(sa.select(sa.func.max(Bundle.position)))
