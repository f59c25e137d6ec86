"""Making grants, ending them, and a verifier's decision on one."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.permissions import Actor
from referencing.equivalence.engine.formats import dump_derivation
from referencing.equivalence.engine.resolution import Item, Status, clauses_in

from .models import Grant, GrantSource, GrantState
from .queries import KnownFacts


def new_grants(
    candidature_id: UUID,
    core_id: UUID,
    rulebook_id: UUID | None,
    items: Iterable[Item],
    known: KnownFacts,
    *,
    covered: GrantState = GrantState.GRANTED,
) -> dict[str, Grant]:
    """Grants of what the engine answered for `covered` and `to_confirm` items, with the facts they stand on, by proof.

    They are to be stored (`store_grants`).
    """
    return {
        item.proof: Grant(
            id=new_id(),
            candidature_id=candidature_id,
            core_id=core_id,
            rulebook_id=rulebook_id,
            proof_code=item.proof,
            state=covered if item.status is Status.COVERED else GrantState.PROPOSED,
            strength=item.strength,
            derivation=dump_derivation(item.derivation) if item.derivation else {},
            clauses=sorted(clauses_in(item.derivation)),
            cases=list(item.cases),
            confirm=list(item.confirm),
            sources=[
                GrantSource(
                    id=new_id(),
                    core_id=core_id,
                    verification_id=known.verification(fact),
                    certificate_id=known.certificate(fact),
                )
                for fact in item.facts
            ],
        )
        for item in items
    }


def store_grants(session: Session, grants: Iterable[Grant]) -> None:
    """Store grants of however many dossiers, at once."""
    session.add_all(grants)
    session.flush()


def end_grants(session: Session, grant_ids: Sequence[UUID]) -> None:
    """End grants that no longer hold, or that a proof of its own makes needless; a refused one stays refused."""
    if grant_ids:
        session.execute(
            sa.update(Grant)
            .where(Grant.id.in_(grant_ids), Grant.state != GrantState.REFUSED)
            .values(state=GrantState.ENDED, ended_at=now(session))
        )


def decide_grant(session: Session, actor: Actor, grant: Grant, *, confirmed: bool, comment: str) -> None:
    """Record what a verifier decided of a proposed reuse."""
    grant.state = GrantState.CONFIRMED if confirmed else GrantState.REFUSED
    grant.decided_by = actor.account_id
    grant.decided_at = now(session)
    grant.comment = comment


def propose_again(session: Session, grant_id: UUID) -> None:
    """Let a grant wait again: its verifier takes back what they decided."""
    grant = session.get_one(Grant, grant_id)
    grant.state = GrantState.PROPOSED
    grant.decided_by = grant.decided_at = grant.comment = None
