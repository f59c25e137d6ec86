"""The two vagues of `tests.resolution`, for simulations."""

from tests.resolution.conftest import story

__all__ = ["story"]
