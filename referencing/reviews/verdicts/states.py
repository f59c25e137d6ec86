"""What may be done with a template of a comment. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import acts
from referencing.base.permissions import Right


class TemplateAction(StrEnum):
    CORRECT = "correct"
    REMOVE = "remove"


TEMPLATE = acts(
    {TemplateAction.CORRECT: "corriger", TemplateAction.REMOVE: "retirer"},
    Right.STEER_QUEUES,
)
