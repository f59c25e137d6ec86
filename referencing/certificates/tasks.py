"""What certificates do in the background."""

from referencing.base.jobs import Background
from referencing.certificates.embedding.copies import follow_original

TASKS = (Background(follow_original),)
