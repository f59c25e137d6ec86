"""The life of an audit and of what comes of it: every state, every action, who may take it, and what follows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from referencing.base.permissions import Right


class AuditState(StrEnum):
    PLANNED = "planned"  # the editor does not know of it yet
    IN_PROGRESS = "in_progress"  # announced; what was drawn is verified again
    CONTRADICTORY = "contradictory"  # the editor reads what was found and answers
    FOLLOW_UP = "follow_up"  # action plans are carried out
    CLOSED = "closed"
    ABANDONED = "abandoned"


class AuditAction(StrEnum):
    OPEN = "open"
    NOTIFY = "notify"
    FOLLOW = "follow"
    CLOSE = "close"
    ABANDON = "abandon"


class Conformity(StrEnum):
    """What is found on a proof that is verified again."""

    CONFORM = "conform"
    NONCONFORM = "nonconform"


class Severity(StrEnum):
    """Of a non-conformité."""

    MINEURE = "mineure"
    MAJEURE = "majeure"
    CRITIQUE = "critique"


class NonconformityState(StrEnum):
    OPEN = "open"
    LIFTED = "lifted"  # put right
    WITHDRAWN = "withdrawn"  # there was none


class NonconformityAction(StrEnum):
    LIFT = "lift"
    WITHDRAW = "withdraw"


class PlanState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    CARRIED_OUT = "carried_out"  # the editor says so
    VERIFIED = "verified"  # an auditor has seen it
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class PlanAction(StrEnum):
    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    CARRY_OUT = "carry_out"
    VERIFY = "verify"
    SEND_BACK = "send_back"


class Measure(StrEnum):
    """What is announced to an editor before it is decided."""

    SUSPENSION = "suspension"
    DELISTING = "delisting"
    REINSTATEMENT = "reinstatement"  # decided at once: nobody has to defend themselves against it


class SanctionState(StrEnum):
    ANNOUNCED = "announced"
    ANSWERED = "answered"  # the editor has given its observations
    APPLIED = "applied"
    DROPPED = "dropped"


class SanctionAction(StrEnum):
    ANSWER = "answer"
    APPLY = "apply"
    DROP = "drop"


S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Step(Generic[S]):
    """Where an action leads, and the right that it takes."""

    to: S
    right: Right


Table = Mapping[tuple[S, A], Step[S]]

_AU, _ACT = AuditState, AuditAction
AUDITS: Table[AuditState, AuditAction] = {
    (_AU.PLANNED, _ACT.OPEN): Step(_AU.IN_PROGRESS, Right.AUDIT),
    (_AU.PLANNED, _ACT.ABANDON): Step(_AU.ABANDONED, Right.AUDIT),
    (_AU.IN_PROGRESS, _ACT.NOTIFY): Step(_AU.CONTRADICTORY, Right.AUDIT),
    (_AU.IN_PROGRESS, _ACT.CLOSE): Step(_AU.CLOSED, Right.AUDIT),
    (_AU.IN_PROGRESS, _ACT.ABANDON): Step(_AU.ABANDONED, Right.AUDIT),
    (_AU.CONTRADICTORY, _ACT.FOLLOW): Step(_AU.FOLLOW_UP, Right.AUDIT),
    (_AU.CONTRADICTORY, _ACT.CLOSE): Step(_AU.CLOSED, Right.AUDIT),
    (_AU.FOLLOW_UP, _ACT.CLOSE): Step(_AU.CLOSED, Right.AUDIT),
}
#: The editor knows of it, and it is not over: findings, plans and sanctions may come.
UNDER_WAY = frozenset({AuditState.IN_PROGRESS, AuditState.CONTRADICTORY, AuditState.FOLLOW_UP})
#: Not over.
STANDING = UNDER_WAY | {AuditState.PLANNED}

_N, _NA = NonconformityState, NonconformityAction
NONCONFORMITIES: Table[NonconformityState, NonconformityAction] = {
    (_N.OPEN, _NA.LIFT): Step(_N.LIFTED, Right.AUDIT),
    (_N.OPEN, _NA.WITHDRAW): Step(_N.WITHDRAWN, Right.AUDIT),
}

_P, _PA = PlanState, PlanAction
PLANS: Table[PlanState, PlanAction] = {
    (_P.PROPOSED, _PA.ACCEPT): Step(_P.ACCEPTED, Right.AUDIT),
    (_P.PROPOSED, _PA.REFUSE): Step(_P.REFUSED, Right.AUDIT),
    (_P.PROPOSED, _PA.WITHDRAW): Step(_P.WITHDRAWN, Right.ANSWER_AUDITS),
    (_P.ACCEPTED, _PA.CARRY_OUT): Step(_P.CARRIED_OUT, Right.ANSWER_AUDITS),
    (_P.CARRIED_OUT, _PA.VERIFY): Step(_P.VERIFIED, Right.AUDIT),
    (_P.CARRIED_OUT, _PA.SEND_BACK): Step(_P.ACCEPTED, Right.AUDIT),
}
#: There is one at most of each non-conformité.
STANDING_PLANS = frozenset(
    {PlanState.PROPOSED, PlanState.ACCEPTED, PlanState.CARRIED_OUT, PlanState.VERIFIED}
)
#: Plans that an auditor has agreed to.
AGREED_PLANS = STANDING_PLANS - {PlanState.PROPOSED}

_SS, _SA = SanctionState, SanctionAction
SANCTIONS: Table[SanctionState, SanctionAction] = {
    (_SS.ANNOUNCED, _SA.ANSWER): Step(_SS.ANSWERED, Right.ANSWER_AUDITS),
    (_SS.ANNOUNCED, _SA.APPLY): Step(_SS.APPLIED, Right.SANCTION),
    (_SS.ANNOUNCED, _SA.DROP): Step(_SS.DROPPED, Right.SANCTION),
    (_SS.ANSWERED, _SA.APPLY): Step(_SS.APPLIED, Right.SANCTION),
    (_SS.ANSWERED, _SA.DROP): Step(_SS.DROPPED, Right.SANCTION),
}
#: Told to the editor, and not decided.
PENDING = frozenset({SanctionState.ANNOUNCED, SanctionState.ANSWERED})


class ForbiddenStep(Exception):
    """The state does not allow the action."""


def right_to(table: Table[S, A], action: A) -> Right:
    """What an action takes, whatever the state."""
    (right,) = {step.right for (_, taken), step in table.items() if taken is action}
    return right


def follow(table: Table[S, A], state: S, action: A) -> S:
    """The state after an action. Raises ForbiddenStep."""
    if (state, action) not in table:
        raise ForbiddenStep(f"{action.value} is not possible in {state.value}")
    return table[state, action].to


def allowed(table: Table[S, A], state: S) -> list[A]:
    """The actions that a state allows, in the order of the table."""
    return [action for at, action in table if at is state]
