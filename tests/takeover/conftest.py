"""The tests of a module share a database with the tiny referential in it."""

from tests.candidatures.conftest import people, running

__all__ = ["people", "running"]
