"""What is known of the organisations, softwares and lists that a file of past referencings names."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from referencing.accounts.models import Organisation
from referencing.base.db import any_of
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import State
from referencing.catalogue.imports.text import fold
from referencing.catalogue.models import Dsr, DsrVersion, ExpectedProof, Requirement
from referencing.solutions.models import Configuration, Software, Solution

#: A solution that was referenced here, whatever became of it.
REFERENCED = (State.REFERENCED, State.SUSPENDED, State.DELISTED)


@dataclass(frozen=True, slots=True)
class ListedProof:
    """An expected proof of a version, with the profile that asks for it."""

    code: str
    number: str
    profile: str


def organisations(session: Session) -> Mapping[str, Organisation]:
    """The organisations by their names, without case and accents."""
    return {fold(one.name): one for one in session.scalars(sa.select(Organisation).order_by(Organisation.id))}


def softwares_by_nil(session: Session, nils: Collection[str]) -> Mapping[str, Sequence[Software]]:
    """The softwares of these NILs, of whatever organisation."""
    by_nil: dict[str, list[Software]] = defaultdict(list)
    known = sa.select(Software).where(any_of(Software.nil, nils)).order_by(Software.id)
    for software in session.scalars(known):
        by_nil[software.nil].append(software)
    return by_nil


def dsrs(session: Session) -> Mapping[str, Dsr]:
    """The DSRs with their versions, by their codes without case."""
    every = sa.select(Dsr).options(selectinload(Dsr.versions)).order_by(Dsr.id)
    return {fold(one.code): one for one in session.scalars(every)}


def listed_proofs(session: Session, versions: Collection[UUID]) -> Mapping[UUID, Sequence[ListedProof]]:
    """The expected proofs of these versions, in their order."""
    by_version: dict[UUID, list[ListedProof]] = defaultdict(list)
    rows = session.execute(
        sa.select(ExpectedProof.version_id, ExpectedProof.code, ExpectedProof.number, Requirement.profile)
        .join(ExpectedProof.requirement)
        .where(any_of(ExpectedProof.version_id, versions))
        .order_by(Requirement.position, ExpectedProof.position)
    )
    for row in rows:
        by_version[row.version_id].append(ListedProof(row.code, row.number, row.profile))
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
