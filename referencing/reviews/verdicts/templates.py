"""The comments that a lead prepares; a verdict carries its own text, so what was said never changes with them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import after, new_id
from referencing.base.errors import NotFound, Stale
from referencing.base.permissions import Actor, Right, authorise
from referencing.journal.operations import record
from referencing.reviews.queues.outcomes import Outcome

from .models import CommentTemplate

NO_TEMPLATE = "Ce modèle de commentaire n'existe pas : relisez la liste."
_STREAM = "comment_templates"


def templates(
    session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int
) -> Sequence[CommentTemplate]:
    """In the order of writing."""
    authorise(actor, Right.READ_QUEUES)
    page = after(sa.select(CommentTemplate), [CommentTemplate.id], cursor)
    return session.scalars(page.limit(limit)).all()


def template(session: Session, actor: Actor, template_id: UUID) -> CommentTemplate:
    """Raises NotFound."""
    authorise(actor, Right.READ_QUEUES)
    found = session.get(CommentTemplate, template_id)
    if found is None:
        raise NotFound(NO_TEMPLATE)
    return found


def write(
    session: Session, actor: Actor, *, title: str, text: str, outcome: Outcome | None, chapter: str | None
) -> CommentTemplate:
    authorise(actor, Right.STEER_QUEUES)
    made = CommentTemplate(id=new_id(), title=title, text=text, outcome=outcome, chapter=chapter)
    session.add(made)
    session.flush()
    record(session, actor, "template.written", _STREAM, _told(made))
    return made


def correct(
    session: Session, actor: Actor, template_id: UUID, revision: int, words: Mapping[str, Any]
) -> CommentTemplate:
    """Change what is named. Raises NotFound, Stale on an old revision."""
    found = _locked(session, actor, template_id, revision)
    for key, value in words.items():
        setattr(found, key, value)
    found.revision += 1
    session.flush()
    record(session, actor, "template.corrected", _STREAM, _told(found))
    return found


def remove(session: Session, actor: Actor, template_id: UUID, revision: int) -> None:
    """Raises NotFound, Stale on an old revision."""
    found = _locked(session, actor, template_id, revision)
    session.delete(found)
    session.flush()
    record(session, actor, "template.removed", _STREAM, _told(found))


def _locked(session: Session, actor: Actor, template_id: UUID, revision: int) -> CommentTemplate:
    authorise(actor, Right.STEER_QUEUES)
    found = session.get(CommentTemplate, template_id, with_for_update=True)
    if found is None:
        raise NotFound(NO_TEMPLATE)
    if found.revision != revision:
        raise Stale("Quelqu'un a changé ce modèle entre-temps : relisez-le et recommencez.")
    return found


def _told(one: CommentTemplate) -> dict[str, Any]:
    return {
        "template": str(one.id),
        "title": one.title,
        "text": one.text,
        "outcome": one.outcome and one.outcome.value,
        "chapter": one.chapter,
    }
