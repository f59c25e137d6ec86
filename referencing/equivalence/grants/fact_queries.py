"""The facts of one technical core, with what declarations let count for it: two queries whatever its history, and one
for each component that was verified by itself.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from referencing.base.db import end_of
from referencing.catalogue.models import ExpectedProof
from referencing.certificates import queries as certificates
from referencing.certificates.standing import CONTRADICTED, Check
from referencing.equivalence.engine import facts
from referencing.equivalence.engine.facts import AlikeVersions as Declared
from referencing.equivalence.engine.facts import Embedding as Embedded
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

from .known import CoreFacts, KnownFacts, OnProofs

Kind = type[Verification] | type[Certificate] | type[Proof]


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
