"""Reading one's letters."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.permissions import Actor, Right, authorise

from .models import Letter


def letters(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Letter]:
    """The actor's own, latest first."""
    authorise(actor, Right.RECEIVE_MAIL)
    own = sa.select(Letter).where(Letter.account_id == actor.account_id)
    if cursor is not None:
        own = own.where(Letter.id < cursor[0])
    return session.scalars(own.order_by(Letter.id.desc()).limit(limit)).all()
