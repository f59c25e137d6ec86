"""Sealing a content: its digest goes into the record, in an entry that tells nothing else, and nobody's.

An entry of an act cannot be handed out: its seal holds who in the agency acted. That of a seal can, so whoever holds
the content opens it, and needs no word of the agency for what stands in between.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.heads.statements import canonical
from referencing.journal.operations import SYSTEM, record

from .models import Bundle, Kind
from .queries import last_of

#: The stream of all seals.
STREAM = "record:"


class Sealed(NamedTuple):
    """A bundle, and whether it was sealed just now."""

    bundle: Bundle
    is_new: bool


def seal(session: Session, content: Mapping[str, Any]) -> Sealed:
    """Seal a content, which names its `kind` and its `subject`, unless the last one of this subject is no other."""
    kind, subject, written = Kind(content["kind"]), content["subject"], canonical(content)
    sha256 = hashlib.sha256(written).hexdigest()
    one_at_a_time = sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(subject, 0))
    session.execute(sa.select(one_at_a_time))
    last = last_of(session, subject)
    if last is not None and last.sha256 == sha256:
        return Sealed(last, is_new=False)
    detail = {"kind": kind.value, "subject": subject, "sha256": sha256}
    place = record(session, SYSTEM, "record.sealed", STREAM, detail)
    bundle = Bundle(
        kind=kind,
        subject=subject,
        content=written,
        sha256=sha256,
        position=place.position,
        sealed_at=now(session),
    )
    session.add(bundle)
    session.flush()
    return Sealed(bundle, is_new=True)
