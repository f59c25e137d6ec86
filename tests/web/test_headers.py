"""Every answer tells browsers not to run, frame, guess or keep it."""

import re
from base64 import b64encode
from hashlib import sha256

import pytest
from flask import Flask

from tests.structure.application import wired

ANSWERS = ["/healthz", "/api/v1/me", "/api/v1/nothing", "/api/openapi.json", "/api/docs/", "/", "/nowhere"]


@pytest.mark.parametrize("path", ANSWERS)
def test_an_answer_carries_the_security_headers(app: Flask, path: str) -> None:
    headers = app.test_client().get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    policy = set(headers["Content-Security-Policy"].split("; "))
    assert {"frame-ancestors 'none'", "base-uri 'none'"} <= policy, "neither follows from `default-src`"
    assert {"object-src 'none'", "default-src 'none'"} & policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"]
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize("path", [*ANSWERS, "/connexion", "/console/console.css"])
def test_behind_tls_browsers_are_told_to_stay_there(path: str) -> None:
    with wired().test_client().get(path, base_url="https://referencing.example") as answer:
        assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


def test_an_answer_of_the_api_loads_nothing(app: Flask) -> None:
    assert "default-src 'none'" in app.test_client().get("/api/v1/me").headers["Content-Security-Policy"]


def test_the_description_runs_no_script_but_its_own() -> None:
    page = wired().test_client().get("/api/docs/")
    directives = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
    assert directives["object-src"] == directives["base-uri"] == "'none'"
    assert "unsafe" not in directives["script-src"]
    (script,) = re.findall(b"<script>(.*?)</script>", page.get_data(), re.DOTALL)
    digest = b64encode(sha256(script).digest()).decode()
    assert directives["script-src"] == f"'self' 'sha256-{digest}'"


@pytest.mark.parametrize(
    "path", [*ANSWERS, "/connexion", "/console/console.css", "/console/console.js", "/console/icon.svg"]
)
def test_an_answer_says_what_it_is_and_in_which_alphabet(path: str) -> None:
    with wired().test_client().get(path) as answer:
        kind, _, alphabet = answer.headers["Content-Type"].partition("; charset=")
        assert alphabet == "utf-8" or not kind.startswith("text/"), (
            "JSON is UTF-8 without saying so (RFC 8259)"
        )
        assert kind != "application/octet-stream"


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
@pytest.mark.parametrize("path", [*ANSWERS, "/connexion", "/api/v1/register"])
def test_no_other_origin_is_let_read_an_answer(app: Flask, path: str, method: str) -> None:
    asked = {"Origin": "https://ailleurs.example", "Access-Control-Request-Method": "POST"}
    answer = app.test_client().open(path, method=method, headers=asked)
    assert [name for name, _ in answer.headers if name.startswith("Access-Control-")] == []


@pytest.mark.parametrize("path", ["/healthz", "/connexion", "/api/v1/me", "/api/docs/"])
def test_a_request_is_not_echoed(path: str) -> None:
    answer = wired().test_client().open(path, method="TRACE", headers={"Authorization": "Bearer ref_x"})
    assert answer.status_code in {401, 405}
    assert "ref_x" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/console/", "/console/vendor/", "/api/docs/dist/"])
def test_no_folder_is_listed(path: str) -> None:
    assert wired().test_client().get(path).status_code == 404


def test_without_a_proxy_nobody_says_for_whom_they_speak(app: Flask) -> None:
    """What a proxy would say is not believed of anybody else: neither TLS nor another host."""
    said = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "ailleurs.example",
        "X-Forwarded-For": "192.0.2.1",
    }
    answer = app.test_client().get("/connexion", headers=said)
    assert "Strict-Transport-Security" not in answer.headers
    assert "ailleurs.example" not in answer.get_data(as_text=True)
    assert app.test_client().get("/travail", headers=said).location.startswith("/connexion")
