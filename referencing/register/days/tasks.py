"""What the public list does in the background: its days are signed."""

from datetime import timedelta

from sqlalchemy.orm import Session

from referencing.base.jobs import Background
from referencing.heads.notary import Notary

from . import signing


def sign_days_of_register(session: Session, *, notary: Notary) -> None:
    """Sign the list of each day that is over."""
    signing.sign_days(session, notary)


TASKS = (Background(sign_days_of_register, every=timedelta(hours=1)),)
