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
    """The templates, in the order of writing."""
    authorise(actor, Right.READ_QUEUES)
    page = after(sa.select(CommentTemplate), [CommentTemplate.id], cursor)
    return session.scalars(page.limit(limit)).all()


def template(session: Session, actor: Actor, template_id: UUID) -> CommentTemplate:
    """The template with this id. Raises NotFound."""
    authorise(actor, Right.READ_QUEUES)
    stored_template = session.get(CommentTemplate, template_id)
    if stored_template is None:
        raise NotFound(NO_TEMPLATE)
    return stored_template


def write(
    session: Session, actor: Actor, *, title: str, text: str, outcome: Outcome | None, chapter: str | None
) -> CommentTemplate:
    """Write a template, for an outcome or a chapter where one is named."""
    authorise(actor, Right.STEER_QUEUES)
    template = CommentTemplate(id=new_id(), title=title, text=text, outcome=outcome, chapter=chapter)
    session.add(template)
    session.flush()
    record(session, actor, "template.written", _STREAM, _event_detail(template))
    return template


def correct(
    session: Session, actor: Actor, template_id: UUID, revision: int, words: Mapping[str, Any]
) -> CommentTemplate:
    """Change what is named. Raises NotFound, Stale on an old revision."""
    template = _lock_template(session, actor, template_id, revision)
    for key, value in words.items():
        setattr(template, key, value)
    template.revision += 1
    session.flush()
    record(session, actor, "template.corrected", _STREAM, _event_detail(template))
    return template


def remove(session: Session, actor: Actor, template_id: UUID, revision: int) -> None:
    """Remove a template. Raises NotFound, Stale on an old revision."""
    template = _lock_template(session, actor, template_id, revision)
    session.delete(template)
    session.flush()
    record(session, actor, "template.removed", _STREAM, _event_detail(template))


def _lock_template(session: Session, actor: Actor, template_id: UUID, revision: int) -> CommentTemplate:
    authorise(actor, Right.STEER_QUEUES)
    template = session.get(CommentTemplate, template_id, with_for_update=True)
    if template is None:
        raise NotFound(NO_TEMPLATE)
    if template.revision != revision:
        raise Stale("Quelqu'un a changé ce modèle entre-temps : relisez-le et recommencez.")
    return template


def _event_detail(template: CommentTemplate) -> dict[str, Any]:
    return {
        "template": str(template.id),
        "title": template.title,
        "text": template.text,
        "outcome": template.outcome and template.outcome.value,
        "chapter": template.chapter,
    }
