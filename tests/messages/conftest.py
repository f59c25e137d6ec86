"""A module shares a database with the tiny referential in it; each test has a dossier of its own."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.candidatures.conftest import people, time
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running, running_on

__all__ = ["dossier", "people", "running", "time"]


@pytest.fixture(scope="session")
def running(server: sa.URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_on(server, "messages", tmp_path_factory.mktemp("messages")) as found:
        yield found


@pytest.fixture
def dossier(people: People) -> Dossier:
    return people.draft("LGC-V1")
