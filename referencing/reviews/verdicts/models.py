"""Comments that a lead prepares."""

from sqlalchemy.orm import Mapped, mapped_column

from referencing.base.db import Base, Id, values_of
from referencing.reviews.queues.outcomes import Outcome


class CommentTemplate(Base):
    """A comment that verifiers begin from, for an outcome or a chapter where one is named; `revision` for ETags."""

    __tablename__ = "comment_template"

    id: Mapped[Id]
    title: Mapped[str]
    text: Mapped[str]
    outcome: Mapped[Outcome | None] = mapped_column(values_of(Outcome, "outcome"))
    chapter: Mapped[str | None]
    revision: Mapped[int] = mapped_column(default=1)
