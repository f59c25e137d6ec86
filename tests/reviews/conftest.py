"""An application as the dossiers have, in which a test begins with what it needs in the queues."""

from collections.abc import Iterator

import pytest

from tests.candidatures.conftest import time
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running

__all__ = ["dossier", "people", "time"]


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
