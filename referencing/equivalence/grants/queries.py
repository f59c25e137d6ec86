"""The facts of one technical core, in two queries whatever its history."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from referencing.base.db import any_of, end_of
from referencing.catalogue.models import ExpectedProof
from referencing.certificates import queries as certificates
from referencing.certificates.standing import CONTRADICTED, Check
from referencing.equivalence.engine import facts
from referencing.equivalence.rulebooks.models import DossierStanding
from referencing.proofs.models import Finding, Proof, ProofState, Verification
from referencing.solutions.models import Certificate, Configuration, Software, Solution

Kind = type[Verification] | type[Certificate] | type[Proof]


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """The facts of one technical core. The engine names them by text; `rows` says which table each id is of."""

    facts: tuple[facts.Fact, ...]
    rows: Mapping[str, Kind]

    def verification(self, fact: str) -> UUID | None:
        return UUID(fact) if self.rows[fact] is Verification else None

    def certificate(self, fact: str) -> UUID | None:
        return UUID(fact) if self.rows[fact] is Certificate else None


@dataclass(frozen=True, slots=True)
class CoreFacts:
    """The facts of one technical core, whatever words they were found on."""

    on_proofs: Sequence[tuple[str, facts.Verification]]  # after the digest of the words
    certificates: Sequence[facts.Certificate]

    def worded(self, wordings: Mapping[str, str]) -> KnownFacts:
        """A finding on other words than those in force (`wordings`, by proof) says nothing of them."""
        of_proofs = [fact for wording, fact in self.on_proofs if wordings.get(fact.proof) == wording]
        rows: dict[str, Kind] = {
            fact.id: Proof if fact.status is facts.FactStatus.SUBMITTED else Verification
            for fact in of_proofs
        }
        rows |= dict.fromkeys([certificate.id for certificate in self.certificates], Certificate)
        return KnownFacts((*of_proofs, *self.certificates), rows)


def facts_of(
    session: Session,
    core_id: UUID,
    wordings: Mapping[str, str],
    day: date | None = None,
    softwares: Collection[UUID] | None = None,
) -> KnownFacts:
    """What `read_facts` reads, as far as it was found on the words in force (`wordings`, by proof)."""
    return read_facts(session, core_id, day, softwares).worded(wordings)


def read_facts(
    session: Session,
    core_id: UUID,
    day: date | None = None,
    softwares: Collection[UUID] | None = None,
    proofs: Collection[str] | None = None,
) -> CoreFacts:
    """The facts of the softwares of the core, or of those that are given: who was of it then.

    Where `proofs` are named, no finding on another one is read; certificates all are. Certificates are checked against
    the lists in force, and dossiers stand as they do, or as they did at the end of a `day`.
    """
    product = str(core_id)
    values: dict[str, Any] = {"core": core_id} if softwares is None else {"softwares": softwares}
    values["end"] = datetime.max.replace(tzinfo=UTC) if day is None else end_of(day)
    if proofs is not None:
        values["proofs"] = sorted(proofs)
    statement = _facts_statement(by_softwares=softwares is not None, by_proofs=proofs is not None)
    rows = session.execute(statement, values).all()
    certified = any(row.status == _CERTIFICATES for row in rows)
    of_core = _is_of(Certificate, core_id, softwares)
    return CoreFacts(
        _facts_on_proofs([row for row in rows if row.id is not None], product),
        [*_certificates(session, of_core, product, day)] if certified else [],
    )


Core = UUID | sa.BindParameter[UUID]
Softwares = Collection[UUID] | sa.BindParameter[Any]


def _is_of(kind: Kind, core: Core, softwares: Softwares | None) -> sa.ColumnElement[bool]:
    """The condition that a fact is of the core, or of these softwares where they are given."""
    if softwares is None:
        return kind.core_id == core
    cores = sa.select(Software.core_id).where(Software.id.in_(softwares))
    return sa.and_(kind.core_id.in_(cores), kind.software_id.in_(softwares))


def _on(code: sa.ColumnElement[str] | Any, proofs: sa.BindParameter[Any] | None) -> sa.ColumnElement[bool]:
    """The condition that a fact is on one of the named proofs, where they are named."""
    return sa.true() if proofs is None else code == sa.any_(proofs)


_CERTIFICATES = "certificates"


@cache
def _facts_statement(*, by_softwares: bool, by_proofs: bool) -> sa.CompoundSelect[*tuple[Any, ...]]:
    """The statement that reads the findings on proofs, and the proofs that wait for one.

    It is written once, past the mapper, as text where the engine takes text: one software has hundreds of these.
    """
    core = sa.bindparam("core", type_=sa.Uuid())
    softwares = sa.bindparam("softwares", expanding=True, type_=sa.Uuid()) if by_softwares else None
    proofs = sa.bindparam("proofs", type_=sa.ARRAY(sa.Text())) if by_proofs else None
    standings = _standings(core, softwares).subquery("standings")
    columns = Verification.__table__.c
    findings = (
        sa.select(
            sa.cast(columns.id, sa.Text).label("id"),
            columns.proof_code.label("proof"),
            columns.wording.label("wording"),
            columns.solution.label("solution"),
            sa.type_coerce(columns.finding, sa.Text).label("status"),
            columns.mode.label("mode"),
            columns.found_on.label("day"),
            sa.cast(columns.composition, sa.Text).label("composition"),
            columns.revoked_on.label("revoked_on"),
            sa.func.coalesce(standings.c.standing, facts.Standing.OPEN.value).label("standing"),
        )
        .outerjoin(standings, standings.c.candidature_id == columns.candidature_id)
        .where(
            columns.finding != Finding.COMPLEMENT,
            _is_of(Verification, core, softwares),
            _on(columns.proof_code, proofs),
        )
    )
    submitted = (
        sa.select(
            sa.cast(Proof.id, sa.Text).label("id"),
            ExpectedProof.code.label("proof"),
            ExpectedProof.wording.label("wording"),
            Solution.commercial_name.label("solution"),
            sa.literal(facts.FactStatus.SUBMITTED.value).label("status"),
            sa.literal("async").label("mode"),
            Proof.submitted_on.label("day"),
            sa.cast(Configuration.composition, sa.Text).label("composition"),
            sa.null().label("revoked_on"),
            sa.literal(facts.Standing.OPEN.value).label("standing"),
        )
        .join(Proof.expected_proof)
        .join(Proof.configuration)
        .join(Configuration.solution)
        .where(
            Proof.state == ProofState.SUBMITTED,
            Proof.submitted_on.is_not(None),
            _is_of(Proof, core, softwares),
            _on(ExpectedProof.code, proofs),
        )
    )
    return sa.union_all(findings, submitted, _of_certificates(_is_of(Certificate, core, softwares)))


def _of_certificates(condition: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    """A row that says that there are certificates: where none comes, their own statement need not be sent."""
    empty = [sa.null().label(name) for name in ("id", "proof", "wording", "solution")]
    others = ("mode", "day", "composition", "revoked_on", "standing")
    status = sa.literal(_CERTIFICATES).label("status")
    return sa.select(*empty, status, *(sa.null().label(name) for name in others)).where(
        sa.exists().where(condition)
    )


def _standings(core: Core, softwares: Softwares | None) -> sa.Select[*tuple[Any, ...]]:
    """The standing, before the moment `end`, of each dossier of these cores that is not open."""
    row = DossierStanding.__table__.c
    cores = sa.select(Software.core_id).where(Software.id.in_(softwares)) if softwares is not None else [core]
    return (
        sa.select(row.candidature_id, sa.type_coerce(row.standing, sa.Text).label("standing"))
        .where(row.core_id.in_(cores), row.began_at < sa.bindparam("end", type_=sa.DateTime(timezone=True)))
        .ext(distinct_on(row.candidature_id))
        .order_by(row.candidature_id, row.began_at.desc(), row.id.desc())
    )


def standings_on(session: Session, dossiers: Collection[UUID], day: date) -> dict[UUID, facts.Standing]:
    """The standing of each of these dossiers at the end of a day; those that were open are left out."""
    rows = session.execute(
        sa.select(DossierStanding.candidature_id, DossierStanding.standing)
        .where(any_of(DossierStanding.candidature_id, dossiers), DossierStanding.began_at < end_of(day))
        .order_by(DossierStanding.began_at, DossierStanding.id)
    )
    return {row.candidature_id: row.standing for row in rows}


def _facts_on_proofs(
    rows: Sequence[sa.Row[*tuple[Any, ...]]], product: str
) -> list[tuple[str, facts.Verification]]:
    """Each fact after the digest of the words that it was found on."""
    compositions: dict[str, Mapping[str, str]] = {}  # a few, each of many facts
    verifications = []
    for row in rows:
        composition = compositions.get(row.composition)
        if composition is None:
            composition = compositions[row.composition] = json.loads(row.composition)
        verification = facts.Verification(
            id=row.id,
            proof=row.proof,
            product=product,
            solution=row.solution,
            status=_STATUS[row.status],
            mode=row.mode,
            day=row.day,
            composition=composition,
            revoked_on=row.revoked_on,
            standing=_STANDING[row.standing],
        )
        verifications.append((row.wording, verification))
    return verifications


_STATUS = {status.value: status for status in facts.FactStatus}
_STANDING = {standing.value: standing for standing in facts.Standing}


def _certificates(
    session: Session, condition: sa.ColumnElement[bool], product: str, day: date | None
) -> Iterator[facts.Certificate]:
    for entry in certificates.checked(session, condition, None if day is None else end_of(day)):
        certificate = entry.certificate
        own = certificate.holder in {entry.software.nil, str(certificate.software_id)}
        yield facts.Certificate(
            id=str(certificate.id),
            kind=certificate.kind,
            holder=product if own else certificate.holder,
            day=certificate.valid_from,
            valid_until=certificate.valid_until,
            revoked_on=certificate.revoked_on,
            doubt=_doubt(entry.check),
        )


def _doubt(check: Check) -> facts.Doubt | None:
    if check.standing in CONTRADICTED:
        return facts.Doubt(check.standing)
    return facts.Doubt.UNCONFIRMED if check.in_doubt else None
