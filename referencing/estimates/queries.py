"""Estimates of drafts, their figures, and whether these still hold."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from referencing.accounts.models import Account
from referencing.base.db import PARIS, after, today
from referencing.base.errors import Conflict, NotFound
from referencing.base.permissions import Actor, Right, Role, authorise
from referencing.candidatures.record.filed_queries import FILED
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import OPEN, State
from referencing.catalogue import queries as catalogue
from referencing.catalogue.models import Dsr, DsrVersion, ExpectedProof, Requirement
from referencing.equivalence.grants.models import GrantSource
from referencing.equivalence.rulebooks.queries import id_in_force
from referencing.journal.queries import anything_since
from referencing.proofs.models import Proof, Verification
from referencing.simulations.queries import NO_CHANGES, NO_FACTS
from referencing.steering.habits import window
from referencing.steering.periods import midnight

from .models import Estimate, EstimatedRequirement
from .states import Change, EstimateState

NO_ESTIMATE = "Ce chiffrage n'existe pas : vérifiez son identifiant."


def estimate(session: Session, actor: Actor, dsr: str, estimate_id: UUID, *, lock: bool = False) -> Estimate:
    """An estimate of a draft of this DSR, locked on demand. Raises NotFound."""
    authorise(actor, Right.EDIT_CATALOGUE)
    select = _of_dsr(dsr).where(Estimate.id == estimate_id).execution_options(populate_existing=lock)
    stored = session.scalar(select.with_for_update(of=Estimate, key_share=True) if lock else select)
    if stored is None:
        raise NotFound(NO_ESTIMATE)
    return stored


def estimates(
    session: Session, actor: Actor, dsr: str, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Estimate]:
    """The estimates of the drafts of a DSR, in the order of asking. Raises NotFound."""
    authorise(actor, Right.EDIT_CATALOGUE)
    catalogue.dsr(session, dsr)
    return session.scalars(after(_of_dsr(dsr), [Estimate.id], cursor).limit(limit)).all()


def _of_dsr(dsr: str) -> sa.Select[Estimate]:
    named = contains_eager(Estimate.version).contains_eager(DsrVersion.dsr)
    of_dsr = sa.select(Estimate).join(Estimate.version).join(DsrVersion.dsr).where(Dsr.code == dsr)
    return of_dsr.options(named, joinedload(Estimate.base).joinedload(DsrVersion.dsr))


def require_finished(stored: Estimate) -> Estimate:
    """The estimate itself. Raises Conflict when it has no answer, or not yet."""
    if stored.state is EstimateState.RUNNING:
        raise Conflict("Ce chiffrage n'est pas terminé : suivez son avancement et revenez ensuite.")
    if stored.state is not EstimateState.FINISHED:
        raise Conflict("Ce chiffrage n'est pas allé à son terme : demandez-en un autre.")
    return stored


def requirements(
    session: Session,
    stored: Estimate,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    chapter: str | None = None,
    change: Change | None = None,
) -> Sequence[EstimatedRequirement]:
    """The requirements that differ, chapter by chapter. Raises Conflict while there is nothing to read."""
    of_estimate = sa.select(EstimatedRequirement).where(
        EstimatedRequirement.estimate_id == require_finished(stored).id
    )
    for column, value in (
        (EstimatedRequirement.chapter, chapter),
        (EstimatedRequirement.change, change),
    ):
        if value is not None:
            of_estimate = of_estimate.where(column == value)
    return session.scalars(after(of_estimate, [EstimatedRequirement.position], cursor).limit(limit)).all()


class ChapterSum(NamedTuple):
    """The requirements of a chapter that differ, and the proofs of all softwares there."""

    chapter: str
    requirements: int
    more_to_confirm: int
    more_to_supply: int
    confirmations_spared: int
    supplies_spared: int


def chapter_sums(session: Session, stored: Estimate) -> Sequence[ChapterSum]:
    """The sums of an estimate, in the order of its chapters."""
    chapter, count = EstimatedRequirement.chapter, sa.func.count().label("requirements")
    sums = [sa.func.sum(getattr(EstimatedRequirement, name)).label(name) for name in ChapterSum._fields[2:]]
    rows = session.execute(
        sa.select(chapter, count, *sums)
        .where(EstimatedRequirement.estimate_id == stored.id)
        .group_by(chapter)
        .order_by(sa.func.min(EstimatedRequirement.position))
    )
    return [ChapterSum(**row) for row in rows.mappings()]


def digest_of(session: Session, version_id: UUID) -> str:
    """The SHA-256 of all that a version asks, in its order."""
    columns: list[Any] = [
        *(column for column in Requirement.__table__.c if column.key not in {"id", "version_id"}),
        *(
            column
            for column in ExpectedProof.__table__.c
            if column.key not in {"id", "version_id", "requirement_id", "change"}
        ),
    ]
    line = sa.cast(sa.func.json_build_array(*columns), sa.Text())
    order = (Requirement.position, Requirement.code, ExpectedProof.position)
    lines = sa.func.string_agg(line, aggregate_order_by(sa.literal("\n"), *order))
    asked = sa.func.convert_to(sa.func.coalesce(lines, ""), "UTF8")
    digest = sa.select(sa.func.encode(sa.func.sha256(asked), "hex")).select_from(Requirement)
    of_version = digest.outerjoin(Requirement.proofs).where(Requirement.version_id == version_id)
    return str(session.scalars(of_version).one())


def changed_since(session: Session, stored: Estimate) -> dict[str, str]:
    """Why an estimate may say something else if it were asked for again: sentences by their codes."""
    streams = (*NO_FACTS, f"dsr:{stored.version.dsr.code}")
    changed = anything_since(session, stored.position, but_streams=streams, but_actions=NO_CHANGES)
    return {**overtaken(session, stored), **({"facts": _CHANGED["facts"]} if changed else {})}


def overtaken(session: Session, stored: Estimate) -> dict[str, str]:
    """What ends an estimate that runs, and makes one that is finished history: sentences by their codes."""
    changes = {
        "draft": digest_of(session, stored.version_id) != stored.digest,
        "publication": stored.version.published_at is not None,
        "rules_in_force": id_in_force(session) != stored.rulebook_id,
    }
    return {code: _CHANGED[code] for code, changed in changes.items() if changed}


_CHANGED = {
    "draft": "Le projet a été modifié depuis.",
    "publication": "Le projet a été publié depuis : il est la version en vigueur.",
    "rules_in_force": "D'autres règles sont entrées en vigueur depuis.",
    "facts": "Des candidatures, des preuves, des certificats ou d'autres listes d'exigences ont changé depuis.",
}


def softwares(dsr_id: UUID) -> sa.Select[UUID]:
    """The softwares that filed a dossier on a DSR."""
    return (
        sa.select(Candidature.software_id)
        .join(Candidature.version)
        .where(DsrVersion.dsr_id == dsr_id, FILED)
        .distinct()
    )


def leaning_dossiers(session: Session, stored: Estimate) -> dict[str | None, int]:
    """The open dossiers on other DSRs, no drafts, that stand on what was found on words that the draft has no more.

    By the requirement's code without its DSR; all of them, each once, under None.
    """
    if stored.elsewhere:
        return {}
    now_asked = aliased(ExpectedProof)
    still_so = sa.exists().where(
        now_asked.version_id == stored.version_id,
        now_asked.code == ExpectedProof.code,
        now_asked.wording == ExpectedProof.wording,
    )
    pinned = aliased(DsrVersion)
    rows = session.execute(
        sa.select(Requirement.code, sa.func.count(Candidature.id.distinct()))
        .select_from(ExpectedProof)
        .join(ExpectedProof.requirement)
        .join(
            Verification,
            (Verification.proof_code == ExpectedProof.code) & (Verification.wording == ExpectedProof.wording),
        )
        .join(GrantSource, GrantSource.verification_id == Verification.id)
        .join(Item, Item.grant_id == GrantSource.grant_id)
        .join(Candidature, Candidature.id == Item.candidature_id)
        .join(pinned, pinned.id == Candidature.version_id)
        .where(
            ExpectedProof.version_id == stored.base_id,
            ~still_so,
            Candidature.state.in_(sorted(OPEN - {State.DRAFT})),
            pinned.dsr_id != stored.base.dsr_id,
        )
        .group_by(sa.func.rollup(Requirement.code))
    )
    return {row[0]: row[1] for row in rows}


def supplies(session: Session) -> tuple[int, int]:
    """The proofs that editors' people supplied lately, whatever their versions, and the days in which they did.

    A day counts for each person.
    """
    days = window(today(session))
    day = sa.cast(sa.func.timezone(PARIS.key, Proof.supplied_at), sa.Date())
    row = session.execute(
        sa.select(
            sa.func.count(Proof.item_id.distinct()),
            sa.func.count(sa.tuple_(Proof.supplied_by, day).distinct()),
        )
        .join(Account, Account.id == Proof.supplied_by)
        .where(
            Account.role == Role.EDITOR,
            Proof.supplied_at >= midnight(days[0]),
            Proof.supplied_at < midnight(today(session)),
        )
    ).one()
    return row[0], row[1]
