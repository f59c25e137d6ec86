"""What a reuse is, and the facts that it stands on."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from referencing.base.db import any_given
from referencing.catalogue.models import ExpectedProof
from referencing.catalogue.proposals import ProofKind
from referencing.equivalence.engine.resolution import Strength
from referencing.proofs.models import Proof, Verification
from referencing.solutions.models import Certificate, Software

from .models import Grant, GrantSource, GrantState

#: Of the dossiers, a package above, whose a reuse is.
_DOSSIER = sa.table("candidature", sa.column("id"), sa.column("organisation_id"))


@dataclass(frozen=True, slots=True)
class Reuse:
    """A grant with the facts that it stands on; `of_others` are those that are not of its dossier's organisation."""

    id: UUID
    state: GrantState
    strength: Strength
    cases: Sequence[str]
    confirm: Sequence[str]
    derivation: dict[str, Any]
    verifications: Sequence[UUID]
    certificates: Sequence[UUID]
    of_others: Sequence[UUID]


def reuses(session: Session, grants: Sequence[UUID]) -> dict[UUID, Reuse]:
    """What each of these grants is and stands on, by its id; one query, none about no grants."""
    if not grants:
        return {}
    rows = session.execute(_reuses(), {"grants": grants})
    return {row.id: Reuse(**row._asdict()) for row in rows}


@cache
def _reuses() -> sa.Select[*tuple[Any, ...]]:
    software_id = sa.func.coalesce(Verification.software_id, Certificate.software_id)
    # Not a join: with one, all softwares are read where they are many.
    owner_id = sa.select(Software.organisation_id).where(Software.id == software_id).scalar_subquery()
    fact_id = sa.func.coalesce(GrantSource.verification_id, GrantSource.certificate_id)

    def gathered(id_: Any) -> sa.ColumnElement[Any]:
        return sa.func.array_remove(sa.func.array_agg(aggregate_order_by(id_, GrantSource.id)), None)

    return (
        sa.select(
            *(Grant.id, Grant.state, Grant.strength, Grant.cases, Grant.confirm, Grant.derivation),
            gathered(GrantSource.verification_id).label("verifications"),
            gathered(GrantSource.certificate_id).label("certificates"),
            gathered(sa.case((owner_id != _DOSSIER.c.organisation_id, fact_id))).label("of_others"),
        )
        .join(_DOSSIER, _DOSSIER.c.id == Grant.candidature_id)
        .outerjoin(Grant.sources)
        .outerjoin(Verification, Verification.id == GrantSource.verification_id)
        .outerjoin(Certificate, Certificate.id == GrantSource.certificate_id)
        .where(any_given(Grant.id, "grants"))
        .group_by(Grant.id, _DOSSIER.c.organisation_id)
    )


def stands_on_undated_test(session: Session, grant_id: UUID) -> bool:
    """Whether a grant stands on an intrusion test of which nobody gave the day."""
    undated = (
        sa.exists()
        .where(GrantSource.grant_id == grant_id, GrantSource.verification_id == Verification.id)
        .where(Verification.proof_id == Proof.id, Proof.performed_on.is_(None))
        .where(Proof.expected_proof_id == ExpectedProof.id, ExpectedProof.kind == ProofKind.PENTEST)
    )
    return bool(session.scalar(sa.select(undated)))
