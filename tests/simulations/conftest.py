"""The two vagues of `tests.resolution`, and databases that a module prepares once and each of its tests copies."""

import pytest
import sqlalchemy as sa

from tests.candidatures.resolution.conftest import story
from tests.conftest import new_database

__all__ = ["story"]


@pytest.fixture
def database(server: sa.URL, template: str) -> sa.URL:
    """A copy of what the module prepared."""
    return new_database(server, "simulating", template)


@pytest.fixture(scope="module")
def template() -> str:
    """The name of the database to copy; a module that prepares one says so."""
    return "migrated"
