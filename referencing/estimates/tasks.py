"""What estimates do in the background."""

from datetime import timedelta

from referencing.base.jobs import Background

from .estimating import advance_estimate, list_differences
from .forgetting import forget_estimates

TASKS = (
    Background(list_differences),
    Background(advance_estimate),
    Background(forget_estimates, every=timedelta(hours=1)),
)
