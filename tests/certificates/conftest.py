"""The application of the dossiers, with a database for each test; a dossier of a component that the CNDA certified."""

from collections.abc import Iterator

import pytest

from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running

NIL = "NIL-ALIZÉ"
COMPONENT = "DMP-Box@2.1"


@pytest.fixture
def people(running: Running) -> Iterator[People]:
    with running.after() as (people, _):
        yield people


@pytest.fixture
def dossier(people: People) -> Dossier:
    """A draft on LGC-V2, which embeds the component."""
    solution = people.solution(software=people.software(NIL))
    return people.draft(solution=solution, composition=[{"role": "dmp", "component": COMPONENT}])
