"""The facts of one software and the rules in force, in a number of queries that no history changes."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby
from threading import Lock
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, selectinload

from referencing.accounts.permissions import Actor, Right, authorise, may
from referencing.catalogue.models import Dsr, DsrVersion, ExpectedProof, Requirement
from referencing.catalogue.socle_links import Fidelity
from referencing.db import after, end_of
from referencing.errors import NotFound
from referencing.proofs.models import Finding, Proof, ProofState, Verification
from referencing.solutions.models import Certificate, Configuration, Software, Solution

from . import facts
from .engine import Knowledge
from .models import Correspondence, Rulebook
from .rulebooks import Rules

NO_RULEBOOK = "Ce référentiel de règles n'existe pas : vérifiez son identifiant."

_STATUS = {Finding.VERIFIED: facts.FactStatus.VERIFIED, Finding.REJECTED: facts.FactStatus.REJECTED}


def rulebook(session: Session, rulebook_id: UUID, *, lock: bool = False) -> Rulebook:
    """Raises NotFound."""
    select = with_rules().where(Rulebook.id == rulebook_id)
    found = session.scalar(select.with_for_update(of=Rulebook) if lock else select)
    if found is None:
        raise NotFound(NO_RULEBOOK)
    return found


def rulebooks(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Rulebook]:
    """In the order of writing; drafts are for those who edit them."""
    authorise(actor, Right.READ_RULEBOOKS)
    select = sa.select(Rulebook)
    if not may(actor, Right.EDIT_RULEBOOKS):
        select = select.where(sa.or_(Rulebook.published_at.is_not(None), Rulebook.scheduled_at.is_not(None)))
    return session.scalars(after(select, [Rulebook.id], cursor).limit(limit)).all()


def visible_rulebook(session: Session, actor: Actor, rulebook_id: UUID) -> Rulebook:
    """Raises NotFound for a draft that the actor may not edit, as for none."""
    authorise(actor, Right.READ_RULEBOOKS)
    found = rulebook(session, rulebook_id)
    if not found.frozen and not may(actor, Right.EDIT_RULEBOOKS):
        raise NotFound(NO_RULEBOOK)
    return found


def in_force(session: Session, *, lock: bool = False) -> Rulebook | None:
    select = sa.select(Rulebook).where(Rulebook.published_at.is_not(None), Rulebook.superseded_at.is_(None))
    return session.scalar(select.with_for_update() if lock else select)


def correspondence_of(row: Correspondence) -> facts.Correspondence:
    return facts.Correspondence(
        row.code, tuple(row.sources), row.target, row.relation, row.valid_from, row.valid_until
    )


def rules_of(found: Rulebook) -> Rules:
    return Rules(
        tuple(map(correspondence_of, found.correspondences)),
        tuple(facts.CertificateKind(kind.kind, tuple(kind.covers)) for kind in found.certificate_kinds),
        tuple(
            facts.Policy(
                {key: tuple(globs) for key, globs in rule.conditions.items()}, rule.reuse, rule.max_age_days
            )
            for rule in found.policies
        ),
    )


def known_requirements(session: Session) -> list[facts.Requirement]:
    """Those of the latest published version of every DSR, in two queries."""
    latest = (
        sa.select(DsrVersion.id)
        .where(DsrVersion.published_at.is_not(None))
        .ext(distinct_on(DsrVersion.dsr_id))
        .order_by(DsrVersion.dsr_id, DsrVersion.number.desc())
    )
    versions = session.scalars(latest).all()
    return [_requirement(rows, {}) for rows in _by_requirement(session, versions)]


def with_rules() -> sa.Select[Rulebook]:
    return sa.select(Rulebook).options(
        selectinload(Rulebook.correspondences),
        selectinload(Rulebook.certificate_kinds),
        selectinload(Rulebook.policies),
    )


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """What is known of one technical core. The engine knows facts by text; the rows are known by id."""

    facts: tuple[facts.Fact, ...]
    rows: Mapping[str, type[Verification] | type[Certificate] | type[Proof]]

    def verification(self, fact: str) -> UUID | None:
        return UUID(fact) if self.rows[fact] is Verification else None

    def certificate(self, fact: str) -> UUID | None:
        return UUID(fact) if self.rows[fact] is Certificate else None


def facts_of(
    session: Session,
    core_id: UUID,
    wordings: Mapping[str, str],
    softwares: Collection[UUID] | None = None,
) -> KnownFacts:
    """Three queries. A finding on other words than those in force (`wordings`, by proof) says nothing of them.

    Of the softwares of the core, or of those that are given: who was of it then.
    """
    product = str(core_id)
    found: list[facts.Fact] = []
    rows: dict[str, type[Verification] | type[Certificate] | type[Proof]] = {}
    of = partial(_of, core_id, softwares)
    for fact in _verifications(session, of, product, wordings):
        found.append(fact)
        rows[fact.id] = Verification
    for fact in _submitted(session, of, product, wordings):
        found.append(fact)
        rows[fact.id] = Proof
    for certificate in _certificates(session, of, product):
        found.append(certificate)
        rows[certificate.id] = Certificate
    return KnownFacts(tuple(found), rows)


Kept = type[Verification] | type[Certificate] | type[Proof]
Of = Callable[[Kept], sa.ColumnElement[bool]]


def _of(core_id: UUID, softwares: Collection[UUID] | None, kind: Kept) -> sa.ColumnElement[bool]:
    if softwares is None:
        return kind.core_id == core_id
    cores = sa.select(Software.core_id).where(Software.id.in_(softwares))
    return sa.and_(kind.core_id.in_(cores), kind.software_id.in_(softwares))


def _verifications(
    session: Session, of: Of, product: str, wordings: Mapping[str, str]
) -> Iterator[facts.Verification]:
    columns = (
        Verification.id,
        Verification.proof_code,
        Verification.wording,
        Verification.solution,
        Verification.finding,
        Verification.mode,
        Verification.found_on,
        Verification.composition,
        Verification.revoked_on,
    )
    select = sa.select(*columns).where(of(Verification), Verification.finding.in_(list(_STATUS)))
    for row in session.execute(select):
        if wordings.get(row.proof_code) == row.wording:
            yield facts.Verification(
                id=str(row.id),
                proof=row.proof_code,
                product=product,
                solution=row.solution,
                status=_STATUS[row.finding],
                mode=row.mode,
                day=row.found_on,
                composition=row.composition,
                revoked_on=row.revoked_on,
            )


def _submitted(
    session: Session, of: Of, product: str, wordings: Mapping[str, str]
) -> Iterator[facts.Verification]:
    select = (
        sa.select(
            Proof.id,
            Proof.submitted_on,
            ExpectedProof.code,
            ExpectedProof.wording,
            Solution.commercial_name,
            Configuration.composition,
        )
        .join(Proof.expected_proof)
        .join(Proof.configuration)
        .join(Configuration.solution)
        .where(of(Proof), Proof.state == ProofState.SUBMITTED)
    )
    for row in session.execute(select):
        if wordings.get(row.code) == row.wording:
            yield facts.Verification(
                id=str(row.id),
                proof=row.code,
                product=product,
                solution=row.commercial_name,
                status=facts.FactStatus.SUBMITTED,
                mode="async",
                day=row.submitted_on,
                composition=row.composition,
            )


def _certificates(session: Session, of: Of, product: str) -> Iterator[facts.Certificate]:
    select = (
        sa.select(Certificate, Software.nil)
        .join(Software, Software.id == Certificate.software_id)
        .where(of(Certificate))
    )
    for certificate, nil in session.execute(select):
        own = certificate.holder in {nil, str(certificate.software_id)}
        yield facts.Certificate(
            id=str(certificate.id),
            kind=certificate.kind,
            holder=product if own else certificate.holder,
            day=certificate.valid_from,
            valid_until=certificate.valid_until,
            revoked_on=certificate.revoked_on,
        )


@dataclass(frozen=True, slots=True)
class KnownRules:
    """What the engine knows on one day, and the words of each proof by their digest."""

    knowledge: Knowledge
    wordings: Mapping[str, str]


class _Kept:
    """The last few KnownRules: versions and rulebooks that are published never change, so neither do these."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.lock = Lock()
        self.kept: OrderedDict[tuple[Any, ...], KnownRules] = OrderedDict()

    def get(self, key: tuple[Any, ...]) -> KnownRules | None:
        with self.lock:
            if key in self.kept:
                self.kept.move_to_end(key)
            return self.kept.get(key)

    def keep(self, key: tuple[Any, ...], rules: KnownRules) -> None:
        with self.lock:
            self.kept[key] = rules
            while len(self.kept) > self.most:
                self.kept.popitem(last=False)


