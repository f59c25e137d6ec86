"""Signing heads of the record, and having them sent."""

import logging

from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.errors import Conflict
from referencing.base.jobs import enqueue
from referencing.base.workdays import paris_day
from referencing.journal.operations import SYSTEM, record
from referencing.journal.tree import grow

from . import queries
from .models import Head
from .notary import Notary, name_of
from .statements import to_sign

log = logging.getLogger(__name__)


def sign(session: Session, notary: Notary) -> Head:
    """Sign what the record is now, and have it sent; the last head again where nothing was added since.

    Raises Conflict where no key is configured.
    """
    signer = notary.signer
    if signer is None:
        raise Conflict("Aucune clé ne signe le journal : donnez RECORD_KEY, ou RECORD_KEY_FILE.")
    public_key = signer.public_key().public_bytes_raw()
    growth = grow(session)
    before = queries.last(session)
    if before is not None and (before.size, before.key) == (growth.size, public_key):
        return before
    at, root = now(session), growth.root()
    signature = signer.sign(to_sign(growth.size, root, at, public_key))
    head = Head(size=growth.size, root=root, at=at, key=public_key, signature=signature)
    session.add(head)
    session.flush()
    for place in notary.places:
        enqueue(session, "send_head", head=str(head.id), place=name_of(place))
    if notary.authority is not None:
        enqueue(session, "stamp_head", head=str(head.id))
    if before is None or before.key != public_key:
        detail = {"key": public_key.hex(), "before": before.key.hex() if before else None}
        record(session, SYSTEM, "record.key_changed", "record:", detail)
    return head


def close_day(session: Session, notary: Notary) -> None:
    """Sign the record once the day of the last head is over."""
    before = queries.last(session)
    if before is not None and paris_day(before.at) == paris_day(now(session)):
        return
    if notary.signer is None:
        log.warning("no key signs the record: set RECORD_KEY")
        return
    sign(session, notary)
