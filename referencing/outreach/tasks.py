"""What surveys and letters to editors do in the background."""

from datetime import timedelta

from referencing.base.jobs import Background

from .campaigns import write_campaign
from .forgetting import forget_surveys
from .surveying import advance_survey

TASKS = (
    Background(advance_survey),
    Background(write_campaign),
    Background(forget_surveys, every=timedelta(hours=1)),
)
