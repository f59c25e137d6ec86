"""What reviews do in the background."""

from datetime import timedelta

from referencing.base.jobs import Background
from referencing.reviews.experts.experts import remind_experts
from referencing.reviews.queues.verifiers import release_absent
from referencing.reviews.third_parties.third_parties import remind_third_parties, remind_third_party

TASKS = (
    Background(release_absent, every=timedelta(minutes=10)),
    Background(remind_experts, every=timedelta(hours=1)),
    Background(remind_third_parties, every=timedelta(hours=1)),
    Background(remind_third_party),
)
