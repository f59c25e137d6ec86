"""What a past answer stood on: facts, rules and texts, read so that nothing set later shows."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from referencing.accounts.models import Account as Person
from referencing.base.db import PARIS, any_of, end_of
from referencing.catalogue.imports.socle_links import Fidelity
from referencing.catalogue.models import Dsr, DsrVersion, Requirement
from referencing.equivalence.engine import facts
from referencing.equivalence.rulebooks.models import Correspondence, DossierStanding, Rulebook
from referencing.proofs.models import Finding, Proof, Verification
from referencing.solutions.models import Certificate, Configuration, Software

from .sentences import RequirementText, Rule
from .sentences import Rulebook as PastRulebook

_STATUS = {Finding.VERIFIED: facts.FactStatus.VERIFIED, Finding.REJECTED: facts.FactStatus.REJECTED}


def requirements(session: Session, where: sa.ColumnElement[bool]) -> list[RequirementText]:
    """Requirements as the versions of their DSRs word them, the latest version of each first."""
    rows = session.execute(
        sa.select(Dsr.code.label("dsr"), DsrVersion.number, *_WORDED)
        .join(DsrVersion, DsrVersion.id == Requirement.version_id)
        .join(DsrVersion.dsr)
        .where(where)
        .order_by(Dsr.code, Requirement.code, DsrVersion.number.desc())
    )
    return [requirement_text(row.dsr, row.number, row) for row in rows]


_WORDED = (Requirement.code, Requirement.text, Requirement.socle, Requirement.socle_fidelity)


def requirement_text(dsr: str, number: int, requirement: Requirement | Any) -> RequirementText:
    """A requirement, or a row of what is told of it, as the version `number` of its DSR words it."""
    return RequirementText(
        f"{dsr}:{requirement.code}",
        number,
        requirement.text,
        requirement.socle,
        requirement.socle_fidelity is not Fidelity.OVERRIDDEN,
    )


def facts_by(session: Session, named: Collection[str], day: date, owner: UUID | None) -> list[facts.Fact]:
    """The named facts as they stood on `day`: findings, or else submitted proofs and certificates.

    With an organisation as `owner`, those of its softwares alone.
    """
    ids = {UUID(fact) for fact in named}
    findings = [*_findings(session, _named(Verification, ids, owner), day)]
    others = ids.difference(UUID(finding.id) for finding in findings)
    if not others:
        return [*findings]
    submitted = _submitted(session, _named(Proof, others, owner))
    return [*findings, *submitted, *_certificates(session, _named(Certificate, others, owner), day)]


def _named(
    kind: type[Verification | Proof | Certificate], ids: Collection[UUID], owner: UUID | None
) -> sa.ColumnElement[bool]:
    named = any_of(kind.id, ids)
    if owner is None:
        return named
    of_owner = aliased(Software)
    return named & sa.exists().where(of_owner.id == kind.software_id, of_owner.organisation_id == owner)


def taken_over(session: Session, item_id: UUID, day: date) -> facts.Verification | None:
    """The finding on an item of a past referencing, as it stood on `day`."""
    of_item = sa.exists().where(Proof.id == Verification.proof_id, Proof.item_id == item_id)
    return next(_findings(session, of_item, day), None)


def _findings(session: Session, where: sa.ColumnElement[bool], day: date) -> Iterator[facts.Verification]:
    standing = (
        sa.select(DossierStanding.standing)
        .where(
            DossierStanding.candidature_id == Verification.candidature_id,
            DossierStanding.began_at < end_of(day),
        )
        .order_by(DossierStanding.began_at.desc(), DossierStanding.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    for verification, stood in session.execute(sa.select(Verification, standing).where(where)):
        circumstances = facts.Circumstances(
            product=str(verification.core_id),
            solution=verification.solution,
            status=_STATUS[verification.finding],
            mode=verification.mode,
            day=verification.found_on,
            composition=verification.composition,
            revoked_on=_by(verification.revoked_on, day),
            standing=stood or facts.Standing.OPEN,
            source=verification.source,
        )
        yield facts.Verification(str(verification.id), verification.proof_code, circumstances)


def _submitted(session: Session, where: sa.ColumnElement[bool]) -> Iterator[facts.Verification]:
    submitted = (
        sa.select(Proof)
        .where(where)
        .options(
            joinedload(Proof.expected_proof),
            joinedload(Proof.configuration).joinedload(Configuration.solution),
        )
    )
    for proof in session.scalars(submitted):
        circumstances = facts.Circumstances(
            product=str(proof.core_id),
            solution=proof.configuration.solution.commercial_name,
            status=facts.FactStatus.SUBMITTED,
            mode="async",
            day=proof.submitted_on or proof.supplied_at.astimezone(PARIS).date(),
            composition=proof.configuration.composition,
            standing=facts.Standing.OPEN,
        )
        yield facts.Verification(str(proof.id), proof.expected_proof.code, circumstances)


def _certificates(session: Session, where: sa.ColumnElement[bool], day: date) -> Iterator[facts.Certificate]:
    held = (
        sa.select(Certificate, Software.nil)
        .join(Software, Software.id == Certificate.software_id)
        .where(where)
    )
    for certificate, nil in session.execute(held):
        own = certificate.holder == str(certificate.software_id)
        yield facts.Certificate(
            id=str(certificate.id),
            kind=certificate.kind,
            holder=nil if own else certificate.holder,
            day=certificate.valid_from,
            valid_until=certificate.valid_until,
            revoked_on=_by(certificate.revoked_on, day),
        )


def _by(when: date | None, day: date) -> date | None:
    """The date `when`, or None where it comes after `day`."""
    return when if when is not None and when <= day else None


def verifiers(session: Session, named: Mapping[str, facts.Fact]) -> dict[str, str]:
    """The name of who found each of the facts, by the fact's id; only verifications have one."""
    rows = session.execute(
        sa.select(Verification.id, Person.name)
        .join(Person, Person.id == Verification.verifier_id)
        .where(Verification.id.in_([UUID(fact) for fact in named]))
        .order_by(Verification.id)
    )
    return {str(row.id): row.name for row in rows}


