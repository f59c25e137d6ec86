"""The life of a takeover. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class TakeoverState(StrEnum):
    RUNNING = "running"  # jobs take its referencings over, one after the other
    FINISHED = "finished"
    TAKING_BACK = "taking_back"  # jobs undo it, likewise
    TAKEN_BACK = "taken_back"


class TakeoverAction(StrEnum):
    END = "end"  # its last referencing is taken over, or undone
    TAKE_BACK = "take_back"


TAKEOVER = Lifecycle(
    {
        (TakeoverState.RUNNING, TakeoverAction.END): TakeoverState.FINISHED,
        (TakeoverState.RUNNING, TakeoverAction.TAKE_BACK): TakeoverState.TAKING_BACK,
        (TakeoverState.FINISHED, TakeoverAction.TAKE_BACK): TakeoverState.TAKING_BACK,
        (TakeoverState.TAKING_BACK, TakeoverAction.END): TakeoverState.TAKEN_BACK,
    },
    {
        TakeoverState.RUNNING: "en cours",
        TakeoverState.FINISHED: "terminée",
        TakeoverState.TAKING_BACK: "en cours de retrait",
        TakeoverState.TAKEN_BACK: "retirée",
    },
    {TakeoverAction.TAKE_BACK: "retirer"},
    {TakeoverAction.TAKE_BACK: Right.TAKE_OVER},
)
