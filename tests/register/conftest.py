"""Some solutions on the list, and one that was left off it."""

from collections.abc import Iterator, Sequence

import pytest

from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running


def some(people: People) -> Sequence[Dossier]:
    referenced = [
        people.referenced("LGC-V1", people.solution(name)) for name in ("Zéphyr", "Été 100%", "alizé")
    ]
    return [*referenced, people.in_deliberation("LGC-V1", people.solution("Brise"))]


@pytest.fixture
def listed(running: Running) -> Iterator[tuple[People, list[Dossier]]]:
    with running.after(some) as prepared:
        yield prepared
