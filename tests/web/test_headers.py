"""Every answer tells browsers not to run, frame or guess it."""

import pytest
from flask import Flask

ANSWERS = ["/healthz", "/api/v1/me", "/api/v1/nothing", "/api/openapi.json", "/api/docs/", "/", "/nowhere"]


@pytest.mark.parametrize("path", ANSWERS)
def test_an_answer_carries_the_security_headers(app: Flask, path: str) -> None:
    headers = app.test_client().get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"]
    assert "Strict-Transport-Security" not in headers


def test_behind_tls_browsers_are_told_to_stay_there(app: Flask) -> None:
    answer = app.test_client().get("/healthz", base_url="https://referencing.example")
    assert "max-age=63072000" in answer.headers["Strict-Transport-Security"]


def test_an_answer_of_the_api_loads_nothing(app: Flask) -> None:
    assert "default-src 'none'" in app.test_client().get("/api/v1/me").headers["Content-Security-Policy"]
