"""A test begins with a submitted dossier, which it may write about as it likes."""

from collections.abc import Iterator

import pytest

from tests.candidatures.conftest import time
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running

__all__ = ["dossier", "people", "time"]


def submitted(people: People) -> list[Dossier]:
    return [people.submitted("LGC-V1")]


@pytest.fixture
def dossier(running: Running) -> Iterator[Dossier]:
    with running.after(submitted) as (_, (dossier,)):
        yield dossier


@pytest.fixture
def people(dossier: Dossier) -> People:
    return dossier.people