def rules_of(
    session: Session, rulebook_id: UUID | None, clauses: Collection[str], end: datetime
) -> tuple[PastRulebook | None, list[Rule]]:
    """The rulebook under which the answer was given, and its correspondences among the clauses.

    Where it was not kept, the one in force that day, without rules; links of socles come with the requirements.
    """
    in_force = sa.or_(Rulebook.superseded_at.is_(None), Rulebook.superseded_at >= end)
    used = (Correspondence.rulebook_id == rulebook_id) & Correspondence.code.in_(clauses)
    rows = session.execute(
        sa.select(Rulebook.id, Rulebook.label, Rulebook.published_at, Correspondence)
        .outerjoin(Correspondence, used & (Correspondence.rulebook_id == Rulebook.id))
        .where(
            Rulebook.id == rulebook_id
            if rulebook_id is not None
            else (Rulebook.published_at < end) & in_force
        )
        .order_by(Correspondence.position)
    ).all()
    if not rows or rows[0].published_at is None:
        return None, []
    first = rows[0]
    rulebook = PastRulebook(first.id, first.label, first.published_at.astimezone(PARIS).date())
    return rulebook, [_rule(row.Correspondence) for row in rows if row.Correspondence is not None]


def _rule(row: Correspondence) -> Rule:
    return Rule(row.code, tuple(row.sources), row.target, row.relation, row.valid_from, row.valid_until)


def texts_of(session: Session, proofs: Iterable[str], own: str, at: datetime) -> list[RequirementText]:
    """What the other requirements of the derivation asked, in the versions that were the latest then."""
    codes = {proof.partition("#")[0] for proof in proofs} - {own}
    pairs = sorted(tuple(code.split(":", 1)) for code in codes if ":" in code)
    if not pairs:
        return []
    named = sa.tuple_(Dsr.code, Requirement.code).in_(pairs)
    latest: dict[str, RequirementText] = {}
    for requirement in requirements(session, sa.and_(named, DsrVersion.published_at <= at)):
        latest.setdefault(requirement.code, requirement)
    return list(latest.values())
