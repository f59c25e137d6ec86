"""What rulebooks do in the background."""

from datetime import timedelta

from referencing.base.jobs import Background
from referencing.equivalence.rulebooks.operations import supersede_rulebooks

TASKS = (Background(supersede_rulebooks, every=timedelta(minutes=10)),)
