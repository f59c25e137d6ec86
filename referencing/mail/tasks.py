"""What letters do in the background."""

from referencing.jobs import Background

from .operations import send_letter

TASKS = (Background(send_letter),)
