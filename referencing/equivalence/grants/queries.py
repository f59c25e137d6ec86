"""The facts of one technical core, with what declarations let count for it: two queries whatever its history, and one
for each component that was verified by itself.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on
from sqlalchemy.orm import Session, aliased

from referencing.base.db import any_given, end_of
from referencing.catalogue.models import ExpectedProof
from referencing.catalogue.proposals import ProofKind
from referencing.certificates import queries as certificates
from referencing.certificates.standing import CONTRADICTED, Check
from referencing.equivalence.engine import facts
from referencing.equivalence.engine.facts import AlikeVersions as Declared
from referencing.equivalence.engine.facts import Embedding as Embedded
from referencing.equivalence.engine.facts import Target, alike, counting
from referencing.equivalence.engine.resolution import Strength
from referencing.equivalence.rulebooks.models import DossierStanding
from referencing.proofs.models import Finding, Proof, ProofState, Verification
from referencing.solutions.models import (
    AlikeVersions,
    Certificate,
    Configuration,
    Embedding,
    Software,
    Solution,
)

from .models import Grant, GrantSource, GrantState

#: Of the dossiers, a package above, whose a reuse is.
_DOSSIER = sa.table("candidature", sa.column("id"), sa.column("organisation_id"))

Kind = type[Verification] | type[Certificate] | type[Proof]


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """The facts of one technical core. The engine names them by text; what is no certificate is on a proof."""

    facts: tuple[facts.Fact, ...]
    certificates: frozenset[str]
    alike: Sequence[Declared] = ()
    embeddings: Sequence[Embedded] = ()

    def counting(self, target: Target, day: date) -> Target:
        """A target with the components that count as its own on a day, and those of which findings may serve it."""
        if not self.alike and not self.embeddings:
            return target
        return replace(
            target,
            alike=alike(target.composition, self.alike, day),
            embeddings=counting(target.composition, self.embeddings, day),
        )


class OnProofs(NamedTuple):
    """Facts of the same circumstances: the id of each, its proof, and the digest of the words that it was found on."""

    circumstances: facts.Circumstances
    ids: Sequence[str]
    proofs: Sequence[str]
    wordings: Sequence[str]


@dataclass(frozen=True, slots=True)
class CoreFacts:
    """The facts of one technical core, whatever words they were found on."""

    on_proofs: Sequence[OnProofs]
    certificates: Sequence[facts.Certificate]
    alike: Sequence[Declared]  # of versions in compositions of its softwares
    embeddings: Sequence[Embedded]  # of components in its softwares; what is found on them is `on_proofs` too

    def worded(self, wordings: Mapping[str, str]) -> KnownFacts:
        """A finding on other words than those in force (`wordings`, by proof) says nothing of them."""
        of_proofs = [
            facts.Verification(fact, proof, circumstances)
            for circumstances, ids, proofs, digests in self.on_proofs
            for fact, proof, wording in zip(ids, proofs, digests, strict=True)
            if wordings.get(proof) == wording
        ]
        certificates = frozenset(certificate.id for certificate in self.certificates)
        return KnownFacts((*of_proofs, *self.certificates), certificates, self.alike, self.embeddings)


def facts_of(
    session: Session,
    core_id: UUID,
    wordings: Mapping[str, str],
    day: date | None = None,
    softwares: Collection[UUID] | None = None,
    proofs: Collection[str] | None = None,
) -> KnownFacts:
    """What `read_facts` reads, as far as it was found on the words in force (`wordings`, by proof)."""
    return read_facts(session, core_id, day, softwares, proofs).worded(wordings)


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
    rows = _rows(session, core_id, day, softwares, proofs)
    certified = any(row.ids is None for row in rows)
    embeddings = [_embedding(row) for row in rows if row.status == _EMBEDDING]
    of_core = _is_of(Certificate, core_id, softwares)
    on_components = [
        found
        for maker in sorted({embedding.embedded for embedding in embeddings})
        for found in _found_on_component(session, maker, day, proofs)
    ]
    return CoreFacts(
        [*(_on_proofs(row, product) for row in rows if row.status in _STATUS), *on_components],
        [*_certificates(session, of_core, product, day)] if certified else [],
        [_alike_versions(row) for row in rows if row.status == _ALIKE],
        embeddings,
    )


def _found_on_component(
    session: Session, maker: str, day: date | None, proofs: Collection[str] | None
) -> list[OnProofs]:
    """What was verified in the dossiers of a component itself, by the software that it is: nothing else is let out."""
    rows = _rows(session, UUID(maker), day, [UUID(maker)], proofs)
    return [_on_proofs(row, maker) for row in rows if row.status == Finding.VERIFIED]


def _rows(
    session: Session,
    core_id: UUID,
    day: date | None,
    softwares: Collection[UUID] | None,
    proofs: Collection[str] | None,
) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    values: dict[str, Any] = {"core": core_id} if softwares is None else {"softwares": softwares}
    values["end"] = datetime.max.replace(tzinfo=UTC) if day is None else end_of(day)
    if proofs is not None:
        values["proofs"] = sorted(proofs)
    statement = _facts_statement(by_softwares=softwares is not None, by_proofs=proofs is not None)
    return session.execute(statement, values).all()


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


@cache
def _facts_statement(*, by_softwares: bool, by_proofs: bool) -> sa.CompoundSelect[*tuple[Any, ...]]:
    """The statement that reads the findings on proofs, and the proofs that wait for one, by their circumstances.

    It is written once, past the mapper, as text where the engine takes text: one software has hundreds of these. What
    never changes is no parameter: without its value the database would plan the statement anew each time.
    """
    core = sa.bindparam("core", type_=sa.Uuid())
    softwares = sa.bindparam("softwares", expanding=True, type_=sa.Uuid()) if by_softwares else None
    proofs = sa.bindparam("proofs", type_=sa.ARRAY(sa.Text())) if by_proofs else None
    end = sa.bindparam("end", type_=sa.DateTime(timezone=True))
    standings = _standings(core, softwares, end).subquery("standings")
    columns = Verification.__table__.c
    findings = (
        _by_circumstances(
            (columns.id, columns.proof_code, columns.wording),
            columns.solution,
            sa.type_coerce(columns.finding, sa.Text),
            columns.mode,
            columns.found_on,
            columns.composition,
            columns.revoked_on,
            sa.func.coalesce(standings.c.standing, _constant(facts.Standing.OPEN)),
            columns.source,
        )
        .outerjoin(standings, standings.c.candidature_id == columns.candidature_id)
        .where(
            columns.finding != _constant(Finding.COMPLEMENT),
            sa.or_(columns.source.is_(None), columns.created_at < end),  # or nobody knew of it yet
            _is_of(Verification, core, softwares),
            _on(columns.proof_code, proofs),
        )
    )
    certificates_there = _of_certificates(_is_of(Certificate, core, softwares))
    return sa.union_all(
        findings,
        _of_submitted(core, softwares, proofs),
        certificates_there,
        _of_alike_versions(core, softwares),
        _of_embeddings(core, softwares),
    )


def _constant(text: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{text}'", sa.Text)


#: Stands between the facts in a column: an array of them takes twice the time of their text.
_SEPARATOR = "\x1f"
_BETWEEN = sa.literal_column(r"E'\x1f'", sa.Text)
#: The columns of the statement: a fact for each id, on its proof by its wording; then the circumstances of all of them.
_FACTS = ("ids", "proofs", "wordings")
_CIRCUMSTANCES = ("solution", "status", "mode", "day", "composition", "revoked_on", "standing", "source")


def _by_circumstances(
    of_fact: Sequence[sa.SQLColumnExpression[Any]], *circumstances: sa.SQLColumnExpression[Any]
) -> sa.Select[*tuple[Any, ...]]:
    """A row for all the facts of the same circumstances."""
    grouped = [
        sa.cast(column, sa.Text).label(name) if name == "composition" else column.label(name)
        for name, column in zip(_CIRCUMSTANCES, circumstances, strict=True)
    ]
    texts = [
        sa.func.string_agg(sa.cast(column, sa.Text), _BETWEEN).label(name)
        for name, column in zip(_FACTS, of_fact, strict=True)
    ]
    places = [
        sa.text(str(len(texts) + rank)) for rank, _ in enumerate(grouped, 1)
    ]  # constants have no other name
    return sa.select(*texts, *grouped).group_by(*places)


def _of_submitted(
    core: Core, softwares: Softwares | None, proofs: sa.BindParameter[Any] | None
) -> sa.Select[*tuple[Any, ...]]:
    """The proofs that wait for a finding."""
    return (
        _by_circumstances(
            (Proof.id, ExpectedProof.code, ExpectedProof.wording),
            Solution.commercial_name,
            _constant(facts.FactStatus.SUBMITTED),
            _constant("async"),
            Proof.submitted_on,
            Configuration.composition,
            sa.cast(sa.null(), sa.Date),
            _constant(facts.Standing.OPEN),
            sa.cast(sa.null(), sa.Text),
        )
        .join(Proof.expected_proof)
        .join(Proof.configuration)
        .join(Configuration.solution)
        .where(
            Proof.state == _constant(ProofState.SUBMITTED),
            Proof.submitted_on.is_not(None),
            _is_of(Proof, core, softwares),
            _on(ExpectedProof.code, proofs),
        )
    )


def _of_certificates(condition: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    """A row that says that there are certificates: where none comes, their own statement need not be sent."""
    empty = [sa.null().label(name) for name in (*_FACTS, *_CIRCUMSTANCES)]
    return sa.select(*empty).where(sa.exists().where(condition))


#: The status of a row that tells of alike versions: its day and its end; the role stands for the solution.
_ALIKE = "alike"


def _of_alike_versions(core: Core, softwares: Softwares | None) -> sa.Select[*tuple[Any, ...]]:
    """A row for each declaration of versions of which a composition of these softwares has one."""
    declared = AlikeVersions.__table__.c
    of_core = Software.core_id == core if softwares is None else Software.id.in_(softwares)
    composed = (
        sa.exists()
        .where(Configuration.solution_id == Solution.id, Solution.software_id == Software.id, of_core)
        .where(Configuration.composition[declared.role].astext.in_([declared.first, declared.second]))
    )
    unsaid = sa.cast(sa.null(), sa.Text)
    both = sa.cast(sa.func.json_build_array(declared.first, declared.second), sa.Text)
    return sa.select(
        sa.cast(declared.id, sa.Text).label("ids"),
        unsaid.label("proofs"),
        unsaid.label("wordings"),
        declared.role.label("solution"),
        _constant(_ALIKE).label("status"),
        unsaid.label("mode"),
        declared.valid_from.label("day"),
        both.label("composition"),
        declared.revoked_on.label("revoked_on"),
        unsaid.label("standing"),
        unsaid.label("source"),
    ).where(composed)


#: The status of a row that tells of an embedded component: the component stands for the solution, the software that it
#: is for the proof, its roles for the composition.
_EMBEDDING = "embedding"


def _of_embeddings(core: Core, softwares: Softwares | None) -> sa.Select[*tuple[Any, ...]]:
    """A row for each component that a lead accepted these softwares to embed, of another core than theirs."""
    embedding, maker, embedder = Embedding.__table__.c, aliased(Software), aliased(Software)
    of_core = embedder.core_id == core if softwares is None else embedder.id.in_(softwares)
    unsaid = sa.cast(sa.null(), sa.Text)
    return (
        sa.select(
            sa.cast(embedding.id, sa.Text).label("ids"),
            sa.cast(maker.id, sa.Text).label("proofs"),
            unsaid.label("wordings"),
            embedding.component.label("solution"),
            _constant(_EMBEDDING).label("status"),
            unsaid.label("mode"),
            embedding.valid_from.label("day"),
            sa.cast(sa.func.to_json(maker.fills), sa.Text).label("composition"),
            embedding.revoked_on.label("revoked_on"),
            unsaid.label("standing"),
            unsaid.label("source"),
        )
        .join(embedder, embedder.id == embedding.software_id)
        .join(maker, maker.id == embedding.maker_id)
        .where(of_core, maker.core_id != embedder.core_id)
    )


def _embedding(row: sa.Row[*tuple[Any, ...]]) -> Embedded:
    roles = frozenset(json.loads(row.composition))
    return Embedded(row.ids, row.proofs, row.solution, roles, row.day, row.revoked_on)


def _alike_versions(row: sa.Row[*tuple[Any, ...]]) -> Declared:
    first, second = json.loads(row.composition)
    return Declared(row.ids, row.solution, (first, second), row.day, row.revoked_on)


def _standings(
    core: Core, softwares: Softwares | None, end: sa.BindParameter[datetime]
) -> sa.Select[*tuple[Any, ...]]:
    """The standing, before the moment `end`, of each dossier of these cores that is not open."""
    row = DossierStanding.__table__.c
    cores = sa.select(Software.core_id).where(Software.id.in_(softwares)) if softwares is not None else [core]
    return (
        sa.select(row.candidature_id, sa.type_coerce(row.standing, sa.Text).label("standing"))
        .where(row.core_id.in_(cores), row.began_at < end)
        .ext(distinct_on(row.candidature_id))
        .order_by(row.candidature_id, row.began_at.desc(), row.id.desc())
    )


@dataclass(frozen=True, slots=True)
class Reuse:
    """A grant with the facts that it stands on; `of_others` are those that are not of its dossier's organisation."""

    id: UUID
    state: GrantState
    strength: Strength
    cases: Sequence[str]
    confirm: Sequence[str]
    derivation: dict[str, Any]
    verifications: Sequence[UUID]
    certificates: Sequence[UUID]
    of_others: Sequence[UUID]


