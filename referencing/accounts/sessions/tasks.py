"""What browsers' sessions do in the background."""

from datetime import timedelta

from referencing.base.jobs import Background

from .operations import forget_sessions

TASKS = (Background(forget_sessions, every=timedelta(hours=1)),)
