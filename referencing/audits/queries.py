"""Who leans on a fact, directly or by a reuse; and what was flagged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.accounts.permissions import Actor, Right, authorise
from referencing.candidatures.models import Candidature, Item
from referencing.candidatures.states import ItemState, State
from referencing.catalogue.models import DsrVersion, ExpectedProof
from referencing.db import after
from referencing.equivalence.models import Grant, GrantSource
from referencing.proofs.models import Proof, Verification
from referencing.solutions.models import Certificate, Configuration, Solution

from .models import Flag


@dataclass(frozen=True, slots=True)
class Leaning:
    """An item that stands on a fact: by its own proof, or by a reuse (`by_reuse`)."""

    candidature_id: UUID
    state: State
    item_id: UUID
    code: str
    by_reuse: bool


def leaning(session: Session, fact: Verification | Certificate) -> Sequence[Leaning]:
    """Two queries, whatever the history: grants and proofs know their facts by key. In the order of the dossiers."""
    is_verification = isinstance(fact, Verification)
    column = GrantSource.verification_id if is_verification else GrantSource.certificate_id
    columns = (Item.candidature_id, Candidature.state, Item.id, ExpectedProof.code)
    by_reuse = (
        sa.select(*columns)
        .join(Item.candidature)
        .join(Item.expected_proof)
        .join(Grant, Grant.id == Item.grant_id)
        .join(GrantSource, GrantSource.grant_id == Grant.id)
        .where(column == fact.id)
    )
    found = [Leaning(*row, by_reuse=True) for row in session.execute(by_reuse)]
    if isinstance(fact, Verification):
        own = (
            sa.select(*columns)
            .join(Item.candidature)
            .join(Item.expected_proof)
            .join(Proof, Proof.item_id == Item.id)
            .where(Proof.id == fact.proof_id, Item.state.in_([ItemState.CONFORM, ItemState.NONCONFORM]))
        )
        found += [Leaning(*row, by_reuse=False) for row in session.execute(own)]
    return sorted(found, key=lambda one: (one.candidature_id, one.code))


def flags(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Flag]:
    """In the order of raising."""
    authorise(actor, Right.READ_FLAGS)
    select = sa.select(Flag).options(
        joinedload(Flag.revocation),
        joinedload(Flag.item).joinedload(Item.expected_proof),
        joinedload(Flag.candidature).options(
            joinedload(Candidature.version).joinedload(DsrVersion.dsr),
            joinedload(Candidature.organisation),
            joinedload(Candidature.configuration)
            .joinedload(Configuration.solution)
            .joinedload(Solution.software),
        ),
    )
    return session.scalars(after(select, [Flag.id], cursor).limit(limit)).all()