def reuses(session: Session, grants: Sequence[UUID]) -> dict[UUID, Reuse]:
    """What each of these grants is and stands on, by its id; one query, none about no grants."""
    if not grants:
        return {}
    rows = session.execute(_reuses(), {"grants": grants})
    return {row.id: Reuse(**row._asdict()) for row in rows}


@cache
def _reuses() -> sa.Select[*tuple[Any, ...]]:
    software_id = sa.func.coalesce(Verification.software_id, Certificate.software_id)
    # Not a join: with one, all softwares are read where they are many.
    owner_id = sa.select(Software.organisation_id).where(Software.id == software_id).scalar_subquery()
    fact_id = sa.func.coalesce(GrantSource.verification_id, GrantSource.certificate_id)

    def gathered(id_: Any) -> sa.ColumnElement[Any]:
        return sa.func.array_remove(sa.func.array_agg(aggregate_order_by(id_, GrantSource.id)), None)

    return (
        sa.select(
            *(Grant.id, Grant.state, Grant.strength, Grant.cases, Grant.confirm, Grant.derivation),
            gathered(GrantSource.verification_id).label("verifications"),
            gathered(GrantSource.certificate_id).label("certificates"),
            gathered(sa.case((owner_id != _DOSSIER.c.organisation_id, fact_id))).label("of_others"),
        )
        .join(_DOSSIER, _DOSSIER.c.id == Grant.candidature_id)
        .outerjoin(Grant.sources)
        .outerjoin(Verification, Verification.id == GrantSource.verification_id)
        .outerjoin(Certificate, Certificate.id == GrantSource.certificate_id)
        .where(any_given(Grant.id, "grants"))
        .group_by(Grant.id, _DOSSIER.c.organisation_id)
    )


