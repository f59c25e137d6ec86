"""A forecast made by a job of its own, which says how far it is and stops once it is given up."""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.jobs import last_try
from referencing.steering.forecast import forecast, read_record
from referencing.steering.simulation import Scenario

from .answers import answer_of
from .models import ForecastState, KeptForecast

log = logging.getLogger(__name__)

#: How often a forecast says how far it is: after so many parts in a hundred of its runs.
STEP = 5
#: How long an answer is kept: the one of yesterday is still told while another is made.
KEPT = timedelta(days=2)


class _GivenUp(Exception):
    """The forecast was cancelled meanwhile."""


def make_forecast(session: Session, forecast_id: str) -> None:
    """Make a forecast and keep its answer in place of the last one. It takes some seconds (`affordable`)."""
    kept = session.get_one(KeptForecast, UUID(forecast_id))
    if kept.state is not ForecastState.RUNNING:
        return
    try:
        with session.begin_nested():
            answer = _answer(session, kept)
    except _GivenUp:
        return
    except Exception:
        if not last_try(session):
            raise
        log.exception("forecast %s failed", forecast_id)
        _end(session, kept, ForecastState.FAILED, {})
        return
    _end(session, kept, ForecastState.FINISHED, answer)


def _answer(session: Session, kept: KeptForecast) -> dict[str, Any]:
    def follow(done: int, total: int) -> None:
        if done * STEP // total != (done - 1) * STEP // total or done == total:
            _note_progress(session, kept.id, done, total)

    scenario = Scenario(kept.more, kept.order)
    return answer_of(forecast(read_record(session), scenario, seed=kept.seed, runs=kept.runs, follow=follow))


def _note_progress(session: Session, forecast_id: UUID, done: int, total: int) -> None:
    """Commit how far a forecast is, beside the transaction of its job. Raises _GivenUp when it is cancelled."""
    row = sa.update(KeptForecast).where(
        KeptForecast.id == forecast_id, KeptForecast.state == ForecastState.RUNNING
    )
    with Session(session.get_bind()) as beside, beside.begin():
        if beside.scalar(row.values(done=done, total=total).returning(KeptForecast.id)) is None:
            raise _GivenUp


def _end(session: Session, kept: KeptForecast, state: ForecastState, answer: dict[str, Any]) -> None:
    """End a forecast, unless somebody cancelled it meanwhile; its answer takes the place of the one before."""
    session.refresh(kept, with_for_update=True)
    if kept.state is not ForecastState.RUNNING:
        return
    kept.state, kept.ended_at, kept.answer = state, now(session), answer
    if state is ForecastState.FINISHED:
        session.execute(
            sa.delete(KeptForecast)
            .filter_by(more=kept.more, order=kept.order, seed=kept.seed, runs=kept.runs)
            .where(KeptForecast.id < kept.id, KeptForecast.state != ForecastState.RUNNING)
        )


def forget_forecasts(session: Session) -> None:
    """Forget the forecasts that ended more than `KEPT` ago."""
    session.execute(sa.delete(KeptForecast).where(KeptForecast.ended_at < now(session) - KEPT))
