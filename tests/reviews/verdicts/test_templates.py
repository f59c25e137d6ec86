"""Templates of comments: a lead writes them, verifiers begin from them."""

from typing import Any
from uuid import UUID

import pytest

from tests.candidatures.dossiers import OLD_IDENTITY, Dossier, People, verdict

WORDS = {
    "title": "Date manquante",
    "text": "Montrez la date de naissance.",
    "outcome": "complement",
    "chapter": "INS",
}


def write(people: People, **words: Any) -> Any:
    return people.lead.post("/comment-templates", {**WORDS, **words})


def change(
    people: People, template: Any, etag: str | None = '"1"', method: str = "PATCH", **words: Any
) -> Any:
    headers = {"If-Match": etag} if etag else {}
    body = {"json": words} if method == "PATCH" else {}
    return people.lead.send(method, f"/comment-templates/{template['id']}", headers=headers, **body)


def test_a_template_is_read_as_it_was_written(people: People) -> None:
    made = write(people)
    assert {name: made[name] for name in WORDS} == WORDS
    assert made["actions"] == ["correct", "remove"]
    shown = {**made, "actions": []}
    assert people.verifier.get(f"/comment-templates/{made['id']}") == shown
    assert people.verifier.get("/comment-templates")["items"] == [shown]


def test_it_need_not_be_for_an_outcome_or_a_chapter(people: People) -> None:
    made = people.lead.post("/comment-templates", {"title": "Merci", "text": "Vu."})
    assert [made["outcome"], made["chapter"]] == [None, None]


def test_a_correction_changes_what_it_names(people: People) -> None:
    made = write(people)
    response = change(people, made, text="Montrez la date.", outcome=None)
    assert [response.status_code, response.headers["ETag"]] == [200, '"2"']
    assert response.json == {**made, "text": "Montrez la date.", "outcome": None, "revision": 2}


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize(("etag", "status"), [(None, 428), ('"2"', 412), ("x", 412)])
def test_who_changes_it_has_read_it(people: People, method: str, etag: str | None, status: int) -> None:
    made = write(people)
    assert change(people, made, etag, method).status_code == status
    assert people.lead.get("/comment-templates")["items"] == [made]


def test_a_removed_template_is_gone(people: People) -> None:
    made = write(people)
    assert change(people, made, method="DELETE").status_code == 204
    assert people.verifier.get("/comment-templates")["items"] == []
    people.verifier.refused(404, "GET", f"/comment-templates/{made['id']}")
    assert change(people, {"id": UUID(int=7)}, text="Vu.").status_code == 404


def test_pages_follow_each_other(people: People) -> None:
    titles = [write(people, title=f"Modèle {number}")["title"] for number in range(3)]
    assert [one["title"] for one in people.verifier.every("/comment-templates?limit=1")] == titles


@pytest.mark.parametrize("words", [{"title": " "}, {"text": ""}, {"outcome": "maybe"}, {"color": "red"}])
def test_a_template_that_makes_no_sense_is_pointed_at(people: People, words: dict[str, str]) -> None:
    problem = people.lead.refused(422, "POST", "/comment-templates", json={**WORDS, **words})
    assert [error["pointer"] for error in problem["errors"]] == [f"/{name}" for name in words]


def test_a_verdict_keeps_its_words_when_the_template_changes(people: People, dossier: Dossier) -> None:
    made = write(people)
    task = people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)
    people.verifier.post(
        f"/tasks/{task['id']}/verdict", verdict(task, "complement", made["text"]), status=200
    )
    change(people, made, method="DELETE")
    assert dossier.item(OLD_IDENTITY)["verdict"]["comment"] == made["text"]
