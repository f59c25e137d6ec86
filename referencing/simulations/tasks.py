"""What simulations do in the background."""

from datetime import timedelta

from referencing.base.jobs import Background

from .forgetting import forget_simulations
from .running import simulate

TASKS = (
    Background(simulate),
    Background(forget_simulations, every=timedelta(hours=1)),
)
