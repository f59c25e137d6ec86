"""What surveys and letters to editors do in the background."""

from referencing.base.jobs import Background

from .campaigns import write_campaign
from .surveying import advance_survey

TASKS = (Background(advance_survey), Background(write_campaign))
