"""What a file of past referencings names, as it is known here; takeovers, their referencings, and what they cover."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from referencing.accounts.models import Organisation
from referencing.accounts.visible_queries import readable_id
from referencing.base.db import after, any_of, before
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import State
from referencing.catalogue.imports.text import fold
from referencing.catalogue.models import Dsr, DsrVersion, ExpectedProof, Requirement
from referencing.catalogue.proposals import ProofKind
from referencing.solutions.models import Configuration, Software, Solution
from referencing.solutions.nils import look

from .models import PastReferencing, PastState, Takeover, TakeoverCoverage, TakeoverProblem
from .states import TakeoverState

NO_TAKEOVER = "Cette reprise n'existe pas : vérifiez son identifiant."

#: A solution that was referenced here, whatever became of it.
REFERENCED = (State.REFERENCED, State.SUSPENDED, State.DELISTED)


@dataclass(frozen=True, slots=True)
class ListedProof:
    """An expected proof of a version, with its kind and the profile that asks for it."""

    code: str
    number: str
    kind: ProofKind
    profile: str


def organisations(session: Session) -> Mapping[str, Organisation]:
    """The organisations by their names, without case and accents."""
    return {fold(one.name): one for one in session.scalars(sa.select(Organisation).order_by(Organisation.id))}


def softwares_by_nil(session: Session, nils: Collection[str]) -> Mapping[str, Sequence[Software]]:
    """The softwares that look as if they had these NILs, by that look, of whatever organisation."""
    by_nil: dict[str, list[Software]] = defaultdict(list)
    known = sa.select(Software).where(any_of(Software.nil_look, {look(nil) for nil in nils}))
    for software in session.scalars(known.order_by(Software.id)):
        by_nil[software.nil_look].append(software)
    return by_nil


def dsrs(session: Session) -> Mapping[str, Dsr]:
    """The DSRs with their versions, by their codes without case."""
    every = sa.select(Dsr).options(selectinload(Dsr.versions)).order_by(Dsr.id)
    return {fold(one.code): one for one in session.scalars(every)}


def listed_proofs(session: Session, versions: Collection[UUID]) -> Mapping[UUID, Sequence[ListedProof]]:
    """The expected proofs of these versions, in their order."""
    by_version: dict[UUID, list[ListedProof]] = defaultdict(list)
    rows = session.execute(
        sa.select(
            ExpectedProof.version_id,
            ExpectedProof.code,
            ExpectedProof.number,
            ExpectedProof.kind,
            Requirement.profile,
        )
        .join(ExpectedProof.requirement)
        .where(any_of(ExpectedProof.version_id, versions))
        .order_by(Requirement.position, ExpectedProof.position)
    )
    for row in rows:
        by_version[row.version_id].append(ListedProof(row.code, row.number, row.kind, row.profile))
    return by_version


def referenced(session: Session, softwares: Collection[UUID]) -> frozenset[tuple[UUID, str, UUID]]:
    """What these softwares were referenced for here: software, commercial name without case, version of the DSR."""
    rows = session.execute(
        sa.select(Candidature.software_id, Solution.commercial_name, Candidature.version_id)
        .join(Candidature.configuration)
        .join(Configuration.solution)
        .where(any_of(Candidature.software_id, softwares), Candidature.state.in_(REFERENCED))
    )
    return frozenset((row.software_id, fold(row.commercial_name), row.version_id) for row in rows)


def published(dsr: Dsr) -> Sequence[DsrVersion]:
    """The versions of a DSR that were published."""
    return [version for version in dsr.versions if version.published_at is not None]


@dataclass(frozen=True, slots=True)
class NamedProof:
    """An expected proof as a finding on it is kept."""

    id: UUID
    code: str
    wording: str


def named_proofs(session: Session, version_id: UUID, codes: Collection[str]) -> list[NamedProof]:
    """The expected proofs of a version that have these codes, in its order."""
    rows = session.execute(
        sa.select(ExpectedProof.id, ExpectedProof.code, ExpectedProof.wording)
        .join(ExpectedProof.requirement)
        .where(ExpectedProof.version_id == version_id, any_of(ExpectedProof.code, codes))
        .order_by(Requirement.position, ExpectedProof.position)
    )
    return [NamedProof(row.id, row.code, row.wording) for row in rows]


_WITH_PEOPLE = (joinedload(Takeover.taker), joinedload(Takeover.undoer))


def takeover(session: Session, actor: Actor, takeover_id: UUID) -> Takeover:
    """Raises NotFound."""
    authorise(actor, Right.TAKE_OVER)
    existing = session.get(Takeover, takeover_id, options=_WITH_PEOPLE)
    if existing is None:
        raise NotFound(NO_TAKEOVER)
    return existing


def takeovers(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Takeover]:
    """What was taken over, the latest first."""
    authorise(actor, Right.TAKE_OVER)
    return latest(session, cursor, limit)


def latest(session: Session, cursor: Sequence[Any] | None, limit: int) -> Sequence[Takeover]:
    """As `takeovers`, for who administers the machine."""
    select = sa.select(Takeover).options(*_WITH_PEOPLE)
    return session.scalars(before(select, Takeover.id, cursor).limit(limit)).all()


def held(session: Session, takeover_id: UUID) -> Takeover:
    """A takeover that nobody else changes until the transaction ends. Raises NotFound."""
    locked = session.scalar(
        sa.select(Takeover)
        .where(Takeover.id == takeover_id)
        .with_for_update(of=Takeover)
        .execution_options(populate_existing=True)
    )
    if locked is None:
        raise NotFound(NO_TAKEOVER)
    return locked


def of_content(session: Session, sha256: str) -> Takeover | None:
    """The takeover of this very file, unless it was taken back."""
    return session.scalar(
        sa.select(Takeover)
        .where(Takeover.sha256 == sha256, Takeover.state != TakeoverState.TAKEN_BACK)
        .options(*_WITH_PEOPLE)
    )


def next_in(session: Session, takeover_id: UUID, state: PastState) -> PastReferencing | None:
    """The first referencing of a takeover that stands so."""
    return session.scalar(
        sa.select(PastReferencing)
        .where(PastReferencing.takeover_id == takeover_id, PastReferencing.state == state)
        .order_by(PastReferencing.number)
        .limit(1)
    )


def forget_findings(session: Session, takeover_id: UUID) -> None:
    """Empty what was told of referencings that nobody takes over any more."""
    waiting = PastReferencing.takeover_id == takeover_id, PastReferencing.state == PastState.WAITING
    session.execute(
        sa.update(PastReferencing)
        .where(*waiting)
        .values(findings={})
        .execution_options(synchronize_session=False)
    )


def progress(session: Session, takeover_id: UUID) -> dict[str, int]:
    """How many referencings of a takeover stand how."""
    rows = session.execute(
        sa.select(PastReferencing.state, sa.func.count())
        .where(PastReferencing.takeover_id == takeover_id)
        .group_by(PastReferencing.state)
    )
    counts = {state: count for state, count in rows}  # noqa: C416 - rows, not pairs
    return {state.value: counts.get(state, 0) for state in PastState}


def problem_count(session: Session, takeover_id: UUID) -> int:
    counted = sa.select(sa.func.count()).where(TakeoverProblem.takeover_id == takeover_id)
    return session.scalars(counted.select_from(TakeoverProblem)).one()


def problems(
    session: Session, of_takeover: Takeover, cursor: Sequence[Any] | None, limit: int
) -> Sequence[TakeoverProblem]:
    """The problems of its file by row, then what was left aside since."""
    select = sa.select(TakeoverProblem).where(TakeoverProblem.takeover_id == of_takeover.id)
    return session.scalars(after(select, [TakeoverProblem.number], cursor).limit(limit)).all()


def referencings(
    session: Session, of_takeover: Takeover, cursor: Sequence[Any] | None, limit: int
) -> Sequence[PastReferencing]:
    """The referencings of a takeover, in the order of its file."""
    select = (
        sa.select(PastReferencing)
        .where(PastReferencing.takeover_id == of_takeover.id)
        .options(
            joinedload(PastReferencing.organisation),
            joinedload(PastReferencing.version).joinedload(DsrVersion.dsr),
        )
    )
    return session.scalars(after(select, [PastReferencing.number], cursor).limit(limit)).all()


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many open dossiers owe something to a takeover, and how many of their items."""

    dossiers: int
    covered: int
    to_confirm: int
    items: int


