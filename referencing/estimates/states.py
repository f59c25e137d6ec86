"""The life of an estimate, how a requirement of a draft differs, and what becomes of what a software has. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class EstimateState(StrEnum):
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    OUTDATED = "outdated"  # its draft was edited or published, or other rules took force
    FAILED = "failed"


class EstimateAction(StrEnum):
    CANCEL = "cancel"
    FINISH = "finish"
    OUTDATE = "outdate"
    FAIL = "fail"


ESTIMATE = Lifecycle(
    {
        (EstimateState.RUNNING, EstimateAction.CANCEL): EstimateState.CANCELLED,
        (EstimateState.RUNNING, EstimateAction.FINISH): EstimateState.FINISHED,
        (EstimateState.RUNNING, EstimateAction.OUTDATE): EstimateState.OUTDATED,
        (EstimateState.RUNNING, EstimateAction.FAIL): EstimateState.FAILED,
    },
    {
        EstimateState.RUNNING: "en cours",
        EstimateState.FINISHED: "terminé",
        EstimateState.CANCELLED: "abandonné",
        EstimateState.OUTDATED: "dépassé",
        EstimateState.FAILED: "échoué",
    },
    {EstimateAction.CANCEL: "abandonner"},
    {EstimateAction.CANCEL: Right.EDIT_CATALOGUE},
)


class Change(StrEnum):
    """How a requirement of a draft differs from the version in force."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    REACHED = "reached"  # it is as it was, and leans by the rules on one that is not


class Outcome(StrEnum):
    """What becomes of what a software has for a requirement, from the best to the worst."""

    KEPT = "kept"
    TO_CONFIRM = "to_confirm"
    LOST = "lost"
