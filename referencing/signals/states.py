"""The life of a signal: what an auditor may do with it, and what follows. Pure."""

from enum import StrEnum


class SignalState(StrEnum):
    RECEIVED = "received"
    QUALIFIED = "qualified"  # worth following: an audit may be opened on it
    DISMISSED = "dismissed"


class SignalAction(StrEnum):
    QUALIFY = "qualify"
    DISMISS = "dismiss"
    REOPEN = "reopen"  # something new came, or it was a mistake


class Channel(StrEnum):
    """How it came: by the form that anybody may fill in, or otherwise and entered by an auditor."""

    FORM = "form"
    LETTER = "letter"
    EMAIL = "email"
    TELEPHONE = "telephone"
    OTHER = "other"


TRANSITIONS: dict[tuple[SignalState, SignalAction], SignalState] = {
    (SignalState.RECEIVED, SignalAction.QUALIFY): SignalState.QUALIFIED,
    (SignalState.RECEIVED, SignalAction.DISMISS): SignalState.DISMISSED,
    (SignalState.QUALIFIED, SignalAction.REOPEN): SignalState.RECEIVED,
    (SignalState.DISMISSED, SignalAction.REOPEN): SignalState.RECEIVED,
}


class ForbiddenTransition(Exception):
    """The state does not allow the action."""


def follow(state: SignalState, action: SignalAction) -> SignalState:
    """The state after an action. Raises ForbiddenTransition."""
    if (state, action) not in TRANSITIONS:
        raise ForbiddenTransition(f"{action.value} is not possible in {state.value}")
    return TRANSITIONS[state, action]
