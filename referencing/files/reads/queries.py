"""Reading the read log: auditors all of it, an organisation what was read of its own.

The tables are of packages above; of them, only the columns that say what the agency keeps to itself are named here.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.accounts.visible_queries import impartial
from referencing.base.db import before
from referencing.base.permissions import Actor, Right, authorise

from .models import FileRead

_MESSAGE = sa.table("message", *map(sa.column, ("id", "internal")))
_EVIDENCE = sa.table("evidence", *map(sa.column, ("id", "of_agency")))
_AUDIT = sa.table("audit", *map(sa.column, ("id", "opened_at")))

#: Readings of a note, of a file that the agency added to an audit, and of an audit that is not announced.
_OF_AGENCY_ALONE = sa.or_(
    sa.exists().where(_MESSAGE.c.id == FileRead.subject_id, _MESSAGE.c.internal),
    sa.exists().where(_EVIDENCE.c.id == FileRead.file_id, _EVIDENCE.c.of_agency),
    sa.exists().where(_AUDIT.c.id == FileRead.subject_id, _AUDIT.c.opened_at.is_(None)),
)


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
    select = sa.select(FileRead)
    if actor.own_organisation:
        select = select.where(FileRead.organisation_id == actor.own_organisation, ~_OF_AGENCY_ALONE)
    else:
        select = select.where(impartial(session, actor, FileRead.organisation_id))
    if file is not None:
        select = select.where(FileRead.file_id == file)
    select = select.options(joinedload(FileRead.account), joinedload(FileRead.organisation))
    return session.scalars(before(select, FileRead.id, cursor).limit(limit)).all()
