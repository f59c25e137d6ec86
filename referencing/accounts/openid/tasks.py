"""What becomes of those who waited and never came again."""

from datetime import timedelta

from referencing.base.jobs import Background

from .operations import forget_strangers

TASKS = (Background(forget_strangers, every=timedelta(days=1)),)