def coverage(session: Session, takeover_id: UUID) -> Coverage:
    """What open dossiers owed to a takeover when it was finished, all together."""
    counted = {
        "dossiers": sa.func.count(),
        "covered": sa.func.sum(sa.func.cardinality(TakeoverCoverage.covered)),
        "to_confirm": sa.func.sum(sa.func.cardinality(TakeoverCoverage.to_confirm)),
        "items": sa.func.sum(TakeoverCoverage.items),
    }
    row = session.execute(
        sa.select(*(sa.func.coalesce(count, 0).label(name) for name, count in counted.items()))
        .select_from(TakeoverCoverage)
        .where(TakeoverCoverage.takeover_id == takeover_id)
    ).one()
    return Coverage(**row._asdict())


def coverage_by_dossier(
    session: Session, actor: Actor, of_takeover: Takeover, cursor: Sequence[Any] | None, limit: int
) -> Sequence[TakeoverCoverage]:
    """What each open dossier owed to a takeover when it was finished, by drafting, of those that the actor may read."""
    authorise(actor, Right.READ_CANDIDATURES)
    select = (
        sa.select(TakeoverCoverage)
        .where(
            TakeoverCoverage.takeover_id == of_takeover.id,
            readable_id(session, actor, TakeoverCoverage.candidature_id),
        )
        .options(
            joinedload(TakeoverCoverage.candidature).options(
                joinedload(Candidature.organisation),
                joinedload(Candidature.version).joinedload(DsrVersion.dsr),
                joinedload(Candidature.configuration).joinedload(Configuration.solution),
            )
        )
    )
    return session.scalars(after(select, [TakeoverCoverage.candidature_id], cursor).limit(limit)).all()
