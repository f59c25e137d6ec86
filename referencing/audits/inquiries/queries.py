"""Reading audits: the agency but in a conflict of interest, an editor those of its own solutions once announced."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from referencing.accounts.visible_queries import IN_CONFLICT_TO_JUDGE, has_conflict, impartial, refusal
from referencing.base.db import after
from referencing.base.errors import DomainError, Forbidden, NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record.models import Candidature
from referencing.catalogue.models import DsrVersion
from referencing.journal import queries as journal
from referencing.journal.models import Entry
from referencing.solutions.models import Configuration, Solution

from .models import ActionPlan, Audit, Evidence, Nonconformity, SampledFact, SampledItem, Sanction
from .states import PENDING, STANDING, AuditState, Conformity

NO_AUDIT = "Cet audit n'existe pas : vérifiez son identifiant."
NO_SAMPLED = "Cette preuve n'est pas dans l'échantillon de cet audit : vérifiez son identifiant."
NO_NONCONFORMITY = "Cette non-conformité n'existe pas : vérifiez son identifiant."
NO_PLAN = "Ce plan d'actions n'existe pas : vérifiez son identifiant."
NO_SANCTION = "Cette mesure n'existe pas : vérifiez son identifiant."
NO_EVIDENCE = "Cette pièce n'existe pas : vérifiez son identifiant."

_SOLUTION = joinedload(Audit.candidature).options(
    joinedload(Candidature.version).joinedload(DsrVersion.dsr),
    joinedload(Candidature.organisation),
    joinedload(Candidature.configuration).joinedload(Configuration.solution).joinedload(Solution.software),
)


def shown_to(session: Session, actor: Actor) -> sa.ColumnElement[bool]:
    """The audits that the actor may know of; in a conflict of interest none of that organisation."""
    if actor.of_agency:
        return impartial(session, actor, Audit.organisation_id)
    return sa.and_(Audit.organisation_id == actor.own_organisation, Audit.opened_at.is_not(None))


def _findings_shown_to(session: Session, actor: Actor) -> sa.ColumnElement[bool]:
    """The audits whose findings the actor may read: an editor once it was notified of them."""
    shown = shown_to(session, actor)
    return shown if actor.of_agency else shown & Audit.notified_at.is_not(None)


def _refusal(session: Session, actor: Actor, what: str, audit_id: Any) -> DomainError:
    return refusal(session, actor, what, sa.select(Audit.organisation_id).where(Audit.id == audit_id))


def _audit_of(part: type[Nonconformity | Sanction | Evidence], part_id: Any) -> sa.ScalarSelect[UUID]:
    return sa.select(part.audit_id).where(part.id == part_id).scalar_subquery()


def audits(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    state: AuditState | None = None,
    candidature: UUID | None = None,
    not_over: bool = False,
) -> Sequence[Audit]:
    """The audits that the actor may know of, in the order of planning; those that are `not_over` alone."""
    authorise(actor, Right.READ_AUDITS)
    select = sa.select(Audit).where(shown_to(session, actor)).options(_SOLUTION)
    if state is not None:
        select = select.where(Audit.state == state)
    if candidature is not None:
        select = select.where(Audit.candidature_id == candidature)
    if not_over:
        select = select.where(Audit.state.in_(STANDING))
    return session.scalars(after(select, [Audit.id], cursor).limit(limit)).all()


def audit(session: Session, actor: Actor, audit_id: UUID) -> Audit:
    """An audit that the actor may know of. Raises NotFound also to its editor before it is announced."""
    authorise(actor, Right.READ_AUDITS)
    select = sa.select(Audit).where(Audit.id == audit_id, shown_to(session, actor)).options(_SOLUTION)
    visible_audit = session.scalar(select.execution_options(populate_existing=True))
    if visible_audit is None:
        raise _refusal(session, actor, NO_AUDIT, audit_id)
    return visible_audit


def held(session: Session, actor: Actor, audit_id: UUID, *, to_read: bool = False) -> Audit:
    """An audit that the actor may know of, locked: always before any dossier and any stream of the journal.

    Raises NotFound, Forbidden in a conflict of interest; who reads in spite of one has it `to_read` alone.
    """
    conflict = has_conflict(actor, Audit.organisation_id)
    kept = sa.select(conflict).where(Audit.id == audit_id, shown_to(session, actor))
    in_conflict = session.scalar(kept.with_for_update(of=Audit))
    if in_conflict is None:
        raise _refusal(session, actor, NO_AUDIT, audit_id)
    if in_conflict and not to_read:
        raise Forbidden(IN_CONFLICT_TO_JUDGE)
    return session.scalars(
        sa.select(Audit)
        .where(Audit.id == audit_id)
        .options(_SOLUTION)
        .execution_options(populate_existing=True)
    ).one()


def timeline(session: Session, actor: Actor, audit_id: UUID, number: int, limit: int) -> Sequence[Entry]:
    """The audit's own stream, of which no editor reads anything."""
    authorise(actor, Right.READ_AUDIT_FILES)
    return journal.stream(session, f"audit:{audit(session, actor, audit_id).id}", number, limit)


_FACTS = selectinload(SampledItem.facts).options(
    joinedload(SampledFact.verification), joinedload(SampledFact.certificate)
)


