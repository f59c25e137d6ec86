"""The states of a signal: what an auditor may do with it, and what follows. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class SignalState(StrEnum):
    RECEIVED = "received"
    QUALIFIED = "qualified"  # worth following: an audit may be opened on it
    DISMISSED = "dismissed"


class SignalAction(StrEnum):
    QUALIFY = "qualify"
    DISMISS = "dismiss"
    REOPEN = "reopen"  # something new came, or it was a mistake


class Channel(StrEnum):
    """The way a signal came: by the form that anybody may fill in, or otherwise and entered by an auditor."""

    FORM = "form"
    LETTER = "letter"
    EMAIL = "email"
    TELEPHONE = "telephone"
    OTHER = "other"


_STEPS: dict[tuple[SignalState, SignalAction], SignalState] = {
    (SignalState.RECEIVED, SignalAction.QUALIFY): SignalState.QUALIFIED,
    (SignalState.RECEIVED, SignalAction.DISMISS): SignalState.DISMISSED,
    (SignalState.QUALIFIED, SignalAction.REOPEN): SignalState.RECEIVED,
    (SignalState.DISMISSED, SignalAction.REOPEN): SignalState.RECEIVED,
}

#: The state as an auditor reads it.
STATES = {
    SignalState.RECEIVED: "reçu",
    SignalState.QUALIFIED: "retenu",
    SignalState.DISMISSED: "classé sans suite",
}

#: The state as the author of a signal reads it: nothing of the solution, of the findings, or of the auditor.
STATUS = {
    SignalState.RECEIVED: "Votre signalement est bien reçu ; il sera examiné.",
    SignalState.QUALIFIED: "Votre signalement a été examiné et retenu.",
    SignalState.DISMISSED: "Votre signalement a été examiné et classé sans suite.",
}

SIGNAL = Lifecycle(
    _STEPS,
    STATES,
    {SignalAction.QUALIFY: "retenir", SignalAction.DISMISS: "classer", SignalAction.REOPEN: "rouvrir"},
    dict.fromkeys(SignalAction, Right.HANDLE_SIGNALS),
)
