"""Reading softwares and solutions, each organisation its own."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from referencing.accounts.permissions import Actor, Right, authorise, reveal
from referencing.accounts.queries import may_enter_software
from referencing.db import after
from referencing.errors import NotFound

from .models import Software, Solution

NO_SOFTWARE = "Ce logiciel n'existe pas : vérifiez son identifiant."
NO_SOLUTION = "Cette solution n'existe pas : vérifiez son identifiant."


def software(session: Session, actor: Actor, software_id: UUID, *, lock: bool = False) -> Software:
    """Raises NotFound for another organisation's as for none."""
    select = sa.select(Software).where(Software.id == software_id).options(selectinload(Software.solutions))
    found = session.scalar(select.with_for_update() if lock else select)
    if found is None:
        raise NotFound(NO_SOFTWARE)
    permitted = may_enter_software(session, actor, software_id)
    reveal(actor, found.organisation_id, NO_SOFTWARE, permitted=permitted)
    return found


def softwares(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Software]:
    authorise(actor, Right.READ_SOLUTIONS)
    select = sa.select(Software).options(selectinload(Software.solutions))
    if actor.own_organisation:
        select = select.where(Software.organisation_id == actor.own_organisation)
    return session.scalars(after(select, [Software.id], cursor).limit(limit)).all()


def solution(session: Session, actor: Actor, solution_id: UUID) -> Solution:
    """With its software, which stays locked: facts of one software change one after the other."""
    found = session.scalar(
        sa.select(Solution)
        .join(Solution.software)
        .options(contains_eager(Solution.software))
        .where(Solution.id == solution_id)
        .with_for_update(of=Software)
    )
    if found is None:
        raise NotFound(NO_SOLUTION)
    reveal(actor, found.software.organisation_id, NO_SOLUTION)
    return found


def lock_core(session: Session, core_id: UUID) -> None:
    """Facts of one technical core, and what stands on them, change one after the other."""
    session.scalars(
        sa.select(Software.id).where(Software.core_id == core_id).order_by(Software.id).with_for_update()
    ).all()
