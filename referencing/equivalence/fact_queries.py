"""The facts of one technical core, in three queries whatever its history."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.catalogue.models import ExpectedProof
from referencing.certificates import queries as certificates
from referencing.db import end_of
from referencing.proofs.models import Finding, Proof, ProofState, Verification
from referencing.solutions.models import Certificate, Configuration, Software, Solution

from . import facts

Kind = type[Verification] | type[Certificate] | type[Proof]

_STATUS = {Finding.VERIFIED: facts.FactStatus.VERIFIED, Finding.REJECTED: facts.FactStatus.REJECTED}


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """What is known of one technical core. The engine knows facts by text; the rows are known by id."""

    facts: tuple[facts.Fact, ...]
    rows: Mapping[str, Kind]

    def verification(self, fact: str) -> UUID | None:
        return UUID(fact) if self.rows[fact] is Verification else None

    def certificate(self, fact: str) -> UUID | None:
        return UUID(fact) if self.rows[fact] is Certificate else None


def facts_of(
    session: Session,
    core_id: UUID,
    wordings: Mapping[str, str],
    day: date | None = None,
    softwares: Collection[UUID] | None = None,
) -> KnownFacts:
    """A finding on other words than those in force (`wordings`, by proof) says nothing of them.

    Of the softwares of the core, or of those that are given: who was of it then. Certificates are checked against the
    lists in force, or those that were at the end of a `day`.
    """
    product = str(core_id)
    of = partial(_of, core_id, softwares)
    found: list[facts.Fact] = []
    rows: dict[str, Kind] = {}
    for fact in _verifications(session, of, product, wordings):
        found.append(fact)
        rows[fact.id] = Verification
    for fact in _submitted(session, of, product, wordings):
        found.append(fact)
        rows[fact.id] = Proof
    for certificate in _certificates(session, of, product, day):
        found.append(certificate)
        rows[certificate.id] = Certificate
    return KnownFacts(tuple(found), rows)


class Of(Protocol):
    """The condition that a fact is one of those asked about."""

    def __call__(self, kind: Kind) -> sa.ColumnElement[bool]: ...


def _of(core_id: UUID, softwares: Collection[UUID] | None, kind: Kind) -> sa.ColumnElement[bool]:
    if softwares is None:
        return kind.core_id == core_id
    cores = sa.select(Software.core_id).where(Software.id.in_(softwares))
    return sa.and_(kind.core_id.in_(cores), kind.software_id.in_(softwares))


#: Written once, past the mapper, as text where the engine takes text: one software has hundreds of these.
_VERIFIED = Verification.__table__.c
_VERIFICATIONS = sa.select(
    sa.cast(_VERIFIED.id, sa.Text),
    _VERIFIED.proof_code,
    _VERIFIED.wording,
    _VERIFIED.solution,
    sa.type_coerce(_VERIFIED.finding, sa.Text),
    _VERIFIED.mode,
    _VERIFIED.found_on,
    _VERIFIED.composition,
    _VERIFIED.revoked_on,
).where(_VERIFIED.finding.in_(list(_STATUS)))
_SUBMITTED = (
    sa.select(
        sa.cast(Proof.id, sa.Text),
        Proof.submitted_on,
        ExpectedProof.code,
        ExpectedProof.wording,
        Solution.commercial_name,
        Configuration.composition,
    )
    .join(Proof.expected_proof)
    .join(Proof.configuration)
    .join(Configuration.solution)
    .where(Proof.state == ProofState.SUBMITTED)
)


def _verifications(
    session: Session, of: Of, product: str, wordings: Mapping[str, str]
) -> Iterator[facts.Verification]:
    rows = session.execute(_VERIFICATIONS.where(of(Verification))).all()
    for row, proof, wording, solution, finding, mode, day, composition, revoked_on in rows:
        if wordings.get(proof) == wording:
            status = _STATUS[finding]
            yield facts.Verification(
                row, proof, product, solution, status, mode, day, composition, revoked_on
            )


def _submitted(
    session: Session, of: Of, product: str, wordings: Mapping[str, str]
) -> Iterator[facts.Verification]:
    status = facts.FactStatus.SUBMITTED
    for row, day, proof, wording, solution, composition in session.execute(_SUBMITTED.where(of(Proof))).all():
        if day is not None and wordings.get(proof) == wording:
            yield facts.Verification(row, proof, product, solution, status, "async", day, composition)


def _certificates(session: Session, of: Of, product: str, day: date | None) -> Iterator[facts.Certificate]:
    for one in certificates.checked(session, of(Certificate), None if day is None else end_of(day)):
        certificate = one.certificate
        own = certificate.holder in {one.software.nil, str(certificate.software_id)}
        yield facts.Certificate(
            id=str(certificate.id),
            kind=certificate.kind,
            holder=product if own else certificate.holder,
            day=certificate.valid_from,
            valid_until=certificate.valid_until,
            revoked_on=certificate.revoked_on,
            doubt=facts.Doubt(one.check.standing) if one.check.in_doubt else None,
        )
