"""The life of a lead's word that a software embeds a component. Pure."""

from datetime import date
from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class EmbeddingState(StrEnum):
    ACCEPTED = "accepted"  # what is verified on the component counts for the software
    REVOKED = "revoked"


class EmbeddingAction(StrEnum):
    REVOKE = "revoke"


EMBEDDING = Lifecycle(
    {(EmbeddingState.ACCEPTED, EmbeddingAction.REVOKE): EmbeddingState.REVOKED},
    {EmbeddingState.ACCEPTED: "accepté", EmbeddingState.REVOKED: "révoqué"},
    {EmbeddingAction.REVOKE: "révoquer"},
    {EmbeddingAction.REVOKE: Right.JUDGE_EMBEDDINGS},
)


def state_at(revoked_on: date | None) -> EmbeddingState:
    return EmbeddingState.ACCEPTED if revoked_on is None else EmbeddingState.REVOKED
