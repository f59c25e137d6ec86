"""A second reading as it is kept, of a finding that an audit may draw."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.candidatures.record.models import Item, Verdict
from referencing.proofs.models import Proof, Verification
from referencing.reviews.queues.models import Reading


def read_a_second_time(session: Session, candidature: str) -> str:
    """Of a dossier's findings, one that a second reader came to as well; answers the proof's code."""
    verdict, found = session.execute(
        sa.select(Verdict, Verification)
        .join(Verification, Verification.id == Verdict.verification_id)
        .join(Proof, Proof.id == Verification.proof_id)
        .join(Item, Item.id == Proof.item_id)
        .where(Item.candidature_id == UUID(candidature))
        .order_by(Item.position)
        .limit(1)
    ).one()
    session.add(
        Reading(
            id=new_id(),
            task_id=verdict.task_id,
            proof_id=found.proof_id,
            verifier_id=found.verifier_id,
            round=2,
            finding=found.finding,
            comment="Vu.",
            steps=[],
            file_sha256=found.file_sha256,
            given_at=now(session),
            verification_id=found.id,
        )
    )
    return found.proof_code
