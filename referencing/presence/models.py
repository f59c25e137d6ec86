"""Who looks at what just now: gone after a minute and a half without a word, and after a crash."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account
from referencing.base.db import Base


class Looker(Base):
    """An account that has the page of `place` (the id of a dossier, an item or a task) before it, `until` a moment.

    Nothing is logged ahead of a crash: it is worth nothing after one.
    """

    __tablename__ = "looker"
    __table_args__ = (sa.Index(None, "place"), {"prefixes": ["UNLOGGED"]})

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    place: Mapped[UUID] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    account: Mapped[Account] = relationship()
