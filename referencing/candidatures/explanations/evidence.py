"""What a past answer stood on: facts, rules and texts, read so that nothing set later shows."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.accounts.models import Account as Person
from referencing.base.db import PARIS, any_of
from referencing.catalogue.imports.socle_links import Fidelity
from referencing.catalogue.models import Dsr, DsrVersion, Requirement
from referencing.equivalence.engine import facts
from referencing.equivalence.grants.queries import standings_on
from referencing.equivalence.rulebooks.models import Correspondence, Rulebook
from referencing.proofs.models import Finding, Proof, Verification
from referencing.solutions.models import Certificate, Configuration, Software

from .sentences import RequirementText, Rule
from .sentences import Rulebook as PastRulebook

_STATUS = {Finding.VERIFIED: facts.FactStatus.VERIFIED, Finding.REJECTED: facts.FactStatus.REJECTED}


def requirements(session: Session, where: sa.ColumnElement[bool]) -> list[RequirementText]:
    """Requirements as the versions of their DSRs word them, the latest version of each first."""
    rows = session.execute(
        sa.select(Dsr.code.label("dsr"), DsrVersion.number, Requirement)
        .join(DsrVersion, DsrVersion.id == Requirement.version_id)
        .join(DsrVersion.dsr)
        .where(where)
        .order_by(Dsr.code, Requirement.code, DsrVersion.number.desc())
    )
    return [requirement_text(row.dsr, row.number, row.Requirement) for row in rows]


def requirement_text(dsr: str, number: int, requirement: Requirement) -> RequirementText:
    """A requirement as the version `number` of its DSR words it."""
    return RequirementText(
        f"{dsr}:{requirement.code}",
        number,
        requirement.text,
        requirement.socle,
        requirement.socle_fidelity is not Fidelity.OVERRIDDEN,
    )


def facts_by(session: Session, named: Sequence[str], day: date) -> Iterator[facts.Fact]:
    """The named facts as they stood on `day`: findings, or else submitted proofs and certificates."""
    ids = {UUID(fact) for fact in named}
    verifications = session.scalars(sa.select(Verification).where(any_of(Verification.id, ids))).all()
    yield from _findings(session, verifications, day)
    others = ids.difference(verification.id for verification in verifications)
    if others:
        yield from _submitted(session, others)
        yield from _certificates(session, others, day)


def taken_over(session: Session, item_id: UUID, day: date) -> facts.Verification | None:
    """The finding on an item of a past referencing, as it stood on `day`."""
    of_item = sa.select(Verification).join(Verification.proof).where(Proof.item_id == item_id)
    return next(_findings(session, session.scalars(of_item).all(), day), None)


def _findings(
    session: Session, verifications: Sequence[Verification], day: date
) -> Iterator[facts.Verification]:
    standings = standings_on(session, {verification.candidature_id for verification in verifications}, day)
    for verification in verifications:
        circumstances = facts.Circumstances(
            product=str(verification.core_id),
            solution=verification.solution,
            status=_STATUS[verification.finding],
            mode=verification.mode,
            day=verification.found_on,
            composition=verification.composition,
            revoked_on=_by(verification.revoked_on, day),
            standing=standings.get(verification.candidature_id, facts.Standing.OPEN),
            source=verification.source,
        )
        yield facts.Verification(str(verification.id), verification.proof_code, circumstances)


def _submitted(session: Session, ids: Collection[UUID]) -> Iterator[facts.Verification]:
    submitted = (
        sa.select(Proof)
        .where(any_of(Proof.id, ids))
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


def _certificates(session: Session, ids: Collection[UUID], day: date) -> Iterator[facts.Certificate]:
    held = (
        sa.select(Certificate, Software.nil)
        .join(Software, Software.id == Certificate.software_id)
        .where(any_of(Certificate.id, ids))
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


def rulebook_of(session: Session, rulebook_id: UUID | None, end: datetime) -> PastRulebook | None:
    """The rulebook under which the answer was given; where that was not kept, the one in force that day."""
    select = sa.select(Rulebook.id, Rulebook.label, Rulebook.published_at)
    if rulebook_id is not None:
        select = select.where(Rulebook.id == rulebook_id)
    else:
        in_force = sa.or_(Rulebook.superseded_at.is_(None), Rulebook.superseded_at >= end)
        select = select.where(Rulebook.published_at < end, in_force)
    row = session.execute(select).first()
    if row is None or row.published_at is None:
        return None
    return PastRulebook(row.id, row.label, row.published_at.astimezone(PARIS).date())


def rules_of(session: Session, rulebook_id: UUID | None, clauses: Sequence[str]) -> list[Rule]:
    """The correspondences among the clauses; links of socles come with the requirements."""
    if not clauses:
        return []
    used = sa.select(Correspondence).where(
        Correspondence.rulebook_id == rulebook_id, Correspondence.code.in_(clauses)
    )
    return [
        Rule(rule.code, tuple(rule.sources), rule.target, rule.relation, rule.valid_from, rule.valid_until)
        for rule in session.scalars(used.order_by(Correspondence.position))
    ]


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
