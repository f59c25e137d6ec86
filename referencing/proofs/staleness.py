"""Whether what a finding was tied to is still so: the file, the words of what is asked, the rules."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from referencing.catalogue.models import DsrVersion, ExpectedProof

from .models import Proof, ProofState, Verification


class Reason(StrEnum):
    FILE = "file"  # a newer version was supplied
    REQUIREMENT = "requirement"  # the last published version of the DSR asks in other words, or no more
    RULEBOOK = "rulebook"  # other rules are in force


Stale = Mapping[UUID, Sequence[Reason]]

#: Its model is of a package above.
_RULEBOOK = sa.table("rulebook", sa.column("id"), sa.column("published_at"), sa.column("superseded_at"))


def stale(session: Session, proofs: Sequence[UUID]) -> Stale:
    """Why the findings that stand on these versions are stale, by finding; one query. The others are not there."""
    newer, pinned, last, asked = (
        aliased(Proof),
        aliased(DsrVersion),
        aliased(DsrVersion),
        aliased(ExpectedProof),
    )
    replaced = sa.exists().where(
        newer.item_id == Proof.item_id, newer.number > Proof.number, newer.state != ProofState.DROPPED
    )
    published = (
        sa.select(last.id)
        .where(last.dsr_id == pinned.dsr_id, last.published_at.is_not(None))
        .order_by(last.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    in_force = (
        sa.select(_RULEBOOK.c.id)
        .where(_RULEBOOK.c.published_at.is_not(None), _RULEBOOK.c.superseded_at.is_(None))
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(
            Verification.id,
            replaced.label("file"),
            sa.or_(
                ExpectedProof.wording != Verification.wording,
                asked.wording.is_distinct_from(Verification.wording),
            ).label("requirement"),
            Verification.rulebook_id.is_distinct_from(in_force).label("rulebook"),
        )
        .join(Verification.proof)
        .join(Proof.expected_proof)
        .join(pinned, pinned.id == ExpectedProof.version_id)
        .outerjoin(asked, (asked.version_id == published) & (asked.code == Verification.proof_code))
        .where(Verification.proof_id.in_(proofs), Verification.revoked_on.is_(None))
    )
    return {
        row.id: [reason for reason in Reason if getattr(row, reason)]
        for row in rows
        if any(getattr(row, reason) for reason in Reason)
    }
