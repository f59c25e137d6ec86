"""What letters do in the background."""

from referencing.base.jobs import Background

from .operations import send_letter

TASKS = (Background(send_letter),)
