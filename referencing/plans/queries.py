"""Reading what a plan is made of: open dossiers with their items, and what planned ones name."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from referencing.accounts.visible_queries import readable, readable_software
from referencing.base.db import any_of
from referencing.base.permissions import Actor
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import OPEN, ItemState, Track
from referencing.catalogue.models import Dsr, DsrVersion, ExpectedProof
from referencing.solutions.models import Configuration, Software, Solution


def open_dossiers(
    session: Session, actor: Actor, named: Collection[UUID] | None, limit: int
) -> Sequence[Candidature]:
    """The open dossiers that the actor may read, in the order of drafting; of those `named` alone, if any are."""
    select = sa.select(Candidature).where(
        readable(session, actor, Candidature), Candidature.state.in_(sorted(OPEN))
    )
    if named is not None:
        select = select.where(any_of(Candidature.id, named))
    whole = (
        joinedload(Candidature.version).joinedload(DsrVersion.dsr),
        joinedload(Candidature.configuration)
        .joinedload(Configuration.solution)
        .joinedload(Solution.software),
    )
    return session.scalars(select.options(*whole).order_by(Candidature.id).limit(limit)).all()


ItemRow = sa.Row[UUID, str, ItemState, Track, bool]


def item_rows(session: Session, candidatures: Collection[UUID]) -> Sequence[ItemRow]:
    """The items of dossiers, those of each in order: its id, code, state, track, and whether it is claimed away."""
    return session.execute(
        sa.select(
            Item.candidature_id,
            ExpectedProof.code,
            Item.state,
            Item.track,
            Item.reason.is_not(None).label("claimed"),
        )
        .join(Item.expected_proof)
        .where(any_of(Item.candidature_id, candidatures))
        .order_by(Item.candidature_id, Item.position)
    ).all()


def solutions(session: Session, actor: Actor, named: Collection[UUID]) -> Mapping[UUID, Solution]:
    """The solutions that the actor may know of, among those named, with their softwares."""
    select = (
        sa.select(Solution)
        .join(Solution.software)
        .where(any_of(Solution.id, named), readable_software(session, actor, Software))
        .options(contains_eager(Solution.software))
    )
    return {solution.id: solution for solution in session.scalars(select)}


def versions(session: Session, codes: Collection[str], latest: Collection[UUID]) -> Mapping[str, DsrVersion]:
    """The version, of the `latest` ones, of each DSR named that has one."""
    select = (
        sa.select(DsrVersion)
        .join(DsrVersion.dsr)
        .where(Dsr.code.in_(codes), any_of(DsrVersion.id, latest))
        .options(contains_eager(DsrVersion.dsr))
    )
    return {version.dsr.code: version for version in session.scalars(select)}


def shown_live(session: Session, version_ids: Collection[UUID]) -> frozenset[tuple[UUID, str]]:
    """The version and code of the expected proofs that a live session can show."""
    select = sa.select(ExpectedProof.version_id, ExpectedProof.code)
    rows = session.execute(select.where(any_of(ExpectedProof.version_id, version_ids), ExpectedProof.duo))
    return frozenset((row.version_id, row.code) for row in rows)
