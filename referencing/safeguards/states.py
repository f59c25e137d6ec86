"""The life of a safeguard: proposed for a rule whose record is weak, then accepted or refused by a person. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class SafeguardState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class SafeguardAction(StrEnum):
    ACCEPT = "accept"
    REFUSE = "refuse"


_S, _A = SafeguardState, SafeguardAction

SAFEGUARD = Lifecycle(
    {(_S.PROPOSED, _A.ACCEPT): _S.ACCEPTED, (_S.PROPOSED, _A.REFUSE): _S.REFUSED},
    {_S.PROPOSED: "proposée", _S.ACCEPTED: "acceptée", _S.REFUSED: "refusée"},
    {_A.ACCEPT: "accepter", _A.REFUSE: "refuser"},
    dict.fromkeys(_A, Right.EDIT_RULEBOOKS),
)
