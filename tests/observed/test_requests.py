"""A request leaves a line and counts, with an id that its sender may give; nothing of it is personal."""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from flask import Flask

from referencing.app import create_app
from referencing.base.db import transaction
from referencing.base.jobs import enqueue
from referencing.base.permissions import Role
from referencing.config import Settings
from referencing.observed.logs import JsonLines
from tests.clients import Client
from tests.conftest import Keys, parts
from tests.web.conftest import Dossier


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[dict[str, object]]]:
    """What is logged, as it leaves."""
    written: list[dict[str, object]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(orjson.loads(JsonLines().format(record)))

    root, keep = logging.getLogger("referencing"), Keep()
    before = root.level
    root.addHandler(keep)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(keep)
    root.setLevel(before)


def samples(text: str, name: str) -> dict[str, float]:
    """The samples of a name, by their labels as written."""
    found = re.findall(rf"^{name}(\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE)
    return {labels: float(value) for labels, value in found}


def test_an_id_that_is_given_is_answered_and_logged(
    app: Flask, key_of: Keys, lines: list[dict[str, object]]
) -> None:
    client = Client(app.test_client(), key_of(Role.LEAD))
    answer = client.send("GET", "/me", headers={"X-Request-Id": "of-the-proxy.1"})
    assert answer.headers["X-Request-Id"] == "of-the-proxy.1"
    (line,) = [each for each in lines if each["message"] == "request"]
    assert line["request"] == "of-the-proxy.1"
    assert (line["method"], line["route"], line["status"], line["level"]) == (
        "GET",
        "/api/v1/me",
        200,
        "INFO",
    )
    assert str(line["account"]) == client.get("/me")["id"]
    assert isinstance(line["milliseconds"], float)
    assert str(line["time"]).endswith("Z")


@pytest.mark.parametrize("given", ["", "a\tb", "x" * 65, "é"])
def test_an_id_that_is_none_is_replaced(app: Flask, given: str) -> None:
    answer = app.test_client().get("/healthz", headers={"X-Request-Id": given})
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-Id"])


def test_a_line_names_a_route_and_never_what_was_asked_or_by_which_key(
    app: Flask, dossier: Dossier, lines: list[dict[str, object]]
) -> None:
    dossier.editor.get(f"{dossier.path.removeprefix('/api/v1')}/items?limit=7")
    (line,) = [each for each in lines if each["message"] == "request"]
    assert line["route"] == "/api/v1/candidatures/<uuid:candidature>/items"
    assert "limit" not in str(line)
    assert dossier.editor.key not in str(line)


def test_an_error_of_ours_is_told_with_its_request(app: Flask, lines: list[dict[str, object]]) -> None:
    log = logging.getLogger("referencing.test")
    with app.test_request_context("/healthz", headers={"X-Request-Id": "r1"}):
        app.preprocess_request()
        try:
            assert 1 / 0
        except ZeroDivisionError:
            log.exception("it broke")
    (line,) = [each for each in lines if each["message"] == "it broke"]
    assert line["request"] == "r1"
    assert "ZeroDivisionError" in str(line["exception"])


def test_a_refusal_tells_who_asked_what(app: Flask, key_of: Keys, lines: list[dict[str, object]]) -> None:
    verifier = Client(app.test_client(), key_of(Role.VERIFIER))
    verifier.refused(403, "GET", "/reads")
    (line,) = [each for each in lines if each["message"] == "request"]
    assert (line["route"], line["status"]) == ("/api/v1/reads", 403)
    assert re.fullmatch("[0-9a-f-]{36}", str(line["account"]))


def test_a_key_that_is_none_is_told_without_its_words(app: Flask, lines: list[dict[str, object]]) -> None:
    Client(app.test_client(), "ref_" + "x" * 43).refused(401, "GET", "/me")
    (line,) = [each for each in lines if each["message"] == "a key that is none"]
    assert (line["level"], line["route"], line["account"]) == ("WARNING", "/api/v1/me", None)
    assert "xxx" not in str(lines)


def test_whatever_a_message_holds_it_is_one_line() -> None:
    forged = 'x\n{"level":"INFO","message":"all is well"}\r\x1b[2K'
    record = logging.LogRecord("referencing", logging.WARNING, __file__, 1, "refused: %s", (forged,), None)
    written = JsonLines().format(record)
    assert not {"\n", "\r", "\x1b"} & set(written)
    assert orjson.loads(written)["message"] == f"refused: {forged}"


def test_what_was_asked_is_counted_by_route_and_status(app: Flask, key_of: Keys) -> None:
    client = Client(app.test_client(), key_of(Role.LEAD))
    route = '{method="GET",route="/api/v1/me",status="200"}'
    before = samples(app.test_client().get("/metrics").text, "http_requests_total").get(route, 0)
    client.get("/me")
    client.get("/me")
    told = app.test_client().get("/metrics")
    assert told.content_type.startswith("text/plain")
    assert samples(told.text, "http_requests_total")[route] == before + 2
    assert samples(told.text, "database_up") == {"": 1}


def test_what_waits_is_told_with_its_age(app: Flask) -> None:
    with transaction(parts(app).sessions) as session:
        enqueue(session, "forget_signal_sources")
    text = app.test_client().get("/metrics").text
    assert samples(text, "jobs_undone")['{kind="forget_signal_sources"}'] >= 1
    assert samples(text, "jobs_undone_oldest_seconds")['{kind="forget_signal_sources"}'] >= 0
    assert samples(text, "relay_lag_seconds")['{kind=""}'] >= 0
    assert '{kind=""}' in samples(text, "uploads_under_way")


def test_a_database_that_does_not_answer_is_told_of(tmp_path: Path) -> None:
    nowhere = create_app(Settings(data=tmp_path, database_url="postgresql://nobody@127.0.0.1:1/nothing"))
    text = nowhere.test_client().get("/metrics").text
    assert samples(text, "database_up") == {"": 0}
    assert samples(text, "jobs_undone") == {}


@pytest.mark.parametrize(
    ("token", "place", "headers", "status"),
    [
        (None, "127.0.0.1", {}, 200),
        (None, "::1", {}, 200),
        (None, "192.0.2.1", {}, 404),
        (None, "127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, 404),
        ("of prometheus", "192.0.2.1", {"Authorization": "Bearer of prometheus"}, 200),
        ("of prometheus", "192.0.2.1", {"Authorization": "Bearer of others"}, 404),
        ("of prometheus", "127.0.0.1", {}, 404),
    ],
)
def test_strangers_are_told_nothing(
    app: Flask, token: str | None, place: str, headers: dict[str, str], status: int
) -> None:
    whole = parts(app)
    app.extensions["referencing"] = replace(whole, settings=replace(whole.settings, metrics_token=token))
    try:
        told = app.test_client().get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": place})
    finally:
        app.extensions["referencing"] = whole
    assert told.status_code == status
