"""The list is read from a standby that is hardly behind, all pages of its sheet too."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.base.outgoing.replica import Replica
from tests.candidatures.dossiers import Dossier, People


class Near(Replica):
    """The database itself, read as the standby that nobody has here."""

    def _look(self) -> bool:
        return True


@pytest.fixture
def reads(listed: tuple[People, list[Dossier]], monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """The transactions on the standby."""
    people, _ = listed
    standby = db.connect(people.parts.engine.url, pool_size=1)
    counted: list[object] = []
    sa.event.listen(standby, "begin", counted.append)
    near = replace(people.parts, replica=Near(people.parts.engine, standby))
    monkeypatch.setitem(people.app.extensions, "referencing", near)
    yield counted
    standby.dispose()


@pytest.mark.parametrize(
    ("path", "transactions"),
    [("/api/v1/register", 1), ("/api/v1/register?format=csv", 4), ("/referencees", 1)],
)
def test_the_list_is_read_from_the_standby(
    listed: tuple[People, list[Dossier]],
    reads: list[object],
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    transactions: int,
) -> None:
    monkeypatch.setattr("referencing.register.routes.MAX_PAGE", 1)
    text = listed[0].app.test_client().get(path).text
    assert "alizé" in text
    assert "Zéphyr" in text
    assert len(reads) == transactions
