"""A list is read page by page, each naming the next one in its body and in a Link header (RFC 8288)."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from referencing.base.permissions import Role
from tests.clients import Client, escaped
from tests.web.conftest import Dossier
from tests.web.cursors import cursor

As = Callable[..., Client]


@pytest.fixture
def editor(as_: As) -> Client:
    """With seven softwares."""
    client = as_(Role.EDITOR)
    for number in range(7):
        client.post("/softwares", {"name": f"Logiciel {number}", "nil": f"NIL-{number}"})
    return client


def names(page: dict[str, list[dict[str, str]]]) -> list[str]:
    return [one["name"] for one in page["items"]]


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
def test_the_pages_together_are_the_whole(editor: Client, limit: int) -> None:
    whole = editor.get("/softwares")
    assert len(whole["items"]) == 7
    assert list(editor.every(f"/softwares?limit={limit}")) == whole["items"]


def test_a_page_has_as_many_as_were_asked_for_and_the_last_one_what_is_left(editor: Client) -> None:
    first = editor.get("/softwares?limit=3")
    second = editor.get(f"/softwares?limit=3&cursor={first['next']}")
    third = editor.get(f"/softwares?limit=3&cursor={second['next']}")
    assert [len(page["items"]) for page in (first, second, third)] == [3, 3, 1]


@pytest.mark.parametrize("limit", [7, 8, 500])
def test_there_is_no_page_after_the_last_one(editor: Client, limit: int) -> None:
    response = editor.send("GET", f"/softwares?limit={limit}")
    assert response.json is not None
    assert response.json["next"] is None
    assert "Link" not in response.headers


def test_an_empty_list_is_one_empty_page(as_: As) -> None:
    response = as_(Role.EDITOR).send("GET", "/softwares")
    assert response.json == {"items": [], "next": None}
    assert "Link" not in response.headers


def test_the_link_leads_to_the_same_page_as_the_cursor(editor: Client) -> None:
    response = editor.send("GET", "/softwares?limit=3")
    link = re.fullmatch(r'<(/api/v1\S+)>; rel="next"', response.headers["Link"])
    assert link
    assert response.json is not None
    followed = editor.get(link[1].removeprefix("/api/v1"))
    assert followed == editor.get(f"/softwares?limit=3&cursor={response.json['next']}")
    assert names(followed) == ["Logiciel 3", "Logiciel 4", "Logiciel 5"]


def test_the_link_keeps_what_was_asked_for(dossier: Dossier) -> None:
    response = dossier.editor.send("GET", f"{dossier.path}/items?state=required&limit=2")
    target = urlsplit(response.headers["Link"].partition(">")[0].removeprefix("<"))
    asked = parse_qs(target.query)
    assert (asked["state"], asked["limit"]) == (["required"], ["2"])


def test_what_is_added_meanwhile_shifts_no_page(editor: Client) -> None:
    first = editor.get("/softwares?limit=5")
    editor.post("/softwares", {"name": "Logiciel 7", "nil": "NIL-7"})
    second = editor.get(f"/softwares?limit=5&cursor={first['next']}")
    assert names(first) + names(second) == [f"Logiciel {number}" for number in range(8)]


@pytest.mark.parametrize("what", ["items", "timeline"])
def test_what_hangs_on_a_dossier_is_read_page_by_page_too(dossier: Dossier, what: str) -> None:
    for code in dossier.codes[:3]:
        dossier.editor.upload(f"{dossier.path}/items/{escaped(code)}/proofs", ("preuve.txt", b"preuve"))
    whole = dossier.editor.get(f"{dossier.path}/{what}")["items"]
    assert len(whole) >= 4
    assert list(dossier.editor.every(f"{dossier.path}/{what}?limit=2")) == whole


@pytest.mark.parametrize(
    ("path", "role"), [("/dsrs", Role.EDITOR), ("/rulebooks", Role.LEAD), ("/candidatures", Role.LEAD)]
)
def test_a_list_that_all_share_is_read_page_by_page_too(
    dossier: Dossier, as_: As, path: str, role: Role
) -> None:
    for number in range(2):
        as_(Role.LEAD, name=f"Dominique {number}").post("/rulebooks", {"label": "Règles"})
    reader = as_(role, name="Lecture")
    whole = reader.get(f"{path}?limit=500")["items"]
    assert list(reader.every(f"{path}?limit=2")) == whole


@pytest.mark.parametrize("keys", [("a", "b", "c"), ("a", "b", "c", "d", "e")])
@pytest.mark.parametrize(
    "path", ["/issuers", "/dsrs", "/softwares", "/candidatures", "/rulebooks", "/register"]
)
def test_a_cursor_of_another_list_is_refused_wherever_it_is_given(
    as_: As, path: str, keys: tuple[str, ...]
) -> None:
    problem = as_(Role.LEAD).refused(400, "GET", f"{path}?cursor={cursor(*keys)}")
    assert "Le curseur n'est pas lisible" in problem["detail"]
