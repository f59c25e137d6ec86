"""Asking what a draft of a requirement list would cost, and giving it up."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.errors import Conflict, NotFound, invalid_field
from referencing.base.permissions import Actor, Right, authorise
from referencing.catalogue import queries as catalogue
from referencing.catalogue.models import DsrVersion
from referencing.equivalence.rulebooks.queries import id_in_force
from referencing.journal.operations import record
from referencing.journal.queries import certain

from . import queries
from .estimating import begin, end, told
from .models import Estimate
from .states import EstimateAction, EstimateState

#: A draft, what it is held against, the digest of the draft and the rules in force.
AskedOf = tuple[UUID, UUID, str, UUID | None]


def start(session: Session, actor: Actor, code: str, against: str | None = None) -> Estimate:
    """Estimate the draft of a DSR as it is against the version in force, under the rules in force.

    The first draft of a DSR has none: then, or on demand, another DSR is named that it is held `against`, of which the
    softwares are looked at.

    Answers the one that runs already of this draft, also where somebody asks at the same time, or the last one where
    nothing has changed since. Raises NotFound, Invalid for a DSR that cannot be named, and Conflict where there is no
    draft or nothing to compare it with.
    """
    authorise(actor, Right.EDIT_CATALOGUE)
    dsr = catalogue.dsr(session, code)
    draft = catalogue.draft(dsr)
    base = catalogue.published(dsr) if against is None else _named(session, against)
    if draft is None:
        raise Conflict("Ce DSR n'a pas de projet de version : importez d'abord les exigences à comparer.")
    if base is None:
        raise Conflict(
            "Ce DSR n'a pas encore de version en vigueur : nommez le DSR dont les logiciels sont à chiffrer."
        )
    digest, rulebook_id = queries.digest_of(session, draft.id), id_in_force(session)
    asked_of = (draft.id, base.id, digest, rulebook_id)
    last = _last(session, *asked_of)
    if last is not None and not queries.changed_since(session, last):
        return last
    return _begun(session, actor, draft, base, asked_of)


def _begun(
    session: Session, actor: Actor, draft: DsrVersion, base: DsrVersion, asked_of: AskedOf
) -> Estimate:
    """The estimate that runs of this, begun if need be."""
    *_, digest, rulebook_id = asked_of
    asked = insert(Estimate).values(
        id=new_id(),
        version_id=draft.id,
        base_id=base.id,
        rulebook_id=rulebook_id,
        digest=digest,
        position=certain(session),
        state=EstimateState.RUNNING,
        asked_by=actor.account_id,
        asked_at=now(session),
        total=sa.select(sa.func.count())
        .select_from(queries.softwares(base.dsr_id).subquery())
        .scalar_subquery(),
        **dict.fromkeys(("done", "kept", "to_confirm", "lost", "spared", "open_dossiers"), 0),
        chapters={},
        paces=[],
    )
    once = asked.on_conflict_do_nothing().returning(Estimate)  # which waits for who is about to begin one
    while (running := _running(session, *asked_of)) is None:
        running = session.scalar(once)
        if running is not None:
            record(session, actor, "estimate.asked", f"estimate:{running.id}", told(running))
            begin(session, running)
            break
    return running


def _named(session: Session, code: str) -> DsrVersion:
    """The version in force of a DSR that a draft is held against."""
    try:
        base = catalogue.published(catalogue.dsr(session, code))
    except NotFound:
        base = None
    if base is None:
        raise invalid_field(
            "against_dsr", f"Le DSR « {code} » n'a pas de version en vigueur : nommez-en un autre."
        )
    return base


def _of(
    version_id: UUID, base_id: UUID, digest: str, rulebook_id: UUID | None, state: EstimateState
) -> sa.Select[Estimate]:
    return sa.select(Estimate).where(
        Estimate.version_id == version_id,
        Estimate.base_id == base_id,
        Estimate.digest == digest,
        Estimate.rulebook_id.is_not_distinct_from(rulebook_id),
        Estimate.state == state,
    )


def _running(
    session: Session, version_id: UUID, base_id: UUID, digest: str, rulebook_id: UUID | None
) -> Estimate | None:
    return session.scalar(_of(version_id, base_id, digest, rulebook_id, EstimateState.RUNNING))


def _last(
    session: Session, version_id: UUID, base_id: UUID, digest: str, rulebook_id: UUID | None
) -> Estimate | None:
    finished = _of(version_id, base_id, digest, rulebook_id, EstimateState.FINISHED)
    return session.scalar(finished.order_by(Estimate.id.desc()).limit(1))


def cancel(session: Session, actor: Actor, dsr: str, estimate_id: UUID) -> Estimate:
    """Give up an estimate that runs; what it found so far is forgotten. Raises NotFound, Conflict."""
    stored = queries.estimate(session, actor, dsr, estimate_id, lock=True)
    end(session, stored, EstimateAction.CANCEL, actor)
    return stored
