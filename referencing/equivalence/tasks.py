"""What rulebooks, and the counts of what leans on them, do in the background."""

from datetime import timedelta

from referencing.base.jobs import Background
from referencing.equivalence.confirmations.notices import tell_of_reuse
from referencing.equivalence.grants.tallies import add_up_tallies
from referencing.equivalence.rulebooks.operations import supersede_rulebooks

TASKS = (
    Background(supersede_rulebooks, every=timedelta(minutes=10)),
    Background(add_up_tallies, every=timedelta(minutes=10)),
    Background(tell_of_reuse),
)
