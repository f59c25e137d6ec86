"""What a server says of itself at its most talkative tells nothing of people, and no secret, whatever happens to it."""

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest
import requests
from flask import Flask

from demonstration.cast import PEOPLE
from demonstration.story import application as started
from demonstration.story import telling
from demonstration.story.application import STOP_SECONDS, Application, application
from demonstration.story.client import HOST
from referencing.observed.logs import JsonLines, Lines, configure
from referencing.web.problems import register_errors
from tests.duo.smtp import Mailbox, receiving

NAME, ADDRESS, ORGANISATION = (
    "Apolline Quatremère",
    "apolline.quatremere@alize.example",
    "Éditions Quatremère",
)
WORDS = "Le badge de Mme Quatremère manque page 3."
#: A job that fails with an error whose message is what it was given.
_FAILING = f"""
import os
from pathlib import Path
import sqlalchemy as sa
from referencing.base import db
from referencing.base.jobs import enqueue
from referencing.config import Settings
engine = db.connect(db.database_url(Settings(data=Path(os.environ["REFERENCING_DATA"]))))
with db.transaction(db.sessions(engine)) as session:
    enqueue(session, "forget_kind", kind={NAME!r})
engine.dispose()
"""


class Said:
    """The server's log, once it has stopped."""

    text = ""

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines() if line.startswith("{")]

    def holds(self, words: Iterator[str] | set[str]) -> set[str]:
        """Those of the words that are in it, written as they are or as JSON writes them."""
        return {word for word in words if word in self.text or json.dumps(word)[1:-1] in self.text}


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    """What is said by the servers that the demonstration's stories start, at the most talkative level."""
    log, stop = Said(), Application.stop

    def stop_and_read(self: Application) -> None:
        stop(self)
        log.text += self.log.read_text(encoding="utf-8")

    monkeypatch.setattr(Application, "stop", stop_and_read)
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("LOG_FORMAT", "json")
    return log


