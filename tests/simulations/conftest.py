"""The two vagues of `tests.resolution`."""

from tests.candidatures.resolution.conftest import story

__all__ = ["story"]
