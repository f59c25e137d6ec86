"""Pages of other origins call the API where a setting names them, and by a key of their own."""

from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from referencing.app import create_app
from referencing.config import Settings

TESTS = "https://essais.example"


@cache
def opened() -> Flask:
    return create_app(
        Settings(
            data=Path("/nowhere"),
            database_url="postgresql://nobody@127.0.0.1:1/nothing",
            cors_origins=frozenset({TESTS}),
        )
    )


@pytest.fixture
def http() -> FlaskClient:
    return opened().test_client()


def asks(origin: str) -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, if-match, idempotency-key",
    }


def test_a_page_that_is_named_may_ask_without_a_key_and_send_one(http: FlaskClient) -> None:
    answer = http.options("/api/v1/me/keys", headers=asks(TESTS))
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == TESTS
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    sent = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"authorization", "content-type", "if-match", "idempotency-key"} <= set(sent)
    assert "Access-Control-Allow-Credentials" not in answer.headers, "no cookie is ever sent along"


def test_it_reads_refusals_and_what_they_carry(http: FlaskClient) -> None:
    answer = http.get("/api/v1/me", headers={"Origin": TESTS})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (401, TESTS)
    assert {"ETag", "Location", "Link", "Retry-After"} <= set(
        answer.headers["Access-Control-Expose-Headers"].split(", ")
    )
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("origin", ["https://ailleurs.example", "null", "https://essais.example.org", "*"])
def test_another_page_is_told_nothing(http: FlaskClient, origin: str) -> None:
    answers = (
        http.options("/api/v1/me", headers=asks(origin)),
        http.get("/api/openapi.json", headers=asks(origin)),
    )
    assert answers[0].status_code == 401
    for answer in answers:
        assert [name for name, _ in answer.headers if name.startswith("Access-Control-")] == []
        assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/connexion", "/referencees", "/console/console.css"])
def test_no_page_is_let_read_the_console(http: FlaskClient, path: str) -> None:
    with http.options(path, headers=asks(TESTS)) as answer:
        assert "Access-Control-Allow-Origin" not in answer.headers
    with http.get("/console/console.css", headers=asks(TESTS)) as answer:
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "value", ["*", "null", "essais.example", "https://essais.example/", "https://Essais.example", "ftp://x"]
)
def test_what_is_no_origin_is_told_and_opens_nothing(value: str) -> None:
    settings, wrong = Settings.read({"CORS_ORIGINS": value})
    assert settings.cors_origins == frozenset()
    assert [problem.startswith("CORS_ORIGINS must be origins") for problem in wrong] == [True]


def test_several_origins_are_named_with_commas() -> None:
    settings, wrong = Settings.read({"CORS_ORIGINS": f"{TESTS}, http://localhost:3000"})
    assert settings.cors_origins == frozenset({TESTS, "http://localhost:3000"})
    assert wrong == []
