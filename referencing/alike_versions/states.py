"""The life of a request that two versions of a component be declared alike. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class RequestState(StrEnum):
    ASKED = "asked"  # waits for a lead
    ACCEPTED = "accepted"  # the two versions are declared alike
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # by its own side, before it had an answer
    REVOKED = "revoked"  # accepted, and taken back


class RequestAction(StrEnum):
    ACCEPT = "accept"
    REFUSE = "refuse"
    REVOKE = "revoke"
    WITHDRAW = "withdraw"


REQUEST = Lifecycle(
    {
        (RequestState.ASKED, RequestAction.ACCEPT): RequestState.ACCEPTED,
        (RequestState.ASKED, RequestAction.REFUSE): RequestState.REFUSED,
        (RequestState.ASKED, RequestAction.WITHDRAW): RequestState.WITHDRAWN,
        (RequestState.ACCEPTED, RequestAction.REVOKE): RequestState.REVOKED,
    },
    {
        RequestState.ASKED: "demandée",
        RequestState.ACCEPTED: "acceptée",
        RequestState.REFUSED: "refusée",
        RequestState.WITHDRAWN: "retirée",
        RequestState.REVOKED: "révoquée",
    },
    {
        RequestAction.ACCEPT: "accepter",
        RequestAction.REFUSE: "refuser",
        RequestAction.REVOKE: "révoquer",
        RequestAction.WITHDRAW: "retirer",
    },
    {
        RequestAction.ACCEPT: Right.JUDGE_ALIKE_VERSIONS,
        RequestAction.REFUSE: Right.JUDGE_ALIKE_VERSIONS,
        RequestAction.REVOKE: Right.JUDGE_ALIKE_VERSIONS,
        RequestAction.WITHDRAW: Right.ASK_ALIKE_VERSIONS,
    },
)
