"""Anybody reads which solutions are referenced, and nothing else of their dossiers."""

import csv
import io
from typing import Any

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import State
from tests.audits.inquiry import of
from tests.builders import statements
from tests.candidatures.dossiers import Dossier, People

Listed = tuple[People, list[Dossier]]


def get(listed: Listed, query: str = "", **headers: str) -> Any:
    return listed[0].app.test_client().get(f"/api/v1/register{query}", headers=headers)


def names(listed: Listed, query: str = "") -> list[str]:
    return [one["commercial_name"] for one in get(listed, query).json["items"]]


def put(listed: Listed, dossier: Dossier, state: State) -> None:
    with db.transaction(listed[0].parts.sessions) as session:
        session.execute(sa.update(Candidature).where(Candidature.id == dossier.id).values(state=state))


def test_what_is_referenced_is_listed_by_name_whatever_the_accents(listed: Listed) -> None:
    assert names(listed) == ["alizé", "Été 100%", "Zéphyr"]


def test_nothing_else_of_the_dossier_is_told(listed: Listed) -> None:
    alize = listed[1][2]
    assert get(listed).json["items"][0] == {
        "solution": alize.read()["solution"],
        "commercial_name": "alizé",
        "editor": "Éditions Alizé",
        "software": "Alizé Cabinet",
        "nil": "NIL-3",
        "software_version": "1.0",
        "couloir": "Médecine de ville",
        "dispositif": "LGC",
        "vague": 1,
        "dsr": "LGC-V1",
        "dsr_version": 1,
        "referenced_on": "2026-03-02",
        "state": "referenced",
        "since": "2026-03-02",
        "is_last": True,
    }


def test_what_is_suspended_says_so_and_what_is_delisted_is_gone(listed: Listed) -> None:
    _, (zephyr, summer, *_) = listed
    put(listed, zephyr, State.SUSPENDED)
    put(listed, summer, State.DELISTED)
    found = [(one["commercial_name"], one["state"]) for one in get(listed).json["items"]]
    assert found == [("alizé", "referenced"), ("Zéphyr", "suspended")]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?name=ETE", ["Été 100%"]),
        ("?name=ali%C3%A9z", []),
        ("?name=ALIZ%C3%89", ["alizé", "Été 100%", "Zéphyr"]),
        ("?name=%25", ["Été 100%"]),
        ("?name=e%CC%81phyr", ["Zéphyr"]),
        ("?vague=1&dispositif=LGC", ["alizé", "Été 100%", "Zéphyr"]),
        ("?vague=2", []),
        ("?couloir=H%C3%B4pital", []),
        ("?couloir=M%C3%A9decine%20de%20ville&name=zeph", ["Zéphyr"]),
    ],
)
def test_it_is_narrowed_down(listed: Listed, query: str, expected: list[str]) -> None:
    assert names(listed, query) == expected


def test_the_lines_of_a_solution_are_asked_for(listed: Listed) -> None:
    solution = listed[1][0].read()["solution"]
    assert names(listed, f"?solution={solution}") == ["Zéphyr"]


def test_it_comes_in_pages_that_do_not_shift(listed: Listed) -> None:
    first = get(listed, "?limit=2")
    assert 'rel="next"' in first.headers["Link"]
    put(listed, listed[1][2], State.DELISTED)  # the first one
    following = first.json["next"]
    assert names(listed, f"?limit=2&cursor={following}") == ["Zéphyr"]


@pytest.mark.parametrize("query", ["?cursor=x", "?cursor=WyJhIl0", "?cursor=WyJhIiwiYiJd", "?vague=deux"])
def test_what_is_not_understood_is_a_problem(listed: Listed, query: str) -> None:
    response = get(listed, query)
    assert response.status_code in {400, 422}
    assert response.content_type == "application/problem+json"


def test_a_spreadsheet_gets_the_whole_list(listed: Listed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("referencing.register.routes.MAX_PAGE", 2)
    for response in (get(listed, "?format=csv"), get(listed, Accept="text/csv")):
        assert response.content_type.startswith("text/csv; charset=utf-8")
        header, *rows = csv.reader(io.StringIO(response.get_data(as_text=True), newline=""))
        assert header[0] == "Solution"
        assert [(row[0], row[-1]) for row in rows] == [
            ("alizé", "référencée"),
            ("Été 100%", "référencée"),
            ("Zéphyr", "référencée"),
        ]


def test_a_page_is_one_query(listed: Listed) -> None:
    people, _ = listed
    with statements(people.parts.engine) as sent:
        get(listed)
    assert len(sent) == 1


def test_an_empty_list_is_a_list(listed: Listed) -> None:
    assert get(listed, "?name=inconnu").json == {"items": [], "next": None}


def test_the_history_of_a_solution_is_public_from_its_first_referencing_on(listed: Listed) -> None:
    people, (zephyr, _, _, undecided) = listed
    of(zephyr).open().suspended()
    path = f"/{zephyr.read()['solution']}/history"
    suspended, referenced = get(listed, path).json["items"]
    assert (referenced["state"], referenced["since"], referenced["until"]) == (
        "referenced",
        "2026-03-02",
        "2026-03-02",
    )
    assert (suspended["state"], suspended["until"]) == ("suspended", None)
    assert [one["state"] for one in get(listed, f"{path}?on=2026-03-02").json["items"]] == ["suspended"]
    assert get(listed, f"{path}?on=2026-03-01").json["items"] == []
    assert get(listed, f"{path}?on=hier").status_code == 422
    following = get(listed, f"{path}?limit=1").json["next"]
    assert get(listed, f"{path}?limit=1&cursor={following}").json["items"] == [referenced]
    undecided.decide("refused")
    assert get(listed, f"/{undecided.read()['solution']}/history").json["items"] == []
    with statements(people.parts.engine) as sent:
        get(listed, path)
    assert len(sent) == 1
