"""Taking back what was found false, with all that leaned on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.permissions import Actor, Right, authorise
from referencing.candidatures import queries as candidatures
from referencing.candidatures.instruction import reopen
from referencing.candidatures.models import Item
from referencing.candidatures.resolution import resolve_core, under_rules_in_force
from referencing.candidatures.states import OPEN, ItemState, State
from referencing.db import new_id, now, today
from referencing.equivalence.engine import Status
from referencing.equivalence.models import Grant
from referencing.errors import Conflict, NotFound
from referencing.journal.operations import record
from referencing.proofs.models import Verification
from referencing.solutions.models import Certificate
from referencing.solutions.queries import lock_core

from . import queries
from .models import Flag, Revocation
from .queries import Leaning

#: Dossiers that are closed and whose solution is on the list: they are flagged, never silently changed.
LISTED = frozenset({State.REFERENCED, State.SUSPENDED})


class Fate(StrEnum):
    COVERED_OTHERWISE = "covered_otherwise"
    REOPENED = "reopened"
    FLAGGED = "flagged"


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of an item that leaned on the fact: its `state` afterwards, and what now covers it."""

    candidature: UUID
    item: UUID
    code: str
    fate: Fate
    state: ItemState
    derivation: dict[str, Any] | None


def revoke(
    session: Session,
    actor: Actor,
    kind: type[Verification] | type[Certificate],
    fact_id: UUID,
    reason: str,
    *,
    audit_id: UUID | None = None,
) -> Sequence[Effect]:
    """Nothing stands on this fact from now on; answers what that does to each item that did.

    All of it in the caller's transaction, so that who gives it up afterwards has only asked what would happen.
    Raises NotFound, Conflict when it was revoked already.
    """
    authorise(actor, Right.REVOKE)
    fact = _locked(session, kind, fact_id)
    leaning = queries.leaning(session, fact)
    fact.revoked_on = today(session)
    revocation = Revocation(
        id=new_id(),
        core_id=fact.core_id,
        verification_id=fact.id if isinstance(fact, Verification) else None,
        certificate_id=fact.id if isinstance(fact, Certificate) else None,
        reason=reason,
        revoked_at=now(session),
        revoked_by=actor.account_id,
        audit_id=audit_id,
    )
    session.add(revocation)
    name = kind.__name__.lower()
    detail = {name: str(fact.id), "reason": reason, "items": [one.code for one in leaning]}
    record(session, actor, f"{name}.revoked", f"software:{fact.software_id}", detail)
    session.flush()
    _reopen(session, leaning)
    resolve_core(session, fact.core_id, actor)
    session.flush()
    return [effect for one in leaning if (effect := _effect(session, actor, revocation, one))]


def _locked(
    session: Session, kind: type[Verification] | type[Certificate], fact_id: UUID
) -> Verification | Certificate:
    core = session.scalar(sa.select(kind.core_id).where(kind.id == fact_id))
    if core is None:
        raise NotFound("Ce fait n'existe pas : vérifiez son identifiant.")
    lock_core(session, core)
    fact = cast("Verification | Certificate", session.get_one(kind, fact_id, populate_existing=True))
    if fact.revoked_on is not None:
        raise Conflict(f"Il ne compte plus depuis le {fact.revoked_on:%d/%m/%Y} : il n'y a rien à révoquer.")
    return fact


def _reopen(session: Session, leaning: Sequence[Leaning]) -> None:
    """The item whose own proof was verified goes back before the agency, where its dossier is still open."""
    for one in leaning:
        if not one.by_reuse and one.state in OPEN:
            candidature = candidatures.held_still(session, one.candidature_id)
            reopen(session, candidature, [str(one.item_id)])


def _effect(session: Session, actor: Actor, revocation: Revocation, one: Leaning) -> Effect | None:
    if one.state in OPEN:
        item = session.get_one(Item, one.item_id, populate_existing=True)
        grant = session.get(Grant, item.grant_id) if item.grant_id else None
        covered = item.state is ItemState.COVERED and grant is not None
        fate = Fate.COVERED_OTHERWISE if covered else Fate.REOPENED
        derivation = grant.derivation if covered and grant else None
        return Effect(one.candidature_id, item.id, one.code, fate, item.state, derivation)
    if one.state not in LISTED:
        return None
    candidature = candidatures.held_still(session, one.candidature_id)
    item = session.get_one(Item, one.item_id)
    status, derivation = under_rules_in_force(session, candidature, one.code)
    if status is Status.COVERED:
        return Effect(one.candidature_id, item.id, one.code, Fate.COVERED_OTHERWISE, item.state, derivation)
    session.add(
        Flag(
            id=new_id(),
            revocation_id=revocation.id,
            candidature_id=candidature.id,
            item_id=item.id,
            raised_at=now(session),
        )
    )
    detail = {"item": one.code, "reason": revocation.reason}
    record(session, actor, "candidature.flagged", f"candidature:{candidature.id}", detail)
    return Effect(one.candidature_id, item.id, one.code, Fate.FLAGGED, item.state, None)
