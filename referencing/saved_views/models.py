"""Lists as people like to read them: what narrows one down, under a name."""

from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account
from referencing.base.db import Base, Id, values_of


class Listed(StrEnum):
    """What a list is of."""

    CANDIDATURES = "candidatures"
    TASKS = "tasks"


class SavedView(Base):
    """A view that `keeper` named: the whole agency's where it is `shared`, what the list begins with where it `opens`.

    `filters` are parameters of the list, as they stand in an address; `revision` is for ETags.
    """

    __tablename__ = "saved_view"
    __table_args__ = (
        sa.UniqueConstraint("account_id", "list_of", "name"),
        sa.Index(
            "ix_saved_view_opens", "account_id", "list_of", unique=True, postgresql_where=sa.text("opens")
        ),
        sa.Index("ix_saved_view_shared", "list_of", "id", postgresql_where=sa.text("shared")),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    list_of: Mapped[Listed] = mapped_column(values_of(Listed, "list_of"))
    name: Mapped[str]
    filters: Mapped[dict[str, str]]
    shared: Mapped[bool]
    opens: Mapped[bool]
    revision: Mapped[int] = mapped_column(default=1)
    keeper: Mapped[Account] = relationship()
