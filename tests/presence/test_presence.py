"""Who looks at a page is told to who looks at it too: of one's own side alone, and for as long as it is so."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from referencing.accounts.operations import identify
from referencing.base import db
from referencing.base.permissions import Actor, Role
from referencing.presence.models import Looker
from referencing.presence.operations import KEPT, LASTS, go_on, look_at
from referencing.presence.queries import lookers
from tests.candidatures.dossiers import People
from tests.conftest import Time

PLACE = uuid4()


@pytest.fixture(autouse=True)
def nobody(people: People) -> None:
    with db.transaction(people.parts.sessions) as session:
        session.execute(sa.delete(Looker))


def actor(people: People, role: Role, name: str, *organisation: str) -> Actor:
    key = people(role, name, *organisation).key
    with db.transaction(people.parts.sessions) as session:
        return identify(session, key)


def look(people: People, who: Actor, place: UUID = PLACE) -> Sequence[str]:
    with db.transaction(people.parts.sessions) as session:
        return [person.name for person in look_at(session, who, place)]


def rows(people: People) -> int:
    with db.transaction(people.parts.sessions) as session:
        return session.scalars(sa.select(sa.func.count()).select_from(Looker)).one()


def test_everybody_of_the_agency_is_told_of_everybody_of_the_agency(people: People) -> None:
    assert look(people, actor(people, Role.VERIFIER, "Zoé")) == ["Zoé"]
    assert look(people, actor(people, Role.LEAD, "Ana")) == ["Ana", "Zoé"]
    assert look(people, actor(people, Role.AUDITOR, "Lou"), uuid4()) == ["Lou"]


def test_no_side_is_told_of_another(people: People) -> None:
    look(people, actor(people, Role.VERIFIER, "Zoé"))
    editor = actor(people, Role.EDITOR, "Sacha")
    assert look(people, editor) == ["Sacha"]
    assert look(people, actor(people, Role.EDITOR, "Noa", "Logiciels Mistral")) == ["Noa"]
    assert look(people, actor(people, Role.EDITOR, "Ali")) == ["Ali", "Sacha"]
    assert look(people, actor(people, Role.LEAD, "Ana")) == ["Ana", "Zoé"]
    with db.transaction(people.parts.sessions) as session:
        sides = lookers(session, {PLACE})
    assert sorted(map(len, sides.values())) == [1, 2, 2]
    assert len(sides[PLACE, editor.organisation_id]) == 2


def test_who_says_nothing_more_is_gone(people: People, time: Time) -> None:
    zoe, ana = actor(people, Role.VERIFIER, "Zoé"), actor(people, Role.LEAD, "Ana")
    look(people, zoe)
    time.now += LASTS
    assert look(people, ana) == ["Ana"]


def test_who_goes_on_looking_stays(people: People, time: Time) -> None:
    zoe, ana = actor(people, Role.VERIFIER, "Zoé"), actor(people, Role.LEAD, "Ana")
    look(people, zoe)
    time.now += LASTS - timedelta(seconds=5)
    with db.transaction(people.parts.sessions) as session:
        go_on(session, {(zoe.account_id, PLACE), (ana.account_id, PLACE)})
    time.now += timedelta(seconds=10)
    assert look(people, ana) == ["Ana", "Zoé"], "who has not come is not made to be there"


def test_two_processes_that_say_so_at_once_do_not_wait_for_each_other(people: People, time: Time) -> None:
    zoe = actor(people, Role.VERIFIER, "Zoé")
    look(people, zoe)
    time.now += LASTS - timedelta(seconds=5)
    with db.transaction(people.parts.sessions) as first, db.transaction(people.parts.sessions) as second:
        go_on(first, {(zoe.account_id, PLACE)})
        second.execute(sa.text("SET LOCAL lock_timeout = '200ms'"))
        go_on(second, {(zoe.account_id, PLACE)})


def test_two_windows_of_one_person_do_not_wait_for_each_other(people: People, time: Time) -> None:
    zoe, elsewhere = actor(people, Role.VERIFIER, "Zoé"), uuid4()
    look(people, zoe)
    look(people, zoe, elsewhere)
    time.now += KEPT + LASTS + timedelta(seconds=1)
    with db.transaction(people.parts.sessions) as first:
        first.execute(sa.update(Looker).where(Looker.place == elsewhere).values(until=time.now + LASTS))
        with db.transaction(people.parts.sessions) as second:
            second.execute(sa.text("SET LOCAL lock_timeout = '200ms'"))
            assert [person.name for person in look_at(second, zoe, PLACE)] == ["Zoé"]


def test_rows_do_not_grow_with_what_one_has_looked_at(people: People, time: Time) -> None:
    zoe = actor(people, Role.VERIFIER, "Zoé")
    for _ in range(5):
        look(people, zoe, uuid4())
    time.now += KEPT + LASTS + timedelta(seconds=1)
    look(people, zoe)
    assert rows(people) == 1
