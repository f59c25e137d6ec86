"""Signals as the API shows them: plain values."""

from typing import Any

from .models import Signal, SignalAuthor
from .states import SignalState

_TOLD = {
    SignalState.RECEIVED: "Votre signalement est bien reçu ; il sera examiné.",
    SignalState.QUALIFIED: "Votre signalement a été examiné et retenu.",
    SignalState.DISMISSED: "Votre signalement a été examiné et classé sans suite.",
}


def signal_view(signal: Signal, *, anonymous: bool) -> dict[str, Any]:
    return {
        "id": signal.id,
        "receipt": signal.receipt,
        "state": signal.state,
        "channel": signal.channel,
        "solution": signal.solution,
        "editor": signal.editor,
        "description": signal.description,
        "observed_on": signal.observed_on,
        "received_on": signal.received_on,
        "recorded_at": signal.recorded_at,
        "anonymous": anonymous,
        "assessment": signal.assessment,
        "assessed_at": signal.assessed_at,
        "candidature": signal.candidature_id,
        "audit": signal.audit_id,
    }


def status_view(signal: Signal) -> dict[str, Any]:
    """For whoever has the receipt: nothing of the solution, of what was found, or of who looked at it."""
    return {"state": signal.state, "received_on": signal.received_on, "detail": _TOLD[signal.state]}


def author_view(author: SignalAuthor) -> dict[str, Any]:
    return {
        "name": author.name,
        "organisation": author.organisation,
        "email": author.email,
        "telephone": author.telephone,
    }
