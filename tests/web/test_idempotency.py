"""A creation sent again with the same Idempotency-Key is made once and answered the same."""

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError
from typing_extensions import Buffer
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from referencing.base.permissions import Role
from referencing.solutions import operations
from referencing.web.idempotency import sees_to_repeats
from referencing.web.requests import CHANGES
from tests.clients import Client
from tests.conftest import Keys
from tests.proofs.multipart import CONTENT_TYPE, body, part
from tests.web.conftest import Dossier

As = Callable[..., Client]

ALPHA = {"name": "Alpha", "nil": "NIL-A"}
BETA = {"name": "Bêta", "nil": "NIL-B"}


def register(client: Client, key: str, software: dict[str, str], path: str = "/softwares") -> TestResponse:
    return client.send("POST", path, json=software, headers={"Idempotency-Key": key})


def registered(client: Client) -> list[str]:
    return [one["name"] for one in client.every("/softwares")]


@pytest.fixture
def editor(as_: As) -> Client:
    return as_(Role.EDITOR)


def test_the_second_time_gets_the_first_answer_and_creates_nothing(editor: Client) -> None:
    first, second = register(editor, "k", ALPHA), register(editor, "k", ALPHA)
    assert (second.status_code, second.data) == (first.status_code, first.data)
    assert second.status_code == 201
    assert registered(editor) == ["Alpha"]


def test_the_second_answer_says_that_it_is_one(editor: Client) -> None:
    first, second = register(editor, "k", ALPHA), register(editor, "k", ALPHA)
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"


def test_what_a_constraint_says_of_what_was_made_before_is_not_answered(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = register(editor, "k", ALPHA)

    def made_before(*_: object, **__: object) -> None:
        raise IntegrityError("INSERT", {}, Exception("uq_software_name"))

    monkeypatch.setattr("referencing.solutions.operations.register_software", made_before)
    second = register(editor, "k", ALPHA)
    assert (second.status_code, second.data) == (first.status_code, first.data)


def test_the_second_answer_has_the_headers_of_the_first(dossier: Dossier) -> None:
    drafted = dossier.editor.get(dossier.path)
    composition = [{"role": "essai", "component": "Autre@1"}]  # another draft of the same is refused
    words = {
        "dsr": drafted["dsr"],
        "solution": drafted["solution"],
        "software_version": "2.0",
        "composition": composition,
    }
    first, second = (register(dossier.editor, "k", words, "/candidatures") for _ in range(2))
    for name in ("Content-Type", "Location"):
        assert second.headers[name] == first.headers[name]


def test_an_edit_sent_again_is_not_refused_for_the_version_that_it_made(dossier: Dossier) -> None:
    read = dossier.editor.send("GET", dossier.path)
    headers = {"If-Match": read.headers["ETag"], "Idempotency-Key": "k"}
    first, second = (
        dossier.editor.send("PATCH", dossier.path, json={"software_version": "3.0"}, headers=headers)
        for _ in range(2)
    )
    assert first.status_code == 200
    assert (second.status_code, second.data, second.headers["ETag"]) == (
        200,
        first.data,
        first.headers["ETag"],
    )
    unkeyed = {"If-Match": read.headers["ETag"]}
    again = dossier.editor.send("PATCH", dossier.path, json={"software_version": "3.0"}, headers=unkeyed)
    assert again.status_code == 412


def test_without_a_key_a_creation_sent_twice_is_two(as_: As) -> None:
    lead = as_(Role.LEAD)
    first, second = (lead.post("/rulebooks", {"label": "Règles"}) for _ in range(2))
    assert first["id"] != second["id"]


@pytest.mark.parametrize(
    ("path", "body"), [("/softwares", BETA), ("/solutions", ALPHA)], ids=["other body", "other address"]
)
def test_a_key_that_served_another_request_is_refused(
    editor: Client, path: str, body: dict[str, str]
) -> None:
    register(editor, "k", ALPHA)
    refused = register(editor, "k", body, path)
    assert refused.status_code == 422
    assert refused.json is not None
    assert "Idempotency-Key" in refused.json["detail"]
    assert registered(editor) == ["Alpha"]


def test_an_error_forgets_the_key(editor: Client) -> None:
    assert register(editor, "k", {"name": "Alpha"}).status_code == 422
    assert register(editor, "k", {**ALPHA, "name": ""}).status_code == 422
    assert register(editor, "k", ALPHA).status_code == 201


def test_a_refusal_by_the_state_forgets_the_key(editor: Client) -> None:
    editor.post("/softwares", ALPHA)
    assert register(editor, "k", ALPHA).status_code == 409
    assert register(editor, "k", BETA).status_code == 201


def test_the_key_of_another_account_is_another_key(as_: As) -> None:
    one, other = as_(Role.EDITOR), as_(Role.EDITOR, organisation="Autre")
    first, second = register(one, "k", ALPHA), register(other, "k", BETA)
    assert (first.status_code, second.status_code) == (201, 201)
    assert "Idempotent-Replayed" not in second.headers


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_has_a_length(editor: Client, key: str) -> None:
    assert register(editor, key, ALPHA).status_code == 400
    assert registered(editor) == []


def test_twins_sent_at_once_create_one(app: Flask, key_of: Keys) -> None:
    key, start = key_of(Role.EDITOR), Barrier(4)

    def send(_: int) -> TestResponse:
        start.wait()
        return register(Client(app.test_client(), key), "k", ALPHA)

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(send, range(4)))
    assert_made_once(answers)
    assert registered(Client(app.test_client(), key)) == ["Alpha"]


