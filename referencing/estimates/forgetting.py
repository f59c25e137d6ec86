"""Estimates are forgotten after a time, but for the last one of each draft that came to its end."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from referencing.base.db import now

from .models import Estimate, EstimatedRequirement
from .states import EstimateState

#: How many are forgotten at a time: each may have hundreds of requirements.
AT_ONCE = 50


def forget_estimates(session: Session, *, simulations_kept: int) -> None:
    """Forget what ended more than `simulations_kept` days ago, oldest first; each draft keeps its last one."""
    later = aliased(Estimate)
    is_followed = sa.exists().where(
        later.version_id == Estimate.version_id,
        later.id > Estimate.id,
        later.state == EstimateState.FINISHED,
    )
    forgotten = session.scalars(
        sa.select(Estimate.id)
        .where(
            Estimate.ended_at < now(session) - timedelta(days=simulations_kept),
            sa.or_(Estimate.state != EstimateState.FINISHED, is_followed),
        )
        .order_by(Estimate.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    session.execute(sa.delete(EstimatedRequirement).where(EstimatedRequirement.estimate_id.in_(forgotten)))
    session.execute(sa.delete(Estimate).where(Estimate.id.in_(forgotten)))
