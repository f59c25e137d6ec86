"""What goes by itself so that tables do not grow for ever."""

from datetime import timedelta

from sqlalchemy.orm import Session

from referencing.base.jobs import Background
from referencing.base.models import Job
from referencing.files.reads.models import FileRead
from referencing.invitations.models import Invitation
from referencing.mail.models import Letter
from referencing.web.models import RepeatableRequest

from .forgetting import Period, forget

#: A letter outlives every matter of which it tells its person once only; dead jobs wait for a lead.
PERIODS = (
    Period(Job.done_at, timedelta(days=7)),
    Period(RepeatableRequest.created_at, timedelta(days=7)),
    Period(Letter.settled_at, timedelta(days=400)),
    Period(FileRead.read_at, timedelta(days=365)),
    Period(Invitation.expires_at, timedelta(days=90)),
)


def forget_old(session: Session) -> None:
    """Delete what has been kept for its period."""
    for period in PERIODS:
        forget(session, period)


TASKS = (Background(forget_old, every=timedelta(minutes=30)),)
