"""The tests of a module share a database with the tiny referential in it."""

from tests.candidatures.conftest import people

__all__ = ["people"]
