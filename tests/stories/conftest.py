"""The application of the stories, with a database for each beginning."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.candidatures.running import Running, running_on


@pytest.fixture(scope="session")
def running(server: sa.URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_on(server, "stories", tmp_path_factory.mktemp("stories")) as found:
        yield found
