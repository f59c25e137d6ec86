"""What is done about weak rules in the background."""

from datetime import timedelta

from referencing.base.jobs import Background

from .proposals import propose_safeguards

TASKS = (Background(propose_safeguards, every=timedelta(days=1)),)
