"""Background work of platforms; looking at them has threads of its own (`watch`)."""

from datetime import timedelta

from referencing.base.jobs import Background

from .operations import write_to_followers
from .sights import follow_platforms

TASKS = (Background(follow_platforms, every=timedelta(minutes=1)), Background(write_to_followers))
