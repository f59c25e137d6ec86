"""The forecasts that are kept or being made."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from referencing.accounts.models import Organisation
from referencing.accounts.visible_queries import impartial
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.steering.simulation import Scenario

from .models import ForecastState, KeptForecast


@dataclass(frozen=True, slots=True)
class Question:
    """What a forecast is asked: in which scenario, from which draws, in how many runs."""

    scenario: Scenario
    seed: int
    runs: int

    @property
    def columns(self) -> dict[str, object]:
        """The columns of `KeptForecast` that hold the question."""
        return {
            "more": self.scenario.more,
            "order": self.scenario.order,
            "seed": self.seed,
            "runs": self.runs,
        }


def kept(session: Session, question: Question) -> KeptForecast | None:
    """The last answer to a question, if there is one."""
    return _latest(session, question, ForecastState.FINISHED)


def running(session: Session, question: Question) -> KeptForecast | None:
    """The forecast that will answer a question, if one is being made."""
    return _latest(session, question, ForecastState.RUNNING)


def _latest(session: Session, question: Question, state: ForecastState) -> KeptForecast | None:
    return session.scalar(
        sa.select(KeptForecast)
        .filter_by(**question.columns, state=state)
        .options(undefer(KeptForecast.answer))
        .order_by(KeptForecast.id.desc())
        .limit(1)
    )


def count_running(session: Session, most: int) -> int:
    """How many forecasts are being made, `most` at the most."""
    some = sa.select(KeptForecast.id).where(KeptForecast.state == ForecastState.RUNNING).limit(most)
    return session.scalars(sa.select(sa.func.count()).select_from(some.subquery("some"))).one()


def forecast_of(session: Session, actor: Actor, forecast_id: UUID, *, lock: bool = False) -> KeptForecast:
    """A forecast and how far it is. Raises NotFound once it is forgotten."""
    authorise(actor, Right.STEER_QUEUES)
    forecast = session.get(KeptForecast, forecast_id, with_for_update=lock or None)
    if forecast is None:
        raise NotFound("Cette prévision n'existe pas, ou plus : demandez-la de nouveau.")
    return forecast


def closed_organisations(session: Session, actor: Actor) -> Sequence[str]:
    """The names of the organisations that a conflict of interest closes to the actor."""
    closed = sa.select(Organisation.name).where(~impartial(session, actor, Organisation.id))
    return session.scalars(closed).all()