def texts(value: Any) -> Iterator[str]:
    """What is written in a body as people write: with a space, or an address."""
    if isinstance(value, dict):
        for inside in value.values():
            yield from texts(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from texts(inside)
    elif isinstance(value, str) and re.search(r"[ @]", value.strip()):
        yield value


def test_the_story_leaves_no_name_text_file_or_key_in_the_log(
    said: Said, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sent: set[str] = {person.name for person in PEOPLE} | {person.organisation or NAME for person in PEOPLE}
    ask = HTTPConnection.request

    def keep(self: HTTPConnection, method: str, url: str, body: Any = None, headers: Any = None) -> None:
        sent.add(str((headers or {}).get("Authorization", "")).removeprefix("Bearer ") or NAME)
        if body is not None and body.startswith((b"{", b"[")):
            sent.update(texts(json.loads(body)))
        elif body is not None:
            sent.update(re.findall(r'filename="([^"]+)"', body[:1_000].decode(errors="replace")))
        ask(self, method, url, body, headers or {})

    monkeypatch.setattr(HTTPConnection, "request", keep)
    telling.tell()
    capsys.readouterr()
    assert len(sent) > 40
    assert sum(line["message"] == "request" for line in said.lines) > 200
    assert said.holds(sent) == set()


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A mail server that refuses whom it names, and then takes everything; the servers that start write to it."""
    with receiving() as mailbox:
        mailbox.to_recipients.append(f"550 5.1.1 <{ADDRESS}>: {NAME} is nobody here")
        monkeypatch.setattr(started, "_SETTINGS", ())
        monkeypatch.setenv("SMTP_URL", mailbox.url)
        monkeypatch.setenv("MAIL_FROM", "agence@exemple.fr")
        monkeypatch.setenv("PUBLIC_URL", f"http://{HOST}")
        yield mailbox


@pytest.fixture(params=[None, pytest.param("REFERENCING_TEST_REDIS_URL", marks=pytest.mark.services)])
def broker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """The broker between the server and a worker; without one, the server does its jobs itself."""
    if request.param is None:
        return None
    if request.param not in os.environ:
        pytest.skip(f"no broker is started: {request.param} is not set")
    monkeypatch.setenv("BROKER_URL", os.environ[request.param])
    return os.environ[request.param]


@contextmanager
def worker(house: Application, log: Said) -> Iterator[None]:
    """A worker beside the server; what it says is added to the log."""
    run = [sys.executable, "-m", "referencing", "worker"]
    with house.log.with_name("worker.log").open("w+b") as written:
        process = subprocess.Popen(run, env=house.environment, stdout=written, stderr=subprocess.STDOUT)
        try:
            yield
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
            written.seek(0)
            log.text += written.read().decode()


def test_what_goes_wrong_is_told_without_who_it_went_wrong_for(
    said: Said, post: Mailbox, broker: str | None
) -> None:
    with application() as house, ExitStack() as beside:
        owner = ("--organisation", ORGANISATION)
        lead, editor = house.run(
            ["accounts", "create", NAME, "--role", "lead"],
            ["accounts", "create", NAME, "--role", "editor", *owner],
        )
        house.await_ready()
        if broker is not None:
            beside.enter_context(worker(house, said))
        secrets = {NAME, ADDRESS, ORGANISATION, WORDS, lead, editor, *_go_wrong(house, lead, editor, post)}
        run = [sys.executable, "-c", _FAILING]
        subprocess.run(run, env=house.environment, check=True)
        _await(lambda: "KeyError" in "".join(log.read_text() for log in house.log.parent.glob("*.log")))
    failed = [line for line in said.lines if "failed" in line["message"]]
    assert any("KeyError" in line.get("exception", "") for line in failed), "the job did fail"
    assert said.holds(secrets | {"Quatremère", "quatremere"}) == set()


def _go_wrong(house: Application, lead: str, editor: str, post: Mailbox) -> set[str]:
    """Ask well and badly, with names, addresses and secrets wherever one fits; answers the secrets that came up."""
    base, api = f"http://{HOST}:{house.port}", f"http://{HOST}:{house.port}/api/v1"
    as_editor, as_lead = ({"Authorization": f"Bearer {key}"} for key in (editor, lead))
    requests.put(f"{api}/me/email", json={"address": ADDRESS}, headers=as_editor, timeout=30)
    for path, options in (
        (f"/accounts?q={NAME}", {"headers": as_lead}),
        (f"/dsrs/{NAME}", {"headers": as_lead}),
        (f"/candidatures/{NAME}?cursor={ADDRESS}", {"headers": as_editor}),
        ("/me", {"headers": {"Authorization": f"Bearer ref_{ADDRESS}"}}),
    ):
        requests.get(f"{api}{path}", timeout=30, **options)  # type: ignore[arg-type]
    for path, body in (
        ("/softwares", json.dumps({"name": WORDS, "nil": ADDRESS, NAME: NAME})),
        ("/softwares", f'{{"name": "{NAME}"'),
        ("/softwares", json.dumps({"name": WORDS, "nil": "NIL-7"})),
        ("/softwares", json.dumps({"name": f"{WORDS}\x00", "nil": "NIL-8"})),
        ("/signals", json.dumps({"solution": WORDS, "description": WORDS, "author": {"name": NAME}})),
    ):
        headers = {**as_editor, "Content-Type": "application/json", "Idempotency-Key": "clé-de-Quatremère"}
        requests.post(f"{api}{path}", data=body.encode(), headers=headers, timeout=30)
    browser = requests.Session()
    browser.headers["Origin"] = base
    browser.post(f"{base}/connexion", data={"key": f"{lead}x"}, timeout=30)
    browser.post(f"{base}/connexion", data={"key": lead}, timeout=30)
    browser.get(f"{base}/personnes?q={NAME}", timeout=30)
    cookies = {value for value in browser.cookies.values() if len(value) > 20}
    assert cookies, "the browser was let in"
    token = _invite(api, as_lead, post)
    assert requests.get(f"{base}/invitation/{token}", timeout=30).ok
    requests.post(f"{base}/invitation/{token}", data={"name": ""}, timeout=30)
    requests.post(f"{base}/invitation/{token}", data={"name": f"{NAME} bis"}, timeout=30)
    requests.get(f"{base}/invitation/{token}x{ADDRESS}", timeout=30)
    return {token, *cookies}


def _invite(api: str, as_lead: dict[str, str], post: Mailbox) -> str:
    """The token of an invitation, from a letter that is refused once."""
    words = {"address": ADDRESS, "role": "verifier"}
    invited = requests.post(f"{api}/invitations", json=words, headers=as_lead, timeout=30).json()
    _await(lambda: not post.to_recipients)
    requests.post(f"{api}/invitations/{invited['id']}/sending", headers=as_lead, timeout=30)
    _await(lambda: post.recipients == [ADDRESS])
    return str(post.messages[0].get_content().partition("/invitation/")[2].split()[0])


def _await(happened: Callable[[], bool]) -> None:
    """The relay looks every second."""
    until = monotonic() + 30
    while not happened():
        assert monotonic() < until, "it did not happen"
        sleep(0.2)


class _Refused(psycopg.errors.UniqueViolation):
    """As PostgreSQL says it, with the values of the row."""


@pytest.mark.parametrize("formatter", [JsonLines(), Lines("%(levelname)s %(message)s")])
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (_Refused(f"DETAIL: Key (address)=({ADDRESS}) already exists."), "_Refused 23505"),
        (KeyError(NAME), "KeyError"),
        (FileNotFoundError(2, "No such file or directory", f"/data/{NAME}"), "No such file or directory"),
    ],
)
def test_an_error_is_told_by_its_kind_with_its_causes(
    formatter: logging.Formatter, error: Exception, kind: str
) -> None:
    try:
        try:
            raise error
        except type(error) as cause:
            raise RuntimeError(WORDS) from cause
    except RuntimeError:
        exc_info = sys.exc_info()
    told = formatter.format(logging.LogRecord("referencing", 40, __file__, 1, "it broke", (), exc_info))
    assert kind in told
    assert "RuntimeError" in told
    assert "test_nobody_is_told.py" in told, "where it came from"
    assert not [word for word in (NAME, ADDRESS, WORDS, "Quatrem") if word in told]


def test_a_request_that_fails_is_told_by_its_route(caplog: pytest.LogCaptureFixture) -> None:
    app = Flask("broken")
    register_errors(app)
    app.add_url_rule("/invitation/<token>", "accept", lambda token: str(1 / (len(token) * 0)))
    assert app.test_client().get(f"/invitation/{NAME}").status_code == 500
    (line,) = [one for one in caplog.records if one.levelname == "ERROR"]
    assert line.getMessage() == "GET /invitation/<token> failed"


def test_libraries_say_what_goes_wrong_only() -> None:
    """A statement of SQLAlchemy's comes with its rows, an address of an HTTP client's with its secrets."""
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    try:
        configure("DEBUG", "json")
        levels = {
            name: logging.getLogger(name).getEffectiveLevel()
            for name in ("sqlalchemy.engine", "urllib3", "x")
        }
        assert set(levels.values()) == {logging.WARNING}
        assert logging.getLogger("referencing.base.jobs").isEnabledFor(logging.DEBUG)
    finally:
        configure("WARNING", "json")
        root.handlers[:] = before[1]
        root.setLevel(before[0])
        for name in ("referencing", "migrations", "demonstration", "gunicorn", "storage"):
            logging.getLogger(name).setLevel(logging.NOTSET)
