"""Other rules in force: the open dossiers that they may answer otherwise are resolved again in jobs, the others are
said to be resolved by them, in one statement however many they are.
"""

from collections.abc import Collection, Iterator, Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.base.db import any_of, today
from referencing.base.jobs import enqueue
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import OPEN
from referencing.catalogue.models import DsrVersion
from referencing.equivalence.rulebooks import queries as rulebooks

from .resolution import basis_of

_IS_OPEN = Candidature.state.in_(sorted(OPEN))


def follow_rules(session: Session) -> None:
    """Have the open dossiers follow the rules that are in force now: one job for each core that has to be looked at."""
    rulebook_id = rulebooks.id_in_force(session)
    before = session.scalars(sa.select(Candidature.rulebook_id).where(_IS_OPEN).distinct()).all()
    unconcerned = dict(_unconcerned(session, before, rulebook_id))
    if unconcerned:
        _move(session, unconcerned, rulebook_id)
    followed = any_of(Candidature.resolved_on, unconcerned.values())
    cores = sa.select(Candidature.core_id).where(_IS_OPEN, followed.is_not(True)).distinct()
    for core_id in session.scalars(cores):
        enqueue(session, "follow_rules_in_core", core_id=str(core_id))


def _unconcerned(
    session: Session, before: Collection[UUID | None], rulebook_id: UUID | None
) -> Iterator[tuple[str, str]]:
    """The bases on which no answer to a dossier changes by these rules, each with the basis that it has by them."""
    day = today(session)
    latest = rulebooks.latest_on(session, day)
    pinned = sa.select(Candidature.version_id).where(_IS_OPEN)
    versions = sa.select(DsrVersion).where(DsrVersion.id.in_(pinned)).options(joinedload(DsrVersion.dsr))
    for version in session.scalars(versions):
        lists = rulebooks.lists_with(version, latest)
        rules = rulebooks.rules_of_lists(session, lists, rulebook_id, day)
        asked = {goal.code for _, goal in rules.knowledge.goals(version.dsr.code)}
        for earlier_id in before:
            earlier = rulebooks.rules_of_lists(session, lists, earlier_id, day)
            differing = earlier.knowledge.differing(rules.knowledge)
            if differing is not None and asked.isdisjoint(differing):
                yield basis_of(day, earlier_id, lists), basis_of(day, rulebook_id, lists)


def _move(session: Session, bases: Mapping[str, str], rulebook_id: UUID | None) -> None:
    """Say of the open dossiers that were wholly resolved on a basis that they are on another one.

    Those that somebody else holds are left alone: waiting for several of them could be without end.
    """
    free = (
        sa.select(Candidature.id, Candidature.resolved_on)
        .where(_IS_OPEN, any_of(Candidature.resolved_on, bases))
        .with_for_update(skip_locked=True)
        .cte("free")
    )
    session.execute(
        sa.update(Candidature)
        .where(Candidature.id == free.c.id)
        .values(rulebook_id=rulebook_id, resolved_on=sa.case(bases, value=free.c.resolved_on))
        .execution_options(synchronize_session=False)
    )
