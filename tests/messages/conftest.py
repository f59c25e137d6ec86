"""A module shares a database with the tiny referential in it; each test has a dossier of its own."""

import pytest

from tests.candidatures.conftest import people, time
from tests.candidatures.dossiers import Dossier, People

__all__ = ["dossier", "people", "time"]


@pytest.fixture
def dossier(people: People) -> Dossier:
    return people.submitted("LGC-V1")