def sample(
    session: Session, actor: Actor, audit_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> tuple[Audit, Sequence[SampledItem]]:
    """An audit with a page of its sample: what was drawn, in the order of drawing, then what was added."""
    about = audit(session, actor, audit_id)
    select = sa.select(SampledItem).where(SampledItem.audit_id == about.id).options(_FACTS)
    return about, session.scalars(after(select, [SampledItem.position], cursor).limit(limit)).all()


def finding_counts(session: Session, audit: Audit) -> dict[Conformity | None, int]:
    """How many proofs of the sample have each finding; None counts those that are to be verified."""
    rows = session.execute(
        sa.select(SampledItem.finding, sa.func.count().label("proofs"))
        .where(SampledItem.audit_id == audit.id)
        .group_by(SampledItem.finding)
    )
    return {row.finding: row.proofs for row in rows}


def sampled(session: Session, audit: Audit, sampled_id: UUID) -> SampledItem:
    sampled_item = session.scalar(
        sa.select(SampledItem)
        .where(SampledItem.id == sampled_id, SampledItem.audit_id == audit.id)
        .options(_FACTS)
        .execution_options(populate_existing=True)
    )
    if sampled_item is None:
        raise NotFound(NO_SAMPLED)
    return sampled_item


def nonconformities(
    session: Session, actor: Actor, audit_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Nonconformity]:
    """The non-conformités of an audit with their plans, by number; none to an editor before it was notified."""
    about = audit(session, actor, audit_id)
    select = (
        sa.select(Nonconformity)
        .join(Nonconformity.audit)
        .where(Nonconformity.audit_id == about.id, _findings_shown_to(session, actor))
        .options(selectinload(Nonconformity.plans))
    )
    return session.scalars(after(select, [Nonconformity.number], cursor).limit(limit)).all()


def nonconformity(session: Session, actor: Actor, nonconformity_id: UUID) -> Nonconformity:
    """A non-conformité with its plans. Raises NotFound also to an editor who was not notified of it."""
    authorise(actor, Right.READ_AUDITS)
    visible_nonconformity = session.scalar(
        sa.select(Nonconformity)
        .join(Nonconformity.audit)
        .where(Nonconformity.id == nonconformity_id, _findings_shown_to(session, actor))
        .options(selectinload(Nonconformity.plans))
        .execution_options(populate_existing=True)
    )
    if visible_nonconformity is None:
        raise _refusal(session, actor, NO_NONCONFORMITY, _audit_of(Nonconformity, nonconformity_id))
    return visible_nonconformity


def plan(session: Session, actor: Actor, plan_id: UUID) -> ActionPlan:
    authorise(actor, Right.READ_AUDITS)
    visible_plan = session.scalar(
        sa.select(ActionPlan)
        .join(ActionPlan.nonconformity)
        .join(Nonconformity.audit)
        .where(ActionPlan.id == plan_id, _findings_shown_to(session, actor))
        .options(joinedload(ActionPlan.nonconformity).joinedload(Nonconformity.audit))
        .execution_options(populate_existing=True)
    )
    if visible_plan is None:
        of_plan = sa.select(ActionPlan.nonconformity_id).where(ActionPlan.id == plan_id).scalar_subquery()
        raise _refusal(session, actor, NO_PLAN, _audit_of(Nonconformity, of_plan))
    return visible_plan


def sanctions(
    session: Session, actor: Actor, audit_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Sanction]:
    """The measures that were announced in an audit, oldest first."""
    about = audit(session, actor, audit_id)
    select = sa.select(Sanction).where(Sanction.audit_id == about.id)
    return session.scalars(after(select, [Sanction.id], cursor).limit(limit)).all()


def pending_sanctions(
    session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Sanction]:
    """The measures of all audits that the actor may know of which are announced and not decided, oldest first."""
    authorise(actor, Right.READ_AUDITS)
    select = (
        sa.select(Sanction)
        .join(Sanction.audit)
        .where(Sanction.state.in_(PENDING), shown_to(session, actor))
        .options(joinedload(Sanction.audit).options(_SOLUTION))
    )
    return session.scalars(after(select, [Sanction.id], cursor).limit(limit)).all()


def sanction(session: Session, actor: Actor, sanction_id: UUID) -> Sanction:
    authorise(actor, Right.READ_AUDITS)
    visible_sanction = session.scalar(
        sa.select(Sanction)
        .join(Sanction.audit)
        .where(Sanction.id == sanction_id, shown_to(session, actor))
        .execution_options(populate_existing=True)
    )
    if visible_sanction is None:
        raise _refusal(session, actor, NO_SANCTION, _audit_of(Sanction, sanction_id))
    return visible_sanction


def _evidence_shown_to(session: Session, actor: Actor) -> sa.ColumnElement[bool]:
    """An editor finds what its side supplied, and what the agency supplied about what it was told of."""
    if actor.of_agency:
        return shown_to(session, actor)
    about_news = (
        (Evidence.nonconformity_id.is_not(None) & Audit.notified_at.is_not(None))
        | Evidence.plan_id.is_not(None)
        | Evidence.sanction_id.is_not(None)
    )
    return shown_to(session, actor) & (Evidence.of_agency.is_(False) | about_news)


def evidence(
    session: Session, actor: Actor, audit_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Evidence]:
    """The files of an audit, in the order of adding."""
    about = audit(session, actor, audit_id)
    select = (
        sa.select(Evidence)
        .join(Audit, Audit.id == Evidence.audit_id)
        .where(Evidence.audit_id == about.id, _evidence_shown_to(session, actor))
        .options(joinedload(Evidence.author))
    )
    return session.scalars(after(select, [Evidence.position], cursor).limit(limit)).all()


def file(session: Session, actor: Actor, evidence_id: UUID) -> Evidence:
    authorise(actor, Right.READ_AUDITS)
    visible_file = session.scalar(
        sa.select(Evidence)
        .join(Audit, Audit.id == Evidence.audit_id)
        .where(Evidence.id == evidence_id, _evidence_shown_to(session, actor))
        .options(joinedload(Evidence.author))
        .execution_options(populate_existing=True)
    )
    if visible_file is None:
        raise _refusal(session, actor, NO_EVIDENCE, _audit_of(Evidence, evidence_id))
    return visible_file
