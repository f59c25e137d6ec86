"""What is said of a kind of personal data: its columns, whose its rows are, how long they stay, an erasure's part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

Column = InstrumentedAttribute[Any]
Whose = Callable[[UUID], sa.ColumnElement[bool]]


class Fate(StrEnum):
    """What an erasure does with a row."""

    DELETED = "deleted"
    REPLACED = "replaced"  # what tells of the person goes, the row stays
    KEPT = "kept"  # under the name that takes the place of the person's


FATES: Mapping[Fate, str] = {
    Fate.DELETED: "à supprimer",
    Fate.REPLACED: "à remplacer",
    Fate.KEPT: "à conserver, sous le nom de remplacement",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of one table, whose name it has, that tell of people.

    `shown` are the columns of a copy with what a person reads for each, `hidden` those that no copy holds: secrets, and
    what is of others. `of` says whose a row is, None where no account says so: then no copy and no erasure reaches it.
    `blanked` is what an erasure writes into a row that it replaces, `spared` says which rows it leaves all the same.
    """

    label: str
    shown: Mapping[Column, str]
    of: Whose | None
    kept: str
    why: str
    fate: Fate
    hidden: tuple[Column, ...] = ()
    blanked: Mapping[Column, str | None] = field(default_factory=dict)
    spared: sa.ColumnElement[bool] | Column | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        return (*self.shown, *self.hidden)

    @property
    def table(self) -> Any:
        return self.columns[0].class_

    @property
    def name(self) -> str:
        name: str = self.table.__tablename__
        return name

    def rows_of(self, account_id: UUID) -> sa.ColumnElement[bool]:
        """Which rows are an account's."""
        return sa.false() if self.of is None else self.of(account_id)
