"""What may be done with a saved view. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import acts
from referencing.base.permissions import Right


class ViewAction(StrEnum):
    CHANGE = "change"
    REMOVE = "remove"


VIEW = acts({ViewAction.CHANGE: "changer", ViewAction.REMOVE: "supprimer"}, Right.KEEP_VIEWS)
