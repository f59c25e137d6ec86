"""What a past answer stood on: facts, rules and texts, read so that nothing set later shows.

Each statement is made once: to write it takes longer than to run it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from referencing.accounts.models import Account as Person
from referencing.base.db import PARIS, any_given, end_of
from referencing.catalogue.imports.socle_links import Fidelity
from referencing.catalogue.models import Dsr, DsrVersion, Requirement
from referencing.equivalence.engine import facts
from referencing.equivalence.rulebooks.models import Correspondence, DossierStanding, Rulebook
from referencing.proofs.models import Finding, Proof, Verification
from referencing.solutions.models import Certificate, Configuration, Software

from .sentences import RequirementText, Rule
from .sentences import Rulebook as PastRulebook

_STATUS = {Finding.VERIFIED: facts.FactStatus.VERIFIED, Finding.REJECTED: facts.FactStatus.REJECTED}


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
    ids, owned = {UUID(fact) for fact in named}, owner is not None
    values = {"named": [*ids], "owner": owner, "end": end_of(day)}
    findings = [*_findings(session, _named_findings(owned=owned), values, day)]
    others = ids.difference(UUID(finding.id) for finding in findings)
    if not others:
        return [*findings]
    values = {"named": [*others], "owner": owner}
    submitted = session.scalars(_named_submitted(owned=owned), values)
    held = session.execute(_named_certificates(owned=owned), values)
    return [*findings, *map(_submitted, submitted), *(_certificate(*row, day) for row in held)]


Kind = type[Verification] | type[Proof] | type[Certificate]


def _named(kind: Kind, *, owned: bool) -> sa.ColumnElement[bool]:
    """The condition that a fact is one of the `named`, and where it is to be `owned`, of a software of the `owner`."""
    named = any_given(kind.id, "named")
    if not owned:
        return named
    of_owner = aliased(Software)
    return named & sa.exists().where(
        of_owner.id == kind.software_id, of_owner.organisation_id == sa.bindparam("owner")
    )


def taken_over(session: Session, item_id: UUID, day: date) -> facts.Verification | None:
    """The finding on an item of a past referencing, as it stood on `day`."""
    values = {"item": item_id, "end": end_of(day)}
    return next(_findings(session, _findings_on_item(), values, day), None)


@cache
def _named_findings(*, owned: bool) -> sa.Select[Verification, str | None]:
    return _with_standing().where(_named(Verification, owned=owned))


@cache
def _findings_on_item() -> sa.Select[Verification, str | None]:
    of_item = sa.exists().where(Proof.id == Verification.proof_id, Proof.item_id == sa.bindparam("item"))
    return _with_standing().where(of_item)


def _with_standing() -> sa.Select[Verification, str | None]:
    """Findings, each with the standing of its dossier before the moment `end`, None while it was open."""
    standing = (
        sa.select(DossierStanding.standing)
        .where(
            DossierStanding.candidature_id == Verification.candidature_id,
            DossierStanding.began_at < sa.bindparam("end"),
        )
        .order_by(DossierStanding.began_at.desc(), DossierStanding.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return sa.select(Verification, standing)


def _findings(
    session: Session, statement: sa.Select[Verification, Any], values: Mapping[str, Any], day: date
) -> Iterator[facts.Verification]:
    for verification, stood in session.execute(statement, values):
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


@cache
def _named_submitted(*, owned: bool) -> sa.Select[Proof]:
    return (
        sa.select(Proof)
        .where(_named(Proof, owned=owned))
        .options(
            joinedload(Proof.expected_proof),
            joinedload(Proof.configuration).joinedload(Configuration.solution),
        )
    )


def _submitted(proof: Proof) -> facts.Verification:
    circumstances = facts.Circumstances(
        product=str(proof.core_id),
        solution=proof.configuration.solution.commercial_name,
        status=facts.FactStatus.SUBMITTED,
        mode="async",
        day=proof.submitted_on or proof.supplied_at.astimezone(PARIS).date(),
        composition=proof.configuration.composition,
        standing=facts.Standing.OPEN,
    )
    return facts.Verification(str(proof.id), proof.expected_proof.code, circumstances)


@cache
def _named_certificates(*, owned: bool) -> sa.Select[Certificate, str]:
    return (
        sa.select(Certificate, Software.nil)
        .join(Software, Software.id == Certificate.software_id)
        .where(_named(Certificate, owned=owned))
    )


def _certificate(certificate: Certificate, nil: str, day: date) -> facts.Certificate:
    own = certificate.holder == str(certificate.software_id)
    return facts.Certificate(
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
    values = {"rulebook": rulebook_id, "clauses": [*clauses], "end": end}
    rows = session.execute(_rules(kept=rulebook_id is not None), values).all()
    if not rows or rows[0].published_at is None:
        return None, []
    first = rows[0]
    rulebook = PastRulebook(first.id, first.label, first.published_at.astimezone(PARIS).date())
    return rulebook, [_rule(row.Correspondence) for row in rows if row.Correspondence is not None]


@cache
def _rules(*, kept: bool) -> sa.Select[UUID, str, datetime | None, Correspondence]:
    """A rulebook with its correspondences among the clauses: the one that was `kept`, or the one in force then."""
    rulebook = sa.bindparam("rulebook", type_=sa.Uuid())
    end = sa.bindparam("end", type_=Rulebook.superseded_at.type)
    in_force = sa.or_(Rulebook.superseded_at.is_(None), Rulebook.superseded_at >= end)
    used = (Correspondence.rulebook_id == rulebook) & any_given(Correspondence.code, "clauses")
    return (
        sa.select(Rulebook.id, Rulebook.label, Rulebook.published_at, Correspondence)
        .outerjoin(Correspondence, used & (Correspondence.rulebook_id == Rulebook.id))
        .where(Rulebook.id == rulebook if kept else (Rulebook.published_at < end) & in_force)
        .order_by(Correspondence.position)
    )


def _rule(row: Correspondence) -> Rule:
    return Rule(row.code, tuple(row.sources), row.target, row.relation, row.valid_from, row.valid_until)


def texts_of(session: Session, proofs: Iterable[str], own: str, at: datetime) -> list[RequirementText]:
    """What the other requirements of the derivation asked, in the versions that were the latest then."""
    codes = {proof.partition("#")[0] for proof in proofs} - {own}
    pairs = sorted(tuple(code.split(":", 1)) for code in codes if ":" in code)
    if not pairs:
        return []
    latest: dict[str, RequirementText] = {}
    for row in session.execute(_requirements(), {"pairs": pairs, "at": at}):
        requirement = requirement_text(row.dsr, row.number, row)
        latest.setdefault(requirement.code, requirement)
    return list(latest.values())


@cache
def _requirements() -> sa.Select[*tuple[Any, ...]]:
    """Requirements as the versions of their DSRs word them that were published by then, the latest of each first."""
    named = sa.tuple_(Dsr.code, Requirement.code).in_(sa.bindparam("pairs", expanding=True))
    return (
        sa.select(Dsr.code.label("dsr"), DsrVersion.number, *_WORDED)
        .join(DsrVersion, DsrVersion.id == Requirement.version_id)
        .join(DsrVersion.dsr)
        .where(named, DsrVersion.published_at <= sa.bindparam("at"))
        .order_by(Dsr.code, Requirement.code, DsrVersion.number.desc())
    )
