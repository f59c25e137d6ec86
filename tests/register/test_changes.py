"""Anybody follows how the list changes, from a cursor, and learns nothing that the list did not show."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.candidatures.record.standings import register_change
from referencing.equivalence.engine.facts import Standing
from referencing.equivalence.rulebooks.models import DossierStanding, RegisterChange
from referencing.journal.queries import NEXT_POSITION
from referencing.solutions.models import Software, Solution
from tests.audits.inquiry import of
from tests.builders import statements
from tests.candidatures.dossiers import Dossier, People

Listed = tuple[People, list[Dossier]]


def read(people: People, query: str = "", status: int = 200) -> Any:
    response = people.app.test_client().get(f"/api/v1/register/changes{query}")
    assert response.status_code == status, response.text
    return response.json


def told(people: People) -> list[tuple[str, str, str]]:
    return [
        (line["commercial_name"], line["software_version"], line["change"]) for line in read(people)["items"]
    ]


def test_every_change_is_told_once_in_its_order_and_from_a_cursor(listed: Listed) -> None:
    people, (zephyr, *_, undecided) = listed
    first = read(people)
    assert [line["change"] for line in first["items"]] == ["referenced"] * 3
    assert [line["commercial_name"] for line in first["items"]] == ["Zéphyr", "Été 100%", "alizé"]
    of(zephyr).open().suspended()
    undecided.decide("refused")
    people.draft("LGC-V1", people.solution("Secret"))
    following = read(people, f"?cursor={first['next']}")
    assert [(line["commercial_name"], line["change"]) for line in following["items"]] == [
        ("Zéphyr", "suspended")
    ]
    assert read(people, f"?cursor={following['next']}") == {"items": [], "next": following["next"]}
    change = following["items"][0]
    assert people.app.test_client().get(f"/api/v1/register/changes/{change['id']}").json == change
    assert change.items() >= {"nil": "NIL-1", "dsr": "LGC-V1", "dsr_version": 1, "on": "2026-03-02"}.items()


def test_a_second_version_on_the_same_dsr_renews(listed: Listed) -> None:
    people, (zephyr, *_) = listed
    people.referenced("LGC-V1", zephyr.read()["solution"], software_version="2.0")
    assert told(people)[-1] == ("Zéphyr", "2.0", "renewed")


def test_a_component_is_on_no_list_and_changes_none(listed: Listed) -> None:
    people, (*_, undecided) = listed
    before = told(people)
    with db.transaction(people.parts.sessions) as session:
        own = Software.solutions.any(Solution.id == UUID(undecided.read()["solution"]))
        session.execute(sa.update(Software).where(own).values(fills=["mss"]))
    undecided.decide("referenced")
    assert told(people) == before


@pytest.mark.parametrize("query", ["?cursor=x", "?cursor=WyJhIl0"])
def test_a_cursor_of_nothing_is_refused(listed: Listed, query: str) -> None:
    assert read(listed[0], query, 400)["detail"]


def test_what_is_no_change_of_the_list_is_not_found(listed: Listed) -> None:
    people, (*_, undecided) = listed
    undecided.decide("refused")
    with db.transaction(people.parts.sessions) as session:
        refused = session.scalars(sa.select(DossierStanding.id).where(DossierStanding.change.is_(None))).one()
    read(people, f"/{refused}", 404)


def test_what_still_waits_to_be_committed_holds_back_what_came_later(listed: Listed) -> None:
    """Else who read the later one would go on after it, and never see the first."""
    people, (zephyr, summer, *_) = listed
    begun = read(people)["next"]
    with people.parts.sessions() as slow:
        held = sa.select(DossierStanding).where(DossierStanding.candidature_id == summer.id)
        kept = slow.scalars(held).one()
        again = {"id": db.new_id(), "standing": Standing.SUSPENDED, "change": RegisterChange.SUSPENDED}
        copied = {name: getattr(kept, name) for name in ("candidature_id", "core_id", "began_at", "reason")}
        slow.execute(sa.insert(DossierStanding).values(**copied, **again, position=NEXT_POSITION))
        of(zephyr).open().suspended()
        assert read(people, f"?cursor={begun}")["items"] == []
        slow.commit()
    names = [line["commercial_name"] for line in read(people, f"?cursor={begun}")["items"]]
    assert names == ["Été 100%", "Zéphyr"]


def test_a_page_takes_as_many_statements_however_far_it_is(listed: Listed) -> None:
    people, _ = listed
    cursor = read(people, "?limit=1")["next"]
    with statements(people.parts.engine) as sent:
        read(people, f"?limit=1&cursor={cursor}")
    assert len(sent) == 4, "where the cursor is, what is certain (two), and the page"


_S, _C = Standing, RegisterChange


@pytest.mark.parametrize(
    ("before", "after", "listed_already", "change"),
    [
        (None, _S.REFERENCED, False, _C.REFERENCED),
        (None, _S.REFERENCED, True, _C.RENEWED),
        (None, _S.IMPORTED, False, _C.REFERENCED),
        (_S.IMPORTED, _S.IMPORTED, False, None),
        (_S.REFERENCED, _S.SUSPENDED, False, _C.SUSPENDED),
        (_S.SUSPENDED, _S.REFERENCED, True, _C.REINSTATED),
        (_S.SUSPENDED, _S.IMPORTED, False, _C.REINSTATED),
        (_S.SUSPENDED, _S.DELISTED, False, _C.DELISTED),
        (_S.DELISTED, _S.DELISTED, False, None),
        (_S.IMPORTED, _S.WITHDRAWN, False, _C.ANNULLED),
        (_S.SUSPENDED, _S.WITHDRAWN, False, _C.ANNULLED),
        (None, _S.WITHDRAWN, False, None),
        (None, _S.REFUSED, True, None),
    ],
)
def test_how_the_list_changes(
    before: Standing | None, after: Standing, listed_already: bool, change: RegisterChange | None
) -> None:
    assert register_change(before, after, is_listed_already=listed_already) is change