_kept = _Kept(most=16)


def rules_for(session: Session, version: DsrVersion, rulebook_id: UUID | None, day: date) -> KnownRules:
    """The pinned version with the one of every other DSR that was the latest published, under a rulebook, on a day."""
    latest = (
        sa.select(DsrVersion.id)
        .where(DsrVersion.published_at < end_of(day), DsrVersion.dsr_id != version.dsr_id)
        .ext(distinct_on(DsrVersion.dsr_id))
        .order_by(DsrVersion.dsr_id, DsrVersion.number.desc())
    )
    versions = (version.id, *sorted(session.scalars(latest)))
    key = (versions, rulebook_id, day)
    known = _kept.get(key)
    if known is None:
        known = _known_rules(session, versions, rulebook_id, day)
        _kept.keep(key, known)
    return known


def _known_rules(
    session: Session, versions: Sequence[UUID], rulebook_id: UUID | None, day: date
) -> KnownRules:
    rules = rules_of(rulebook(session, rulebook_id)) if rulebook_id else Rules((), (), ())
    wordings: dict[str, str] = {}
    requirements = [_requirement(rows, wordings) for rows in _by_requirement(session, versions)]
    knowledge = Knowledge.of(
        day, requirements, rules.correspondences, rules.certificate_kinds, rules.policies
    )
    return KnownRules(knowledge, wordings)


