"""Who sends a creation again and again makes one thing; of all who edit what they read alike, one wins."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from referencing.base.permissions import Role
from tests.clients import Client
from tests.conftest import Keys
from tests.web.conftest import Dossier

MANY = [40, pytest.param(1_000, marks=pytest.mark.endurance)]
#: Requests under way together: as many as the threads of a process.
TOGETHER = 8


def together(times: int, send: Callable[[int], TestResponse]) -> list[TestResponse]:
    with ThreadPoolExecutor(TOGETHER) as threads:
        return list(threads.map(send, range(times)))


@pytest.mark.parametrize("times", MANY)
def test_a_creation_that_is_sent_again_and_again_makes_one_thing(
    app: Flask, key_of: Keys, times: int
) -> None:
    key = key_of(Role.LEAD)

    def draft(_: int) -> TestResponse:
        client = Client(app.test_client(), key)
        return client.send("POST", "/rulebooks", json={"label": label}, headers={"Idempotency-Key": "nuit"})

    label = f"Règles de {key[-12:]}"
    answers = together(times, draft)
    answers.append(draft(0))
    made = [answer for answer in answers if answer.status_code == 201]
    assert {answer.data for answer in made} == {made[0].data}
    assert sum("Idempotent-Replayed" not in answer.headers for answer in made) == 1
    refused = [answer for answer in answers if answer.status_code != 201]
    assert {(answer.status_code, answer.headers["Retry-After"]) for answer in refused} <= {(409, "1")}
    rulebooks = Client(app.test_client(), key).every("/rulebooks")
    assert [rulebook["label"] for rulebook in rulebooks].count(label) == 1


@pytest.mark.parametrize("times", MANY)
def test_of_all_edits_made_on_one_etag_one_wins(app: Flask, dossier: Dossier, times: int) -> None:
    etag = dossier.editor.send("GET", dossier.path).headers["ETag"]

    def edit(number: int) -> TestResponse:
        client, words = Client(app.test_client(), dossier.editor.key), {"software_version": f"3.{number}"}
        return client.send("PATCH", dossier.path, json=words, headers={"If-Match": etag})

    answers = together(times, edit)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: times - 1}
    (winner,) = (answer for answer in answers if answer.status_code == 200)
    assert winner.json is not None
    assert dossier.editor.get(dossier.path)["software_version"] == winner.json["software_version"]
