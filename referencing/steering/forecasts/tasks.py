"""What forecasts do in the background."""

from datetime import timedelta

from referencing.base.jobs import Background

from .making import forget_forecasts, make_forecast

TASKS = (
    Background(make_forecast),
    Background(forget_forecasts, every=timedelta(hours=1)),
)
