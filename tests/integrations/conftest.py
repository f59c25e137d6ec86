"""The same application as the dossiers have, with machines of the editor's own and of others."""

from collections.abc import Callable
from itertools import count

import pytest

from referencing.base.permissions import Role
from tests.candidatures.conftest import people, time
from tests.candidatures.dossiers import Dossier, People
from tests.clients import Client

__all__ = ["people", "time"]

BENCH = "Banc d'essai national"
RIVAL = "Logiciels Mistral"

_machines = count(1)

Machines = Callable[..., Client]


@pytest.fixture
def machine(people: People) -> Machines:
    """A new integration, of a test bench unless told otherwise."""

    def create(organisation: str = BENCH) -> Client:
        return people(Role.INTEGRATION, f"Machine {next(_machines)}", organisation)

    return create


@pytest.fixture
def bench(machine: Machines) -> Client:
    return machine()


@pytest.fixture
def rival(people: People) -> Client:
    """An editor of another organisation."""
    return people(Role.EDITOR, organisation=RIVAL)


@pytest.fixture
def dossier(people: People, bench: Client) -> Dossier:
    """A draft on which the bench is allowed."""
    drafted = people.draft()
    drafted.allow(bench)
    return drafted
