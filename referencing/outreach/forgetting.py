"""What a survey found is forgotten after a time; the letters written from it keep their words."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import now

from .models import Campaign, Survey, SurveyLine
from .states import SurveyState

#: How many are forgotten at a time: each may have thousands of lines.
AT_ONCE = 20


def forget_surveys(session: Session, *, simulations_kept: int) -> None:
    """Forget what ended more than `simulations_kept` days ago, but for the last that came to its end.

    A survey from which a letter was written stays, without its lines.
    """
    last = (
        sa.select(Survey.id).where(Survey.state == SurveyState.FINISHED).order_by(Survey.id.desc()).limit(1)
    )
    written = sa.exists().where(Campaign.survey_id == Survey.id)
    forgotten = session.scalars(
        sa.select(Survey.id)
        .where(
            Survey.ended_at < now(session) - timedelta(days=simulations_kept),
            Survey.id.not_in(last),
            Survey.forgotten_at.is_(None),
        )
        .order_by(Survey.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    session.execute(sa.delete(SurveyLine).where(SurveyLine.survey_id.in_(forgotten)))
    session.execute(sa.delete(Survey).where(Survey.id.in_(forgotten), ~written))
    session.execute(sa.update(Survey).where(Survey.id.in_(forgotten)).values(forgotten_at=now(session)))
