"""What invitations do in the background."""

from referencing.base.jobs import Background

from .sending import send_invitation

TASKS = (Background(send_invitation),)
