"""Views of lists: kept by a person for themselves, shared by a lead with the agency, and never told to others."""

from typing import Any

import pytest

from referencing.base.permissions import Role
from referencing.saved_views import operations
from tests.candidatures.dossiers import People
from tests.clients import Client

WORDS = {"list_of": "candidatures", "name": "À moi", "filters": {"state": "in_review", "q": "alpha"}}
LIST = "/saved-views?list_of=candidatures"


def keep(client: Client, **words: Any) -> Any:
    return client.post("/saved-views", {**WORDS, **words})


def names(client: Client, list_of: str = "candidatures") -> list[str]:
    return [view["name"] for view in client.every(f"/saved-views?list_of={list_of}&limit=2")]


def change(client: Client, view: Any, revision: int = 1, method: str = "PUT", **words: Any) -> Any:
    body = {"json": {**WORDS, **words}} if method == "PUT" else {}
    headers = {"If-Match": f'"{revision}"'}
    return client.send(method, f"/saved-views/{view['id']}", headers=headers, **body)


def test_a_view_is_read_as_it_was_kept(people: People) -> None:
    view = keep(people.editor)
    assert {name: view[name] for name in WORDS} == WORDS
    assert (view["shared"], view["opens"], view["keeper"]) == (False, False, "Camille")
    assert view["actions"] == ["change", "remove"]
    assert people.editor.get(f"/saved-views/{view['id']}") == view
    assert people.editor.get(LIST)["items"] == [view]


def test_views_are_listed_page_by_page(people: People) -> None:
    for number in range(5):
        keep(people.editor, name=f"Vue {number}")
    assert names(people.editor) == [f"Vue {number}" for number in range(5)]


def test_nobody_sees_what_another_keeps(people: People) -> None:
    view = keep(people.lead)
    colleague, stranger = people(Role.EDITOR, "Sacha"), people(Role.EDITOR, "Noa", "Logiciels Mistral")
    own = keep(people.editor)
    for other in (people.verifier, people.editor, colleague, stranger):
        other.refused(404, "GET", f"/saved-views/{view['id']}")
        assert change(other, view).status_code == change(other, view, method="DELETE").status_code == 404
    for other in (people.lead, colleague, stranger):
        assert own["name"] not in names(other) or other is people.lead
        other.refused(404, "GET", f"/saved-views/{own['id']}")


def test_a_lead_shares_with_the_agency_and_with_no_editor(people: People) -> None:
    view = keep(people.lead, shared=True)
    assert people.verifier.get(f"/saved-views/{view['id']}") == {**view, "actions": []}
    assert names(people.verifier) == names(people(Role.AUDITOR)) == ["À moi"]
    assert names(people.editor) == []
    refusal = people.verifier.refused(
        403, "PUT", f"/saved-views/{view['id']}", json=WORDS, headers={"If-Match": '"1"'}
    )
    assert "gardez la vôtre sous un autre nom" in refusal["detail"]
    assert people(Role.LEAD, "Autre").get(f"/saved-views/{view['id']}")["actions"] == ["remove"]
    assert change(people(Role.LEAD, "Autre"), view, method="DELETE").status_code == 204
    assert names(people.lead) == []


def test_only_a_lead_shares(people: People) -> None:
    for client in (people.verifier, people.editor):
        client.refused(403, "POST", "/saved-views", json={**WORDS, "shared": True})
        assert change(client, keep(client), shared=True).status_code == 403


def test_a_list_opens_with_one_view_at_the_most(people: People) -> None:
    first = keep(people.editor, opens=True)
    second = keep(people.editor, name="Une autre", opens=True)
    other = keep(people.lead, opens=True)
    read = people.editor.get
    assert (read(f"/saved-views/{first['id']}")["opens"], second["opens"], other["opens"]) == (
        False,
        True,
        True,
    )
    assert change(people.editor, first, opens=True).json["opens"]
    assert not read(f"/saved-views/{second['id']}")["opens"]


def test_a_name_is_given_once_by_each_person_for_each_list(people: People) -> None:
    keep(people.lead)
    keep(people.verifier)
    keep(people.lead, list_of="tasks", filters={"queue": "equivalence"})
    other = keep(people.lead, name="Une autre")
    assert "un autre" in people.lead.refused(409, "POST", "/saved-views", json=WORDS)["detail"]
    assert change(people.lead, other).status_code == 409
    assert change(people.lead, other, name="Encore une").json["revision"] == 2


def test_a_change_made_meanwhile_is_not_overwritten(people: People) -> None:
    view = keep(people.editor)
    assert change(people.editor, view, name="Deux").status_code == 200
    assert change(people.editor, view, name="Trois").status_code == 412
    assert change(people.editor, view, method="DELETE").status_code == 412
    assert change(people.editor, view, 2, method="DELETE").status_code == 204
    people.editor.refused(404, "GET", f"/saved-views/{view['id']}")


@pytest.mark.parametrize(
    ("list_of", "filters", "pointer"),
    [
        ("candidatures", {"inconnu": "1"}, "/filters/inconnu"),
        ("candidatures", {"state": "n'importe quoi"}, "/filters/state"),
        ("candidatures", {"cursor": "x"}, "/filters/cursor"),
        ("tasks", {"queue": "aucune"}, "/filters/queue"),
        ("tasks", {"q": "alpha"}, "/filters/q"),
    ],
)
def test_a_filter_is_one_that_the_list_takes(
    people: People, list_of: str, filters: dict[str, str], pointer: str
) -> None:
    words = {**WORDS, "list_of": list_of, "filters": filters}
    problem = people.lead.refused(422, "POST", "/saved-views", json=words)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_a_view_of_tasks_is_for_who_reads_the_queues(people: People) -> None:
    words = {**WORDS, "list_of": "tasks", "filters": {"queue": "equivalence"}}
    people.editor.refused(403, "POST", "/saved-views", json=words)
    people.editor.refused(403, "GET", "/saved-views?list_of=tasks")
    people.verifier.post("/saved-views", words)
    assert names(people.verifier, "tasks") == ["À moi"]


def test_a_shared_view_of_tasks_is_read_by_nobody_else(people: People) -> None:
    words = {"list_of": "tasks", "filters": {"queue": "equivalence"}, "shared": True}
    view = keep(people.lead, **words)
    people(Role.AUDITOR).refused(403, "GET", f"/saved-views/{view['id']}")
    assert people.verifier.get(f"/saved-views/{view['id']}")["name"] == "À moi"


def test_a_view_stays_one_of_its_list(people: People) -> None:
    view = keep(people.lead, filters={})
    assert change(people.lead, view, list_of="tasks", filters={}).status_code == 409
    assert names(people.lead, "tasks") == []


def test_a_person_keeps_so_many_of_each_list(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_VIEWS", 2)
    for number in range(2):
        keep(people.editor, name=f"Vue {number}")
    assert "supprimez-en une" in people.editor.refused(409, "POST", "/saved-views", json=WORDS)["detail"]
