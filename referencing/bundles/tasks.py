"""What is sealed by itself, and heads for what was sealed since the last one: nobody waits for the end of the day."""

from datetime import timedelta

from sqlalchemy.orm import Session

from referencing.base.jobs import Background
from referencing.heads.notary import Notary
from referencing.heads.proving import head_over
from referencing.heads.signing import sign

from . import register
from .queries import last_position


def sign_for_bundles(session: Session, *, notary: Notary) -> None:
    """Sign the record where the last seal has no head over it; once for all that were sealed meanwhile."""
    position = last_position(session)
    if position is not None and notary.signer is not None and head_over(session, position) is None:
        sign(session, notary)


def seal_days_of_register(session: Session) -> None:
    """Seal the public list of each day that was signed."""
    register.seal_days(session)


TASKS = (
    Background(sign_for_bundles, every=timedelta(minutes=5)),
    Background(seal_days_of_register, every=timedelta(hours=1)),
)
