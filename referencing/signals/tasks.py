"""Background work of signals."""

from datetime import timedelta

from referencing.base.jobs import Background

from .throttle import forget_signal_sources

TASKS = (Background(forget_signal_sources, every=timedelta(hours=1)),)
