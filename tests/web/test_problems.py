"""Whatever is wrong with a request, the answer is a problem (RFC 9457) that says in French what to do."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from referencing.base.permissions import Role
from referencing.web.descriptions import asks_no_key
from tests.clients import Client
from tests.web.cursors import cursor

As = Callable[..., Client]

SOFTWARE = {"name": "Alizé Cabinet", "nil": "NIL-1"}
DSR = {"dispositif": "LGC", "vague": 1, "couloir": "Médecine de ville", "title": "LGC"}


def is_a_problem(response: TestResponse, status: int, kind: str) -> Any:
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.content_type == "application/problem+json"
    problem: Any = response.json
    assert set(problem) - {"errors"} == {"type", "title", "status", "detail"}
    assert problem["status"] == status
    assert problem["type"] == f"urn:referencing:problem:{kind}"
    assert problem["detail"].endswith((".", ")."))
    return problem


@pytest.fixture
def editor(as_: As) -> Client:
    return as_(Role.EDITOR)


@pytest.fixture
def manager(as_: As) -> Client:
    return as_(Role.CATALOGUE)


@pytest.mark.parametrize(
    ("sent", "pointer", "detail"),
    [
        ({**SOFTWARE, "nom": "x"}, "/nom", "Ce champ n'existe pas : retirez-le ou vérifiez son nom."),
        ({**SOFTWARE, "a/b~c": "x"}, "/a~1b~0c", "Ce champ n'existe pas : retirez-le ou vérifiez son nom."),
        ({"name": "Alizé"}, "/nil", "Ce champ est requis."),
        ({**SOFTWARE, "nil": None}, "/nil", "Ce champ ne peut pas être null."),
        ({**SOFTWARE, "nil": 3}, "/nil", "Donnez un texte."),
        ({**SOFTWARE, "nil": "  "}, "/nil", "Ce champ ne peut pas être vide."),
        ({**SOFTWARE, "nil": "x" * 51}, "/nil", "50 caractères au plus."),
        ({**SOFTWARE, "name": "a\0b"}, "/name", "Retirez les caractères de contrôle."),
        ({**SOFTWARE, "name": "a\x1bb"}, "/name", "Retirez les caractères de contrôle."),
        ([SOFTWARE], "", "Donnez un objet JSON."),
        ("Alizé", "", "Donnez un objet JSON."),
    ],
)
def test_the_pointer_says_which_field_and_the_detail_what_is_wrong(
    editor: Client, sent: Any, pointer: str, detail: str
) -> None:
    problem = is_a_problem(editor.send("POST", "/softwares", json=sent), 422, "invalid")
    assert problem["errors"] == [{"pointer": pointer, "detail": detail}]


@pytest.mark.parametrize("vague", ["1", 1.5, True, None, 0, 100, [1]])
def test_a_number_is_a_number(manager: Client, vague: Any) -> None:
    response = manager.send("PUT", "/dsrs/LGC-V1", json={**DSR, "vague": vague})
    assert [one["pointer"] for one in is_a_problem(response, 422, "invalid")["errors"]] == ["/vague"]


def test_every_field_that_is_wrong_is_named_at_once(manager: Client) -> None:
    response = manager.send("PUT", "/dsrs/LGC-V1", json={"vague": "x", "titre": "LGC"})
    pointers = {one["pointer"] for one in is_a_problem(response, 422, "invalid")["errors"]}
    assert pointers == {"/vague", "/titre", "/dispositif", "/couloir", "/title"}


def test_a_pointer_goes_into_lists(as_: As) -> None:
    policies = [{"when": {}, "then": {"reuse": "auto"}}, {"when": {}, "then": {"reuse": "toujours"}}]
    response = as_(Role.LEAD).send("POST", "/rulebooks", json={"label": "x", "policies": policies})
    (error,) = is_a_problem(response, 422, "invalid")["errors"]
    assert error["pointer"] == "/policies/1/then/reuse"


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"name": }', b'{"name": "\xff"}', b'{"name": NaN}', b"[" * 100_000, b"1" * 5_000],
    ids=["cut", "no value", "not UTF-8", "not a number", "deep", "long number"],
)
def test_json_that_is_not_json_is_not_readable(editor: Client, body: bytes) -> None:
    response = editor.send("POST", "/softwares", data=body, content_type="application/json")
    problem = is_a_problem(response, 400, "bad-request")
    assert "n'est pas du JSON lisible (ligne 1, colonne " in problem["detail"]


@pytest.mark.parametrize("media_type", [None, "application/json"])
def test_no_body_is_an_object_without_fields(editor: Client, media_type: str | None) -> None:
    response = editor.send("POST", "/softwares", data=b"", content_type=media_type)
    errors = is_a_problem(response, 422, "invalid")["errors"]
    assert {error["pointer"] for error in errors} == {"/name", "/nil"}


@pytest.mark.parametrize("media_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_of_another_media_type_is_not_taken_for_none(editor: Client, media_type: str | None) -> None:
    response = editor.send("POST", "/softwares", data=json.dumps(SOFTWARE), content_type=media_type)
    assert "application/json" in is_a_problem(response, 415, "http-415")["detail"]


def test_a_body_without_end_is_too_large(editor: Client) -> None:
    response = editor.send("POST", "/softwares", json={**SOFTWARE, "name": "x" * 2 * 1024**2})
    is_a_problem(response, 413, "http-413")


def test_an_address_that_does_not_exist_says_where_the_description_is(editor: Client) -> None:
    problem = is_a_problem(editor.send("GET", "/logiciels"), 404, "http-404")
    assert problem["title"] == "Adresse inconnue"
    assert "/api/docs" in problem["detail"]


def test_a_method_that_is_not_there_says_which_are(editor: Client) -> None:
    response = editor.send("DELETE", "/softwares")
    is_a_problem(response, 405, "http-405")
    assert {"GET", "POST"} <= set(response.headers["Allow"].split(", "))


@pytest.mark.parametrize(
    "given",
    [
        "%25%25%25",
        "é",
        "x",
        cursor(),
        cursor("pas un identifiant"),
        cursor("0"),
        cursor({}),
        cursor("\0"),
    ],
)
@pytest.mark.parametrize("path", ["/softwares", "/candidatures"])
def test_a_cursor_that_was_not_given_is_not_readable(editor: Client, path: str, given: str) -> None:
    problem = is_a_problem(editor.send("GET", f"{path}?cursor={given}"), 400, "bad-request")
    assert "depuis le début" in problem["detail"]


@pytest.mark.parametrize(
    ("limit", "detail"),
    [("0", "De 1 à 500."), ("501", "De 1 à 500."), ("-1", "De 1 à 500."), ("x", "Donnez un nombre entier.")],
)
def test_a_limit_out_of_range_is_refused(editor: Client, limit: str, detail: str) -> None:
    problem = is_a_problem(editor.send("GET", f"/softwares?limit={limit}"), 422, "invalid")
    assert problem["errors"] == [{"pointer": "/query/limit", "detail": detail}]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/dsrs/LGC%00V1", None),
        ("GET", f"/dsrs?cursor={cursor(chr(0))}", None),
        (
            "POST",
            "/rulebooks",
            {"label": "x", "policies": [{"when": {"chapter": "\0"}, "then": {"reuse": "auto"}}]},
        ),
        (
            "POST",
            "/rulebooks",
            {"label": "x", "policies": [{"when": {}, "then": {"reuse": "auto", "max_age_days": 10**15}}]},
        ),
    ],
    ids=["NUL in an address", "NUL in a cursor", "NUL in a rule", "number beyond the column"],
)
def test_what_the_database_cannot_keep_is_not_our_error(as_: As, method: str, path: str, body: Any) -> None:
    response = as_(Role.LEAD).send(method, path, json=body)
    is_a_problem(response, 400, "bad-request")


def test_an_unknown_key_is_told_apart_from_none(app: Flask) -> None:
    response = app.test_client().get("/api/v1/dsrs", headers={"Authorization": "Bearer ref_inconnue"})
    assert "pas reconnue" in is_a_problem(response, 401, "unauthenticated")["detail"]


def test_a_role_that_may_not_is_told_who_may(as_: As) -> None:
    response = as_(Role.VERIFIER).send("POST", "/softwares", json=SOFTWARE)
    assert "éditeur" in is_a_problem(response, 403, "forbidden")["detail"]


def test_a_form_with_two_tables_is_not_guessed_at(manager: Client) -> None:
    manager.send("PUT", "/dsrs/LGC-V1", json=DSR)
    two = {"file": [(io.BytesIO(b"a"), "a.csv"), (io.BytesIO(b"b"), "b.csv")]}
    response = manager.send("PUT", "/dsrs/LGC-V1/socles", data=two)
    assert "un seul" in is_a_problem(response, 400, "bad-request")["detail"]


def test_a_table_that_is_not_in_a_form_is_of_the_wrong_type(manager: Client) -> None:
    manager.send("PUT", "/dsrs/LGC-V1", json=DSR)
    response = manager.send("PUT", "/dsrs/LGC-V1/socles", data=b"a;b", content_type="text/csv")
    assert "formulaire" in is_a_problem(response, 415, "unsupported-media")["detail"]


def test_an_error_of_ours_says_nothing_of_the_inside(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    @asks_no_key()
    def fail() -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setitem(app.view_functions, "health.read_health", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    problem = is_a_problem(app.test_client().get("/healthz"), 500, "http-500")
    assert "secret" not in json.dumps(problem)
