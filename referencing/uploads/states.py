"""The life of an upload. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class UploadState(StrEnum):
    RECEIVING = "receiving"
    RECEIVED = "received"  # all bytes are there; they become a proof
    KEPT = "kept"  # as a proof
    REFUSED = "refused"  # whole, but not what was announced or not what the item takes
    EXPIRED = "expired"
    TERMINATED = "terminated"  # by who began it
    LOST = "lost"  # the storage no longer has what it had acknowledged


class UploadAction(StrEnum):
    GO_ON = "go_on"
    TERMINATE = "terminate"


UPLOAD = Lifecycle(
    {
        (UploadState.RECEIVING, UploadAction.GO_ON): UploadState.RECEIVING,
        (UploadState.RECEIVING, UploadAction.TERMINATE): UploadState.TERMINATED,
        (UploadState.RECEIVED, UploadAction.TERMINATE): UploadState.TERMINATED,
    },
    {
        UploadState.RECEIVING: "en cours",
        UploadState.RECEIVED: "reçu",
        UploadState.KEPT: "conservé comme preuve",
        UploadState.REFUSED: "refusé",
        UploadState.EXPIRED: "expiré",
        UploadState.TERMINATED: "abandonné",
        UploadState.LOST: "perdu",
    },
    {UploadAction.GO_ON: "continuer", UploadAction.TERMINATE: "abandonner"},
    dict.fromkeys(UploadAction, Right.SUPPLY_PROOFS),
)
