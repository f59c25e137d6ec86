"""What goes by itself: tables do not grow for ever, and nothing is known of people for longer than it is of use."""

from datetime import timedelta

from sqlalchemy.orm import Session

from referencing.base.jobs import Background, enqueue
from referencing.config import Kept

from .forgetting import AT_ONCE, forget
from .periods import PERIODS


def forget_old(session: Session) -> None:
    """Have each kind looked at, by a job of its own."""
    for name in PERIODS:
        enqueue(session, forget_kind.__name__, kind=name)


def forget_kind(session: Session, kind: str, *, kept: Kept) -> None:
    """Let go some of what has been kept for its period, and the rest by another job: a job may be cut anywhere."""
    if forget(session, PERIODS[kind], kept.days) >= AT_ONCE:
        enqueue(session, forget_kind.__name__, kind=kind)


TASKS = (Background(forget_old, every=timedelta(minutes=30)), Background(forget_kind))
