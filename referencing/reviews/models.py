"""Who has which piece of work in hand."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from referencing.db import Base


class Claim(Base):
    """One verifier at most holds a task; giving it back removes the claim."""

    __tablename__ = "claim"

    task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("task.id"), primary_key=True)
    verifier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), index=True)
    claimed_at: Mapped[datetime]
