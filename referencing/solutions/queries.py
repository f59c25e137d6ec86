"""Reading softwares and solutions: an organisation reads its own."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from referencing.accounts.visible_queries import (
    IN_CONFLICT_WITH_ONE,
    has_conflict,
    readable_software,
    refusal,
)
from referencing.base.db import after, any_of
from referencing.base.errors import Forbidden
from referencing.base.permissions import Actor, Right, authorise

from .models import NilJudgement, Software, Solution
from .nils import look

NO_SOFTWARE = "Ce logiciel n'existe pas : vérifiez son identifiant."
NO_SOLUTION = "Cette solution n'existe pas : vérifiez son identifiant."


def refuse_to_judge(session: Session, actor: Actor, *softwares: UUID | None) -> None:
    """Raises Forbidden for who has a conflict of interest with whose one of these is, be it that they may read it."""
    if not actor.of_agency:
        return
    concerned = sa.select(sa.true()).where(
        Software.id.in_(softwares), has_conflict(actor, Software.organisation_id)
    )
    if session.scalar(concerned.limit(1)):
        raise Forbidden(IN_CONFLICT_WITH_ONE)


def software(session: Session, actor: Actor, software_id: UUID, *, lock: bool = False) -> Software:
    """A software that the actor may know of; `lock` locks its technical core. Raises NotFound."""
    visible = (Software.id == software_id, readable_software(session, actor, Software))
    if lock:  # nobody waits for what they may not know of
        lock_core_of(session, sa.select(Software.core_id).where(*visible))
    visible_software = session.scalar(
        sa.select(Software)
        .where(*visible)
        .options(selectinload(Software.solutions))
        .execution_options(populate_existing=lock)
    )
    if visible_software is None:
        owner = sa.select(Software.organisation_id).where(Software.id == software_id)
        raise refusal(session, actor, NO_SOFTWARE, owner)
    return visible_software


def softwares(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Software]:
    authorise(actor, Right.READ_SOLUTIONS)
    visible = sa.select(Software).where(readable_software(session, actor, Software))
    select = visible.options(selectinload(Software.solutions), selectinload(Software.nil_judgements))
    return session.scalars(after(select, [Software.id], cursor).limit(limit)).all()


def of_nil(organisation_id: UUID | None, nil: str) -> sa.Select[Software]:
    """The software of an organisation that has this NIL, or another that one takes for it."""
    return sa.select(Software).where(
        Software.organisation_id == organisation_id, Software.nil_look == look(nil)
    )


def nil_belongs(
    software: type[Software] = Software, before: sa.ColumnElement[datetime] | None = None
) -> sa.ScalarSelect[bool]:
    """The agency's last word on the NIL of a selected software, of those `before` a moment if need be; or null."""
    told = sa.true() if before is None else NilJudgement.judged_at < before
    return (
        sa.select(NilJudgement.belongs)
        .where(NilJudgement.software_id == software.id, NilJudgement.nil == software.nil, told)
        .order_by(NilJudgement.id.desc())
        .limit(1)
        .correlate(software)
        .scalar_subquery()
    )


def solutions(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Solution]:
    """The solutions that the actor may know of, with their softwares."""
    authorise(actor, Right.READ_SOLUTIONS)
    visible = sa.select(Solution).join(Solution.software).where(readable_software(session, actor, Software))
    select = visible.options(contains_eager(Solution.software))
    return session.scalars(after(select, [Solution.id], cursor).limit(limit)).all()


def solution(session: Session, actor: Actor, solution_id: UUID) -> Solution:
    """A solution with its software, whose technical core stays locked. Raises NotFound."""
    visible = (Solution.id == solution_id, readable_software(session, actor, Software))
    lock_core_of(session, sa.select(Software.core_id).join(Software.solutions).where(*visible))
    visible_solution = session.scalar(
        sa.select(Solution)
        .join(Solution.software)
        .where(*visible)
        .options(contains_eager(Solution.software))
        .execution_options(populate_existing=True)
    )
    if visible_solution is None:
        software_id = sa.select(Solution.software_id).where(Solution.id == solution_id).scalar_subquery()
        owner = sa.select(Software.organisation_id).where(Software.id == software_id)
        raise refusal(session, actor, NO_SOLUTION, owner)
    return visible_solution


def lock_core(session: Session, core_id: UUID) -> None:
    """Facts of one technical core, and what stands on them, change one after the other.

    The core has the name of one of its softwares: who holds that row holds the core.
    """
    session.execute(sa.select(Software.id).where(Software.id == core_id).with_for_update())


def lock_cores(session: Session, core_ids: Collection[UUID]) -> None:
    """Hold several technical cores, taken in the order of their ids."""
    named = sa.select(Software.id).where(any_of(Software.id, core_ids))
    session.execute(named.order_by(Software.id).with_for_update())


def lock_core_of(session: Session, core: sa.Select[UUID]) -> UUID | None:
    """Lock the core that `core` selects, and answer which one: another, if it was joined or parted meanwhile."""
    selected = (
        sa.select(Software.id).where(Software.id == core.correlate(None).scalar_subquery()).with_for_update()
    )
    locked_id = session.scalar(selected)
    while locked_id is not None and session.scalar(core) != locked_id:
        locked_id = session.scalar(selected)
    return locked_id
