"""An application as the dossiers have, in which a test begins with what it needs in the queues."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.candidatures.conftest import time
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running, running_on

__all__ = ["dossier", "people", "running", "time"]


@pytest.fixture(scope="session")
def running(server: sa.URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """On databases of its own: those of the dossiers are made anew whenever one of their tests begins."""
    with running_on(server, "reviews", tmp_path_factory.mktemp("reviews")) as found:
        yield found


def in_review(people: People) -> list[Dossier]:
    """Four proofs wait for a verifier."""
    return [people.in_review("LGC-V1")]


@pytest.fixture
def dossier(running: Running) -> Iterator[Dossier]:
    with running.after(in_review) as (_, (dossier,)):
        yield dossier


@pytest.fixture
def people(dossier: Dossier) -> People:
    return dossier.people
