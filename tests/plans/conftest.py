"""A module shares a database with the tiny referential in it."""

from tests.candidatures.conftest import people, time

__all__ = ["people", "time"]
