"""What may be done with a task now, by who asks: the life of a task as its readers see it. Pure."""

from datetime import datetime
from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class TaskState(StrEnum):
    """How a task stands for one reader."""

    FREE = "free"
    NOT_FOR_THEM = "not_for_them"  # free, and another role's work, or a colleague's to read
    IN_HAND = "in_hand"
    OF_ANOTHER = "of_another"
    THIRD_PARTY = "third_party"
    TO_ARBITRATE = "to_arbitrate"  # two readers disagree, and a lead decides
    CLOSED = "closed"


class TaskAction(StrEnum):
    CLAIM = "claim"
    GIVE_BACK = "give_back"
    GIVE_VERDICT = "give_verdict"
    ASK_EXPERTS = "ask_experts"
    AWAIT_THIRD_PARTY = "await_third_party"
    NOTE_ANSWER = "note_answer"
    TAKE_OVER = "take_over"
    ARBITRATE = "arbitrate"


_S, _A = TaskState, TaskAction

TASK = Lifecycle(
    {
        (_S.FREE, _A.CLAIM): _S.IN_HAND,
        (_S.IN_HAND, _A.GIVE_BACK): _S.FREE,
        (_S.IN_HAND, _A.GIVE_VERDICT): _S.CLOSED,
        (_S.IN_HAND, _A.ASK_EXPERTS): _S.IN_HAND,
        (_S.IN_HAND, _A.AWAIT_THIRD_PARTY): _S.THIRD_PARTY,
        (_S.NOT_FOR_THEM, _A.TAKE_OVER): _S.OF_ANOTHER,
        (_S.OF_ANOTHER, _A.TAKE_OVER): _S.OF_ANOTHER,
        (_S.THIRD_PARTY, _A.NOTE_ANSWER): _S.FREE,
        (_S.TO_ARBITRATE, _A.ARBITRATE): _S.CLOSED,
    },
    {
        TaskState.FREE: "libre",
        TaskState.NOT_FOR_THEM: "libre, pour un autre lecteur",
        TaskState.IN_HAND: "entre vos mains",
        TaskState.OF_ANOTHER: "entre les mains d'un collègue",
        TaskState.THIRD_PARTY: "en attente d'un tiers",
        TaskState.TO_ARBITRATE: "à départager par un responsable",
        TaskState.CLOSED: "terminée",
    },
    {
        TaskAction.CLAIM: "prendre",
        TaskAction.GIVE_BACK: "rendre à sa file",
        TaskAction.GIVE_VERDICT: "rendre un verdict",
        TaskAction.ASK_EXPERTS: "demander un avis",
        TaskAction.AWAIT_THIRD_PARTY: "attendre un tiers",
        TaskAction.NOTE_ANSWER: "noter la réponse du tiers",
        TaskAction.TAKE_OVER: "confier à un autre",
        TaskAction.ARBITRATE: "départager deux lectures",
    },
    {
        TaskAction.CLAIM: Right.REVIEW,
        TaskAction.GIVE_BACK: Right.REVIEW,
        TaskAction.GIVE_VERDICT: Right.REVIEW,
        TaskAction.ASK_EXPERTS: Right.REVIEW,
        TaskAction.AWAIT_THIRD_PARTY: Right.REVIEW,
        TaskAction.NOTE_ANSWER: Right.AWAIT_THIRD_PARTIES,
        TaskAction.TAKE_OVER: Right.STEER_QUEUES,
        TaskAction.ARBITRATE: Right.STEER_QUEUES,
    },
)


def task_state(
    closed_at: datetime | None,
    third_party_since: datetime | None,
    *,
    held: bool,
    own: bool,
    claimable: bool,
    to_arbitrate: bool,
) -> TaskState:
    """How a task stands for a reader: `held` says that somebody has it, `own` that the reader does."""
    if closed_at is not None:
        return TaskState.CLOSED
    if third_party_since is not None:
        return TaskState.THIRD_PARTY
    if to_arbitrate:
        return TaskState.TO_ARBITRATE
    if own:
        return TaskState.IN_HAND
    if held:
        return TaskState.OF_ANOTHER
    return TaskState.FREE if claimable else TaskState.NOT_FOR_THEM
