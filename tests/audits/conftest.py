"""A solution that was referenced twice on one software, the second time on proofs of the first, and an audit of it."""

from collections.abc import Iterator, Sequence

import pytest

from tests.audits.inquiry import Inquiry, of
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running
from tests.conftest import Time

__all__ = ["inquiry", "people", "time", "twice"]


def referenced_twice(people: People) -> Sequence[Dossier]:
    solution = people.solution()
    first = people.referenced("LGC-V1", solution)
    second = people.in_deliberation("LGC-V2", solution)
    for task in second.tasks("equivalence"):
        second.find(task["code"])
    second.decide("referenced")
    return [first, second]


@pytest.fixture
def twice(running: Running) -> Iterator[tuple[People, list[Dossier]]]:
    with running.after(referenced_twice) as prepared:
        yield prepared


@pytest.fixture
def people(twice: tuple[People, list[Dossier]]) -> People:
    return twice[0]


@pytest.fixture
def time(running: Running) -> Iterator[Time]:
    """The application's clock, for tests that move it."""
    yield running.clock
    running.clock.now = Time().now


@pytest.fixture
def inquiry(twice: tuple[People, list[Dossier]]) -> Inquiry:
    """Planned, of the second referencing, with a sample of two requirements."""
    return of(twice[1][1], size=2)
