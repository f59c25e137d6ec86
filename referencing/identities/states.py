"""The life of a declaration that two softwares are one. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class DeclarationState(StrEnum):
    DECLARED = "declared"  # waits for the other side, or for a lead
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # before or after a lead has accepted


class DeclarationAction(StrEnum):
    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


DECLARATION = Lifecycle(
    {
        (DeclarationState.DECLARED, DeclarationAction.ACCEPT): DeclarationState.ACCEPTED,
        (DeclarationState.DECLARED, DeclarationAction.REFUSE): DeclarationState.REFUSED,
        (DeclarationState.DECLARED, DeclarationAction.WITHDRAW): DeclarationState.WITHDRAWN,
        (DeclarationState.ACCEPTED, DeclarationAction.WITHDRAW): DeclarationState.WITHDRAWN,
    },
    {
        DeclarationState.DECLARED: "déclarée",
        DeclarationState.ACCEPTED: "acceptée",
        DeclarationState.REFUSED: "refusée",
        DeclarationState.WITHDRAWN: "retirée",
    },
    {
        DeclarationAction.ACCEPT: "accepter",
        DeclarationAction.REFUSE: "refuser",
        DeclarationAction.WITHDRAW: "retirer",
    },
    {
        DeclarationAction.ACCEPT: Right.JUDGE_IDENTITIES,
        DeclarationAction.REFUSE: Right.JUDGE_IDENTITIES,
        DeclarationAction.WITHDRAW: Right.DECLARE_IDENTITIES,
    },
)
