"""Reading the read log: auditors all of it, an organisation what was read of its own."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.accounts.visible_queries import impartial
from referencing.base.db import before
from referencing.base.permissions import Actor, Right, authorise

from .models import FileRead


def reads(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    file: UUID | None = None,
) -> Sequence[FileRead]:
    """What was read, the latest first; of one `file` where it is named."""
    authorise(actor, Right.FOLLOW_READS)
    own = actor.own_organisation
    visible = FileRead.organisation_id == own if own else impartial(session, actor, FileRead.organisation_id)
    select = sa.select(FileRead).where(visible)
    if file is not None:
        select = select.where(FileRead.file_id == file)
    select = select.options(joinedload(FileRead.account), joinedload(FileRead.organisation))
    return session.scalars(before(select, FileRead.id, cursor).limit(limit)).all()
