"""`python -m demonstration serve`: the text, then the API; and what it refuses, in one line."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask

from demonstration.__main__ import main
from demonstration.loading import load
from demonstration.referential import DSRS
from referencing.base import db
from referencing.base.errors import Conflict
from referencing.base.permissions import Role
from referencing.catalogue.operations import define_dsr
from referencing.journal.models import Entry
from tests.conftest import parts
from tests.contents import picture

COMMAND = [sys.executable, "-m", "demonstration", "serve"]


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def status(port: int, key: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/api/v1/candidatures", headers={"Authorization": f"Bearer {key}"})
        return connection.getresponse().status
    finally:
        connection.close()


def supplied_in_a_browser(address: str) -> None:
    """One click signs in as the editor; two files in one form reach the two items that they are for."""
    browser = requests.Session()
    browser.headers["Origin"] = address.rstrip("/")
    assert "Camille Renard" in browser.get(f"{address}connexion").text
    work = browser.post(f"{address}connexion/distribution", data={"person": "EDITEUR"}).text
    (dossier,) = re.findall(r'href="(/dossiers/[^"/]+)" *>Alouette Cabinet 2.0', work)
    page = browser.get(f"{address}{dossier[1:]}/preparer").text
    items = re.findall(r'name="(file:[^"]+)"', page)[:2]
    chosen = [(item, ("capture.png", picture(item.encode()), "image/png")) for item in items]
    assert "2 preuves fournies." in browser.post(f"{address}{dossier[1:]}/preparer", files=chosen).text
    browser.close()


def test_the_text_comes_first_and_its_keys_open_the_api(
    database: sa.URL, free_port: int, tmp_path: Path
) -> None:
    url = database.set(drivername="postgresql").render_as_string(hide_password=False)
    server = subprocess.Popen(
        [*COMMAND, "--port", str(free_port)],
        env={**os.environ, "REFERENCING_DATA": str(tmp_path), "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert server.stdout is not None
    text = ""
    while "Booting worker" not in text:
        line = server.stdout.readline()
        assert line, text
        text += line
    (key,) = re.findall(r"export EDITEUR=(\S+)", text.partition("Starting gunicorn")[0])
    assert status(free_port, key) == 200
    first = re.search(r"http://\S+", text)
    assert first is not None
    assert first.group() == f"http://127.0.0.1:{free_port}/"
    supplied_in_a_browser(first.group())
    server.send_signal(signal.SIGTERM)
    server.communicate(timeout=30)
    assert server.returncode == 0


def refusal(folder: Path, port: int) -> str:
    """The one line that the command ends with."""
    arguments = ["serve", "--port", str(port)]
    ended = CliRunner().invoke(main, arguments, env={"REFERENCING_DATA": str(folder)})
    assert (ended.exit_code, ended.stdout) == (1, "")
    (line,) = ended.stderr.splitlines()
    return line


def test_a_busy_port_is_said_before_anything_is_loaded(free_port: int, tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", free_port))
        busy.listen()
        assert f"Le port {free_port} est déjà pris" in refusal(tmp_path / "var", free_port)
    assert not (tmp_path / "var").exists()


def test_a_folder_that_cannot_be_written_is_said(free_port: int, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "n'est pas accessible en écriture" in refusal(tmp_path / "file" / "var", free_port)


def test_a_database_that_serves_something_else_is_left_alone(
    app: Flask, actor_of: Callable[..., Any]
) -> None:
    manager = actor_of(Role.CATALOGUE)
    written = sa.select(sa.func.count()).select_from(Entry)
    with db.transaction(parts(app).sessions) as session:
        define_dsr(session, manager, "LGC-V2", **DSRS["LGC-V2"]._asdict())
        before = session.scalar(written)
    with (
        pytest.raises(Conflict, match="REFERENCING_DATA"),
        db.transaction(parts(app).sessions) as session,
    ):
        load(session, parts(app).vault)
    with db.transaction(parts(app).sessions) as session:
        assert session.scalar(written) == before
