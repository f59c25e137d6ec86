"""The life of a forecast."""

from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right

from .models import ForecastState


class ForecastAction(StrEnum):
    CANCEL = "cancel"
    FINISH = "finish"
    FAIL = "fail"


FORECAST = Lifecycle(
    {
        (ForecastState.RUNNING, ForecastAction.CANCEL): ForecastState.CANCELLED,
        (ForecastState.RUNNING, ForecastAction.FINISH): ForecastState.FINISHED,
        (ForecastState.RUNNING, ForecastAction.FAIL): ForecastState.FAILED,
    },
    {
        ForecastState.RUNNING: "en cours",
        ForecastState.FINISHED: "terminée",
        ForecastState.CANCELLED: "abandonnée",
        ForecastState.FAILED: "échouée",
    },
    {ForecastAction.CANCEL: "abandonner"},
    {ForecastAction.CANCEL: Right.STEER_QUEUES},
)
