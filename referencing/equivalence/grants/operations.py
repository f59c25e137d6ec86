"""Making grants, ending them, a verifier's decision on one, and what became of it when somebody looked again."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import any_of, insert_tables, new_id, now
from referencing.base.permissions import Actor
from referencing.equivalence.engine.formats import dump_derivation
from referencing.equivalence.engine.resolution import Item, Status, alike_in, clauses_in, embeddings_in
from referencing.equivalence.rulebooks.rulebooks import RuleNames
from referencing.proofs.models import Verification
from referencing.solutions.models import Certificate

from .known import KnownFacts
from .models import Counted, Grant, GrantSource, GrantState, Recheck, RuleTally
from .tallies import Step, tally, tally_rows

#: The states in which a reuse serves, or served until its dossier went on without it.
_SERVES = (GrantState.GRANTED, GrantState.CONFIRMED, GrantState.STANDS_IN)


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
    names: RuleNames,
    *,
    covered: GrantState = GrantState.GRANTED,
) -> dict[str, NewGrant]:
    """Grants of what the engine answered for `covered` and `to_confirm` items, with the facts they stand on, by proof.

    They are to be stored (`store_grants`).
    """
    grants = {}
    for item in items:
        grant_id, clauses = new_id(), sorted(clauses_in(item.derivation))
        row = {
            "id": grant_id,
            "candidature_id": candidature_id,
            "core_id": core_id,
            "rulebook_id": rulebook_id,
            "proof_code": item.proof,
            "state": covered if item.status is Status.COVERED else GrantState.PROPOSED,
            "strength": item.strength,
            "derivation": dump_derivation(item.derivation) if item.derivation else {},
            "clauses": clauses,
            "rules": names.behind(clauses, item.policies),
            "alike": sorted(UUID(versions.id) for versions in alike_in(item.derivation)),
            "cases": list(item.cases),
            "confirm": list(item.confirm),
        }
        embeddings = embeddings_in(item.derivation)
        sources = [
            {
                "id": new_id(),
                "grant_id": grant_id,
                "core_id": None if fact in embeddings else core_id,
                "embedding_id": embeddings[fact].id if fact in embeddings else None,
                "verification_id": None if fact in known.certificates else fact,
                "certificate_id": fact if fact in known.certificates else None,
            }
            for fact in item.facts
        ]
        grants[item.proof] = NewGrant(grant_id, row, sources)
    return grants


def store_grants(session: Session, grants: Iterable[NewGrant]) -> None:
    """Store grants with their sources, of however many dossiers, and count them, in one statement."""
    stored = list(grants)
    rows = [grant.row for grant in stored]
    insert_tables(
        session,
        {
            Grant: rows,
            GrantSource: [source for grant in stored for source in grant.sources],
            RuleTally: tally_rows((row["rules"], _counted_as_made(row["confirm"]), 1) for row in rows),
        },
    )


def _counted_as_made(confirm: Collection[str]) -> Counted:
    """Whether a verifier was to look at a reuse, of which `confirm` says why."""
    return Counted.PROPOSED if confirm else Counted.GRANTED


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
    tally(session, [(grant.rules, _counted_as_decided(grant), 1)])


def _counted_as_decided(grant: Grant) -> Counted:
    return Counted.REFUSED if grant.state is GrantState.REFUSED else Counted.CONFIRMED


def propose_again(session: Session, grant_id: UUID) -> None:
    """Let a grant wait again: its verifier takes back what they decided."""
    grant = session.get_one(Grant, grant_id)
    tally(session, [(grant.rules, _counted_as_decided(grant), -1)])
    grant.state = GrantState.PROPOSED
    grant.decided_by = grant.decided_at = grant.comment = None


def recheck(session: Session, grants: sa.ColumnElement[bool], outcome: Recheck) -> None:
    """Keep what was found of the reuses that serve, among these, as somebody looked at them again.

    None is upheld that stands on a revoked fact.
    """
    select = sa.select(Grant).where(grants, Grant.state.in_(_SERVES), Grant.recheck.is_distinct_from(outcome))
    if outcome is Recheck.UPHELD:
        select = select.where(~_ON_REVOKED)
    serving = session.scalars(select.order_by(Grant.id).with_for_update(of=Grant)).all()
    tally(session, [step for grant in serving for step in _of_recheck(grant, outcome)])
    for grant in serving:
        grant.recheck = outcome


def _of_recheck(grant: Grant, outcome: Recheck) -> list[Step]:
    before: list[Step] = [(grant.rules, Counted(grant.recheck), -1)] if grant.recheck else []
    return [*before, (grant.rules, Counted(outcome), 1)]


_ON_REVOKED = sa.exists(
    sa.select(GrantSource.id)
    .outerjoin(Verification, Verification.id == GrantSource.verification_id)
    .outerjoin(Certificate, Certificate.id == GrantSource.certificate_id)
    .where(
        GrantSource.grant_id == Grant.id,
        sa.func.coalesce(Verification.revoked_on, Certificate.revoked_on).is_not(None),
    )
)


def standing_on(facts: Collection[UUID]) -> sa.ColumnElement[bool]:
    """The condition that a grant stands on one of these verifications and certificates."""
    of_facts = [any_of(column, facts) for column in (GrantSource.verification_id, GrantSource.certificate_id)]
    return Grant.id.in_(sa.select(GrantSource.grant_id).where(sa.or_(*of_facts)))
