"""What a past answer stood on: facts, rules and texts, read so that nothing set later shows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.accounts.models import Account as Person
from referencing.base.db import PARIS
from referencing.catalogue.imports.socle_links import Fidelity
from referencing.catalogue.models import Dsr, DsrVersion, Requirement
from referencing.equivalence.engine import facts
from referencing.equivalence.grants.queries import standings_on
from referencing.equivalence.rulebooks.models import Correspondence, Rulebook
from referencing.proofs.models import Finding, Proof, Verification
from referencing.solutions.models import Certificate, Configuration, Software

from .sentences import Asked, Rule
from .sentences import Rulebook as ToldRulebook

_STATUS = {Finding.VERIFIED: facts.FactStatus.VERIFIED, Finding.REJECTED: facts.FactStatus.REJECTED}


def requirements(session: Session, where: sa.ColumnElement[bool]) -> list[Asked]:
    """As versions of their DSRs word them, the latest version first."""
    rows = session.execute(
        sa.select(Dsr.code.label("dsr"), DsrVersion.number, Requirement)
        .join(DsrVersion, DsrVersion.id == Requirement.version_id)
        .join(DsrVersion.dsr)
        .where(where)
        .order_by(Dsr.code, Requirement.code, DsrVersion.number.desc())
    )
    return [
        Asked(
            f"{row.dsr}:{row.Requirement.code}",
            row.number,
            row.Requirement.text,
            row.Requirement.socle,
            row.Requirement.socle_fidelity is not Fidelity.OVERRIDDEN,
        )
        for row in rows
    ]


def known_facts(session: Session, named: Sequence[str], day: date) -> Iterator[facts.Fact]:
    """Findings, what was before the agency, and certificates, as they are kept; revoked only where it was by then."""
    ids = [UUID(fact) for fact in named]
    verifications = session.scalars(sa.select(Verification).where(Verification.id.in_(ids))).all()
    standings = standings_on(session, {found.candidature_id for found in verifications}, day)
    for found in verifications:
        yield facts.Verification(
            id=str(found.id),
            proof=found.proof_code,
            product=str(found.core_id),
            solution=found.solution,
            status=_STATUS[found.finding],
            mode=found.mode,
            day=found.found_on,
            composition=found.composition,
            revoked_on=_by(found.revoked_on, day),
            standing=standings.get(found.candidature_id, facts.Standing.OPEN),
        )
    submitted = (
        sa.select(Proof)
        .where(Proof.id.in_(ids))
        .options(
            joinedload(Proof.expected_proof),
            joinedload(Proof.configuration).joinedload(Configuration.solution),
        )
    )
    for proof in session.scalars(submitted):
        yield facts.Verification(
            id=str(proof.id),
            proof=proof.expected_proof.code,
            product=str(proof.core_id),
            solution=proof.configuration.solution.commercial_name,
            status=facts.FactStatus.SUBMITTED,
            mode="async",
            day=proof.submitted_on or proof.supplied_at.astimezone(PARIS).date(),
            composition=proof.configuration.composition,
            standing=facts.Standing.OPEN,
        )
    held = (
        sa.select(Certificate, Software.nil)
        .join(Software, Software.id == Certificate.software_id)
        .where(Certificate.id.in_(ids))
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
    """What was set later is not told."""
    return when if when is not None and when <= day else None


def verifiers(session: Session, known: Mapping[str, facts.Fact]) -> dict[str, str]:
    rows = session.execute(
        sa.select(Verification.id, Person.name)
        .join(Person, Person.id == Verification.verifier_id)
        .where(Verification.id.in_([UUID(fact) for fact in known]))
        .order_by(Verification.id)
    )
    return {str(row.id): row.name for row in rows}


def rulebook_of(session: Session, rulebook_id: UUID | None, end: datetime) -> ToldRulebook | None:
    """The one that the answer was given under; where that was not kept, the one in force that day."""
    select = sa.select(Rulebook.id, Rulebook.label, Rulebook.published_at)
    if rulebook_id is not None:
        select = select.where(Rulebook.id == rulebook_id)
    else:
        in_force = sa.or_(Rulebook.superseded_at.is_(None), Rulebook.superseded_at >= end)
        select = select.where(Rulebook.published_at < end, in_force)
    row = session.execute(select).first()
    if row is None or row.published_at is None:
        return None
    return ToldRulebook(row.id, row.label, row.published_at.astimezone(PARIS).date())


def rules_of(session: Session, rulebook_id: UUID | None, clauses: Sequence[str]) -> list[Rule]:
    """The correspondences among the clauses; those of socles are told with the requirements."""
    used = sa.select(Correspondence).where(
        Correspondence.rulebook_id == rulebook_id, Correspondence.code.in_(clauses)
    )
    return [
        Rule(rule.code, tuple(rule.sources), rule.target, rule.relation, rule.valid_from, rule.valid_until)
        for rule in session.scalars(used.order_by(Correspondence.position))
    ]


def texts_of(session: Session, proofs: Iterable[str], own: str, at: datetime) -> list[Asked]:
    """What the other requirements of the derivation asked, in the versions that were the latest then."""
    codes = {proof.partition("#")[0] for proof in proofs} - {own}
    pairs = sorted(tuple(code.split(":", 1)) for code in codes if ":" in code)
    named = sa.tuple_(Dsr.code, Requirement.code).in_(pairs)
    latest: dict[str, Asked] = {}
    for asked in requirements(session, sa.and_(named, DsrVersion.published_at <= at)):
        latest.setdefault(asked.code, asked)
    return list(latest.values())
