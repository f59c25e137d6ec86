"""The life of what an expert is asked. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class OpinionState(StrEnum):
    ASKED = "asked"
    ANSWERED = "answered"
    DECLINED = "declined"
    NEEDLESS = "needless"  # the task was closed before an answer came
    WITHDRAWN = "withdrawn"  # who asked, or a lead, no longer needs it


class OpinionAction(StrEnum):
    ANSWER = "answer"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    DO_WITHOUT = "do_without"  # the task is closed


OPINION = Lifecycle(
    {
        (OpinionState.ASKED, OpinionAction.ANSWER): OpinionState.ANSWERED,
        (OpinionState.ASKED, OpinionAction.DECLINE): OpinionState.DECLINED,
        (OpinionState.ASKED, OpinionAction.WITHDRAW): OpinionState.WITHDRAWN,
        (OpinionState.ASKED, OpinionAction.DO_WITHOUT): OpinionState.NEEDLESS,
    },
    {
        OpinionState.ASKED: "demandé",
        OpinionState.ANSWERED: "donné",
        OpinionState.DECLINED: "décliné",
        OpinionState.NEEDLESS: "sans objet",
        OpinionState.WITHDRAWN: "retiré",
    },
    {
        OpinionAction.ANSWER: "répondre",
        OpinionAction.DECLINE: "décliner",
        OpinionAction.WITHDRAW: "retirer la demande",
    },
    {
        OpinionAction.ANSWER: Right.GIVE_OPINIONS,
        OpinionAction.DECLINE: Right.GIVE_OPINIONS,
        OpinionAction.WITHDRAW: Right.READ_QUEUES,
    },
)
