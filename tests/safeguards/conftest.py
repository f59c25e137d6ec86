"""A solution referenced twice, the second time on proofs of the first, and an audit of all that the second rests on."""

from collections.abc import Iterator, Sequence

import pytest

from tests.audits.conftest import referenced_twice
from tests.audits.inquiry import Inquiry, of
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running
from tests.console.conftest import signed_in

__all__ = ["signed_in"]


@pytest.fixture
def twice(running: Running) -> Iterator[tuple[People, Sequence[Dossier]]]:
    with running.after(referenced_twice) as prepared:
        yield prepared


@pytest.fixture
def people(twice: tuple[People, Sequence[Dossier]]) -> People:
    return twice[0]


@pytest.fixture
def inquiry(twice: tuple[People, Sequence[Dossier]]) -> Inquiry:
    return of(twice[1][1], size=50).open()
