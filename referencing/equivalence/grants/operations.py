"""Making grants, ending them, and a verifier's decision on one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import any_of, insert_rows, new_id, now
from referencing.base.permissions import Actor
from referencing.equivalence.engine.formats import dump_derivation
from referencing.equivalence.engine.resolution import Item, Status, clauses_in

from .models import Grant, GrantSource, GrantState
from .queries import KnownFacts


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A grant that is not stored yet, and its sources: the rows of `Grant` and of `GrantSource`."""

    id: UUID
    row: dict[str, Any]
    sources: Sequence[dict[str, Any]]


def new_grants(
    candidature_id: UUID,
    core_id: UUID,
    rulebook_id: UUID | None,
    items: Iterable[Item],
    known: KnownFacts,
    *,
    covered: GrantState = GrantState.GRANTED,
) -> dict[str, NewGrant]:
    """Grants of what the engine answered for `covered` and `to_confirm` items, with the facts they stand on, by proof.

    They are to be stored (`store_grants`).
    """
    grants = {}
    for item in items:
        grant_id = new_id()
        row = {
            "id": grant_id,
            "candidature_id": candidature_id,
            "core_id": core_id,
            "rulebook_id": rulebook_id,
            "proof_code": item.proof,
            "state": covered if item.status is Status.COVERED else GrantState.PROPOSED,
            "strength": item.strength,
            "derivation": dump_derivation(item.derivation) if item.derivation else {},
            "clauses": sorted(clauses_in(item.derivation)),
            "cases": list(item.cases),
            "confirm": list(item.confirm),
        }
        sources = [
            {
                "id": new_id(),
                "grant_id": grant_id,
                "core_id": core_id,
                "verification_id": None if fact in known.certificates else fact,
                "certificate_id": fact if fact in known.certificates else None,
            }
            for fact in item.facts
        ]
        grants[item.proof] = NewGrant(grant_id, row, sources)
    return grants


def store_grants(session: Session, grants: Iterable[NewGrant]) -> None:
    """Store grants with their sources, of however many dossiers, in two statements."""
    stored = list(grants)
    insert_rows(session, Grant, [grant.row for grant in stored])
    insert_rows(session, GrantSource, [source for grant in stored for source in grant.sources])


def end_grants(session: Session, grant_ids: Sequence[UUID]) -> None:
    """End grants that no longer hold, or that a proof of its own makes needless; a refused one stays refused."""
    if grant_ids:
        session.execute(
            sa.update(Grant)
            .where(any_of(Grant.id, grant_ids), Grant.state != GrantState.REFUSED)
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
