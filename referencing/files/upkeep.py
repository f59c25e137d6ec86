"""Care of what is kept: contents that no row names are removed, the others are read again in turn.

Removing and keeping a content take the same lock, so an orphan that somebody supplies again while it is swept
is either kept, or asked for once more; what was acknowledged is never removed.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.db import now
from referencing.base.errors import Unavailable
from referencing.journal.operations import SYSTEM, record
from storage.port import Missing, ObjectStorage

from .models import Content

log = logging.getLogger(__name__)

#: An upload may take this long from its first byte to the row that names it.
GRACE = timedelta(hours=48)
#: Every content is read again once in this time.
CYCLE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Swept:
    orphans: int
    unfinished: int


def hold(session: Session, sha256: str) -> None:
    """Lock a content: nobody removes it, nor keeps it again, before the transaction ends."""
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(int(sha256[:15], 16))))


def hold_stored(session: Session, storage: ObjectStorage, sha256: str) -> None:
    """Lock a content that is about to be named. Raises Unavailable when it was swept meanwhile."""
    hold(session, sha256)
    if storage.size(sha256) is None:
        raise Unavailable("Le fichier envoyé n'est plus dans le stockage : envoyez-le de nouveau.")


def sweep(sessions: db.Sessions, storage: ObjectStorage, under_way: Callable[[Session, str], bool]) -> Swept:
    """Remove what interrupted uploads left behind and the contents that no row names, after a time of grace.

    Uploads that are `under_way`, by their key in the storage, stay.
    """

    def spared(key: str) -> bool:
        with db.transaction(sessions) as session:
            return under_way(session, key)

    with db.transaction(sessions) as session:
        before = now(session) - GRACE
    orphans = 0
    for sha256, stored_at in storage.digests():
        if stored_at < before:
            with db.transaction(sessions) as session:
                orphans += _remove_orphan(session, storage, sha256)
    return Swept(orphans, storage.discard_unfinished(before, spared))


def _remove_orphan(session: Session, storage: ObjectStorage, sha256: str) -> bool:
    named = sa.select(sa.exists().where(Content.sha256 == sha256))
    if session.scalar(named):
        return False
    hold(session, sha256)
    if session.scalar(named):
        return False
    storage.delete(sha256)
    return True


def check_fixity(session: Session, storage: ObjectStorage, most: int = 200) -> int:
    """Read again the contents whose turn it is, and report what is no longer as it was kept; answers how many.

    A difference is journalled and stays marked until a later reading finds the content whole.
    """
    due = session.scalars(
        sa.select(Content)
        .where(Content.checked_at < now(session) - CYCLE)
        .order_by(Content.checked_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    for content in due:
        fault = _fault(storage, content)
        content.checked_at = now(session)
        if fault != content.fault:
            content.fault = fault
            log.error("content %s: %s", content.sha256, fault or "whole again")
            detail = {"sha256": content.sha256, "fault": fault}
            record(session, SYSTEM, "content.checked", f"content:{content.sha256}", detail)
    return len(due)


def _fault(storage: ObjectStorage, content: Content) -> str | None:
    digest, size = hashlib.sha256(), 0
    try:
        for chunk in storage.read(content.sha256):
            digest.update(chunk)
            size += len(chunk)
    except Missing:
        return "missing"
    if size != content.size or digest.hexdigest() != content.sha256:
        return "altered"
    return None
