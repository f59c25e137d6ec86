"""What may be done with another reading: a lead decides where two readers differ. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class ReadingState(StrEnum):
    OF_A_VERIFIER = "of_a_verifier"
    OF_A_LEAD = "of_a_lead"
    OVER = "over"


class ReadingAction(StrEnum):
    ARBITRATE = "arbitrate"


SECOND_READING = Lifecycle(
    {(ReadingState.OF_A_LEAD, ReadingAction.ARBITRATE): ReadingState.OVER},
    {
        ReadingState.OF_A_VERIFIER: "à un vérificateur",
        ReadingState.OF_A_LEAD: "à départager par un responsable",
        ReadingState.OVER: "terminée",
    },
    {ReadingAction.ARBITRATE: "départager"},
    {ReadingAction.ARBITRATE: Right.STEER_QUEUES},
)
