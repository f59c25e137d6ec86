"""What takeovers do in the background."""

from referencing.base.jobs import Background

from .running import advance_takeover

TASKS = (Background(advance_takeover),)
