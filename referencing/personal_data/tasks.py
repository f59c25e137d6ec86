"""What goes of an erased person after their name."""

from referencing.base.jobs import Background

from .erasure import erase_rows

TASKS = (Background(erase_rows),)
