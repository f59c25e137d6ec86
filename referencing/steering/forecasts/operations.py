"""Asking for a forecast, and giving it up."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.errors import Conflict
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, authorise

from . import queries
from .models import ForecastState, KeptForecast
from .queries import Question
from .states import FORECAST, ForecastAction

#: How many forecasts are made at once: each keeps a worker busy for some seconds.
MOST_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class Answered:
    """The kept answer, if there is one, with its age, and the forecast that is being made, if one is.

    `answer` is what is kept without the dossiers that a conflict of interest closes to who asks.
    """

    kept: KeptForecast | None
    answer: dict[str, Any]
    age: timedelta
    running: KeptForecast | None


def ask(session: Session, actor: Actor, question: Question, *, fresh_for: timedelta) -> Answered:
    """The answer that is kept; where there is none, or it is older than `fresh_for`, a job makes another.

    Raises Conflict when there is no answer and too many forecasts are being made.
    """
    authorise(actor, Right.STEER_QUEUES)
    kept = queries.kept(session, question)
    age = now(session) - kept.ended_at if kept and kept.ended_at else timedelta()
    answer = _impartial(session, actor, kept.answer) if kept else {}
    if kept is not None and age <= fresh_for:
        return Answered(kept, answer, age, None)
    running = queries.running(session, question) or _begin(session, actor, question)
    if kept is None and running is None:
        raise Conflict(
            "Trop de prévisions sont en cours : demandez celle-ci de nouveau dans quelques secondes."
        )
    return Answered(kept, answer, age, running)


def _impartial(session: Session, actor: Actor, answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without the lines of organisations that are closed to the actor; the figures of all stay."""
    closed = set(queries.closed_organisations(session, actor))
    return {**answer, "items": [line for line in answer["items"] if line["organisation"] not in closed]}


def _begin(session: Session, actor: Actor, question: Question) -> KeptForecast | None:
    """Have a forecast made, or answer the one that somebody asked for at the same time; None for one too many."""
    if queries.count_running(session, MOST_AT_ONCE) == MOST_AT_ONCE:
        return None
    begun = session.scalar(
        sa.dialects.postgresql.insert(KeptForecast)
        .values(
            id=new_id(),
            **question.columns,
            state=ForecastState.RUNNING,
            asked_by=actor.account_id,
            asked_at=now(session),
            done=0,
            total=question.runs,
            answer={},
        )
        .on_conflict_do_nothing()
        .returning(KeptForecast.id)
    )
    if begun is not None:
        enqueue(session, "make_forecast", forecast_id=str(begun))
    return queries.running(session, question)


def cancel(session: Session, actor: Actor, forecast_id: UUID) -> KeptForecast:
    """Give up a forecast that is being made. Raises Conflict once it has ended otherwise."""
    forecast = queries.forecast_of(session, actor, forecast_id, lock=True)
    if FORECAST.allows(forecast.state, ForecastAction.CANCEL):
        forecast.state, forecast.ended_at = ForecastState.CANCELLED, now(session)
    elif forecast.state is not ForecastState.CANCELLED:
        raise Conflict("Cette prévision est terminée : il n'y a plus rien à annuler.")
    return forecast
