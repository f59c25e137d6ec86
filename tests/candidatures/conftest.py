"""The tests of a module share a database with the tiny referential in it.

Each has a software of its own, and looks at the dossiers of that one only.
"""

from collections.abc import Iterator

import pytest

from tests.candidatures.dossiers import People
from tests.candidatures.running import Running
from tests.conftest import Time

__all__ = ["people", "time"]


@pytest.fixture(scope="module")
def people(running: Running) -> Iterator[People]:
    with running.after() as (people, _):
        yield people


@pytest.fixture
def time(running: Running) -> Iterator[Time]:
    """The application's clock, for tests that move it."""
    yield running.clock
    running.clock.now = Time().now
