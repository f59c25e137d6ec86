"""Forecasts that are kept: one answer for each question, and how far those are that are being made."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from referencing.base.db import Base, Id, values_of
from referencing.steering.simulation import Order


class ForecastState(StrEnum):
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


_QUESTION = ("more", "order", "seed", "runs")


class KeptForecast(Base):
    """A forecast: its question (so many verifiers `more`, the order, the seed, the runs), its progress, its answer.

    `total` runs are to be made, fewer than `runs` where there is very much to do, and `done` of them are.
    The answer is empty until then.
    """

    __tablename__ = "forecast"
    __table_args__ = (
        sa.Index("ix_forecast_question", *_QUESTION, "id"),
        sa.Index(
            "uq_forecast_running", *_QUESTION, unique=True, postgresql_where=sa.text("state = 'running'")
        ),
        sa.Index("ix_forecast_ended_at", "ended_at"),
    )

    id: Mapped[Id]
    more: Mapped[int]
    order: Mapped[Order] = mapped_column(values_of(Order, "order"))
    seed: Mapped[int]
    runs: Mapped[int]
    state: Mapped[ForecastState] = mapped_column(values_of(ForecastState, "state"))
    asked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    done: Mapped[int]
    total: Mapped[int]
    answer: Mapped[dict[str, Any]] = mapped_column(deferred=True)