def _by_requirement(session: Session, versions: Sequence[UUID]) -> Iterator[list[Any]]:
    rows = session.execute(
        sa.select(
            Dsr.code.label("dsr"),
            Dsr.dispositif,
            Dsr.vague,
            Requirement.code.label("requirement"),
            Requirement.chapter,
            Requirement.profile,
            Requirement.socle,
            Requirement.socle_fidelity,
            ExpectedProof.code,
            ExpectedProof.guichet,
            ExpectedProof.kind,
            ExpectedProof.roles,
            ExpectedProof.wording,
        )
        .join(DsrVersion, DsrVersion.dsr_id == Dsr.id)
        .join(Requirement, Requirement.version_id == DsrVersion.id)
        .outerjoin(ExpectedProof, ExpectedProof.requirement_id == Requirement.id)
        .where(DsrVersion.id.in_(versions))
        .order_by(Dsr.code, Requirement.position, ExpectedProof.position)
    )
    for _, group in groupby(rows, key=lambda row: (row.dsr, row.requirement)):
        yield list(group)


def _requirement(rows: Sequence[Any], wordings: dict[str, str]) -> facts.Requirement:
    first = rows[0]
    proofs = tuple(
        facts.ExpectedProof(
            row.code,
            row.dsr,
            row.dispositif,
            row.vague,
            row.requirement,
            row.chapter,
            row.guichet.value,
            row.kind.value,
            tuple(row.roles),
        )
        for row in rows
        if row.code is not None
    )
    wordings.update((row.code, row.wording) for row in rows if row.code is not None)
    return facts.Requirement(
        first.dsr,
        first.requirement,
        first.profile,
        proofs,
        first.socle,
        identical=first.socle_fidelity is not Fidelity.OVERRIDDEN,
    )
