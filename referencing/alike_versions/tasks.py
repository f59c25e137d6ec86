"""Background work when two versions of a component begin to count as one, or cease to."""

from referencing.base.jobs import Background

from .acceptance import follow_alike_versions, follow_alike_versions_in_core

TASKS = (Background(follow_alike_versions), Background(follow_alike_versions_in_core))
