"""Who looks at what just now: whoever says so no more is gone after a minute and a half."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account
from referencing.base.db import Base


class Looker(Base):
    """An account looks at `place`, the id of a dossier, an item or a task, `until` a moment unless it says so again.

    The table is unlogged: a crash empties it, and nobody looks at a page of a server that is down.
    """

    __tablename__ = "looker"
    __table_args__ = (sa.Index(None, "place"), {"prefixes": ["UNLOGGED"]})

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    place: Mapped[UUID] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    account: Mapped[Account] = relationship()
