"""One fleet for all of these tests: it takes longer to start than most of them."""

from collections.abc import Iterator

import pytest

from tests.distributed.fleet import Fleet, fleet
from tests.distributed.mix import Mix, mix_on

#: More than there are verdicts in the short runs.
TASKS = 200


@pytest.fixture(scope="module", name="fleet")
def shared_fleet() -> Iterator[Fleet]:
    with fleet() as running:
        yield running


@pytest.fixture(scope="module")
def mix(fleet: Fleet) -> Mix:
    return mix_on(fleet, TASKS)