def assert_made_once(answers: list[TestResponse]) -> None:
    """Each twin is answered as the first one, or comes while that is at work and is told to ask again."""
    made = [answer for answer in answers if answer.status_code == 201]
    assert sum("Idempotent-Replayed" not in answer.headers for answer in made) == 1
    assert {answer.data for answer in made} == {made[0].data}
    for refused in answers:
        if refused not in made:
            assert refused.json is not None
            assert (refused.status_code, refused.headers["Retry-After"]) == (409, "1")
            assert refused.json["type"] == "urn:referencing:problem:under-way"


def test_a_twin_that_comes_meanwhile_is_told_to_ask_again_and_then_gets_the_answer(
    app: Flask, key_of: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, meanwhile = key_of(Role.EDITOR), list[TestResponse]()
    register_software = operations.register_software

    def register_slowly(*given: Any, **named: Any) -> Any:
        with ThreadPoolExecutor(1) as thread:  # a request of its own
            meanwhile.append(thread.submit(register, Client(app.test_client(), key), "k", ALPHA).result())
        return register_software(*given, **named)

    monkeypatch.setattr("referencing.solutions.operations.register_software", register_slowly)
    first = register(Client(app.test_client(), key), "k", ALPHA)
    monkeypatch.undo()
    assert (first.status_code, meanwhile[0].status_code) == (201, 409)
    assert register(Client(app.test_client(), key), "k", ALPHA).data == first.data


@pytest.mark.parametrize("key", ['"k', 'k"', '"k" "l"', '""', '"k\\"'])
def test_a_key_in_quotes_is_a_string_and_what_is_none_is_refused(editor: Client, key: str) -> None:
    assert register(editor, '"k"', ALPHA).status_code == 201
    assert "Idempotent-Replayed" in register(editor, "k", ALPHA).headers
    assert register(editor, key, BETA).status_code == 400


def test_an_upload_sent_again_is_no_second_version(dossier: Dossier) -> None:
    form = {"data": body(part(b"preuve")), "content_type": CONTENT_TYPE}
    first, second = (
        dossier.editor.send("POST", dossier.slot, headers={"Idempotency-Key": "k"}, **form) for _ in range(2)
    )
    assert (second.status_code, second.data) == (first.status_code, first.data)
    item = dossier.editor.get(dossier.slot.removesuffix("/proofs"))
    assert item["proof"]["number"] == 1


def supply(dossier: Dossier, *parts: bytes, slot: str | None = None) -> TestResponse:
    form = {"data": body(*parts), "content_type": CONTENT_TYPE}
    return dossier.editor.send("POST", slot or dossier.slot, headers={"Idempotency-Key": "k"}, **form)


@pytest.mark.parametrize(
    "other",
    [
        [part(b"preuva")],
        [part(b"preuve", filename=b'"autre.txt"')],
        [part(b"preuve"), part(b"preuve")],
        [part(b"preuves")],
    ],
    ids=["other content of one length", "other name", "one more file", "longer"],
)
def test_a_key_that_served_another_upload_is_refused(dossier: Dossier, other: list[bytes]) -> None:
    supply(dossier, part(b"preuve"))
    refused = supply(dossier, *other)
    assert refused.status_code == 422
    assert refused.json is not None
    assert "Idempotency-Key" in refused.json["detail"]


def test_an_upload_sent_again_otherwise_cut_is_the_same(dossier: Dossier) -> None:
    """A library chooses another boundary each time."""
    first = supply(dossier, part(b"preuve"))
    form = {
        "data": body(part(b"preuve"), boundary=b"autre"),
        "content_type": "multipart/form-data; boundary=autre",
    }
    second = dossier.editor.send("POST", dossier.slot, headers={"Idempotency-Key": "k"}, **form)
    assert (second.status_code, second.data) == (first.status_code, first.data)


def test_a_refused_upload_forgets_the_key(dossier: Dossier) -> None:
    assert supply(dossier, part(b"")).status_code == 422
    assert supply(dossier, part(b"preuve")).status_code == 201


def test_an_upload_sent_again_is_answered_although_the_item_takes_no_more(dossier: Dossier) -> None:
    first = supply(dossier, part(b"preuve"))
    dossier.editor.post(f"{dossier.path}/submission", {"incomplete": True}, 200)
    dossier.editor.refused(409, "POST", dossier.slot, data={"file": (io.BytesIO(b"preuve"), "preuve.txt")})
    assert supply(dossier, part(b"preuve")).data == first.data


def test_a_table_sent_again_makes_no_second_draft(as_: As) -> None:
    lead = as_(Role.LEAD)
    path = f"/rulebooks/{lead.post('/rulebooks', {'label': 'Règles'})['id']}/export?format=csv"
    sheets = lead.send("GET", path).data

    def read(content: bytes, label: str) -> TestResponse:
        data, headers = {"file": (io.BytesIO(content), "regles.zip")}, {"Idempotency-Key": "k"}
        path = f"/rulebooks/imports?format=csv&label={label}"
        return lead.send("POST", path, data=data, headers=headers)

    first, second = read(sheets, "Copie"), read(sheets, "Copie")
    assert (first.status_code, second.status_code, second.data) == (201, 201, first.data)
    assert [read(sheets + b" ", "Copie").status_code, read(sheets, "Autre").status_code] == [422, 422]


def test_no_transaction_is_open_while_an_upload_comes(app: Flask, dossier: Dossier) -> None:
    whole, open_meanwhile = body(part(b"preuve")), []

    class Watched(io.BytesIO):
        def readinto(self, buffer: Buffer, /) -> int:
            open_meanwhile.append(app.extensions["referencing"].engine.pool.checkedout())
            return super().readinto(buffer)

    response = dossier.editor.send(
        "POST",
        dossier.slot,
        headers={"Idempotency-Key": "k", "Content-Length": str(len(whole))},
        input_stream=Watched(whole),
        content_type=CONTENT_TYPE,
    )
    assert response.status_code == 201
    assert open_meanwhile
    assert set(open_meanwhile) == {0}


def test_twin_uploads_sent_at_once_are_one_version(app: Flask, dossier: Dossier) -> None:
    start = Barrier(4)

    def send(_: int) -> TestResponse:
        client = Client(app.test_client(), "")
        client.headers = dossier.editor.headers
        start.wait()
        return supply(Dossier(client, dossier.path, dossier.codes), part(b"preuve"))

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(send, range(4)))
    assert_made_once(answers)
    assert dossier.editor.get(dossier.slot.removesuffix("/proofs"))["proof"]["number"] == 1


def changes(app: Flask) -> list[tuple[Rule, str, str]]:
    """Every change that leaves repeated ones to the rule, its method, and its address with something in each place."""
    places = re.compile(r"<(?:(\w+):)?\w+>")
    rules = (
        rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not sees_to_repeats(app.view_functions[rule.endpoint])
    )
    return [
        (
            rule,
            method,
            places.sub(
                lambda place: {"uuid": str(UUID(int=0)), "int": "0"}.get(place[1], "x"),
                rule.rule.removeprefix("/api/v1"),
            ),
        )
        for rule in rules
        for method in CHANGES & (rule.methods or set())
    ]


def test_every_request_that_makes_or_decides_something_takes_a_key(
    app: Flask, admitted: Callable[[Rule], Client]
) -> None:
    """Each refuses a key that is too long, so each reads it."""
    headers = {"Idempotency-Key": "x" * 201, "Tus-Resumable": "1.0.0"}
    answers = {
        (method, path): admitted(rule).send(method, path, json={}, headers=headers)
        for rule, method, path in changes(app)
    }
    assert len(answers) > 170
    assert {asked for asked, answer in answers.items() if answer.status_code != 400} == set()
