"""Background work of certificates."""

from referencing.base.jobs import Background
from referencing.certificates.embedding.copies import follow_original

TASKS = (Background(follow_original),)