def stands_on_undated_test(session: Session, grant_id: UUID) -> bool:
    """Whether a grant stands on an intrusion test of which nobody gave the day."""
    undated = (
        sa.exists()
        .where(GrantSource.grant_id == grant_id, GrantSource.verification_id == Verification.id)
        .where(Verification.proof_id == Proof.id, Proof.performed_on.is_(None))
        .where(Proof.expected_proof_id == ExpectedProof.id, ExpectedProof.kind == ProofKind.PENTEST)
    )
    return bool(session.scalar(sa.select(undated)))


def _on_proofs(row: sa.Row[*tuple[Any, ...]], product: str) -> OnProofs:
    circumstances = facts.Circumstances(
        product=product,
        solution=row.solution,
        status=_STATUS[row.status],
        mode=row.mode,
        day=row.day,
        composition=json.loads(row.composition),
        revoked_on=row.revoked_on,
        standing=_STANDING[row.standing],
        source=row.source,
    )
    return OnProofs(
        circumstances, *(column.split(_SEPARATOR) for column in (row.ids, row.proofs, row.wordings))
    )


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
    if not check.holder_shown:
        return facts.Doubt.HOLDER_UNPROVEN
    if check.standing in CONTRADICTED:
        return facts.Doubt(check.standing)
    return facts.Doubt.UNCONFIRMED if check.in_doubt else None
