"""The life of a simulation."""

from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right
from referencing.equivalence.rulebooks.models import SimulationState


class SimulationAction(StrEnum):
    CANCEL = "cancel"
    FINISH = "finish"
    OUTDATE = "outdate"  # the rules, or those in force, are others now
    FAIL = "fail"


SIMULATION = Lifecycle(
    {
        (SimulationState.RUNNING, SimulationAction.CANCEL): SimulationState.CANCELLED,
        (SimulationState.RUNNING, SimulationAction.FINISH): SimulationState.FINISHED,
        (SimulationState.RUNNING, SimulationAction.OUTDATE): SimulationState.OUTDATED,
        (SimulationState.RUNNING, SimulationAction.FAIL): SimulationState.FAILED,
    },
    {
        SimulationState.RUNNING: "en cours",
        SimulationState.FINISHED: "terminée",
        SimulationState.CANCELLED: "abandonnée",
        SimulationState.OUTDATED: "dépassée",
        SimulationState.FAILED: "échouée",
    },
    {SimulationAction.CANCEL: "abandonner"},
    {SimulationAction.CANCEL: Right.EDIT_RULEBOOKS},
)
