"""The drill: filled, backed up while it is worked with, all lost, restored elsewhere; and work goes on."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote, urlsplit
from uuid import uuid4

import psutil
import pytest
import requests
import sqlalchemy as sa

from referencing.catalogue.proposals import ProofKind
from storage.address import storage_from_url
from tests.databases import new_database
from tests.proofs.conftest import free_port
from tests.uploads.server import Item, Server


@dataclass(frozen=True)
class Machine:
    """A place to serve from: a folder, and the settings of what is not in it."""

    folder: Path
    variables: dict[str, str]

    def server(self) -> Server:
        server = Server(self.folder, free_port(), **self.variables)
        server.start()
        return server

    def run(self, *arguments: str) -> str:
        """What a command prints."""
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "REFERENCING_DATA": str(self.folder),
            **self.variables,
        }
        command = [sys.executable, "-m", "referencing", *arguments]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def lose(self) -> None:
        """Everything, as a fire does."""
        with suppress(FileNotFoundError, psutil.NoSuchProcess):
            line = (self.folder / "postgres/postmaster.pid").read_text().split()[0]
            family = [psutil.Process(int(line)), *psutil.Process(int(line)).children()]
            for each in family:
                with suppress(psutil.NoSuchProcess):
                    each.kill()
            psutil.wait_procs(family, timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)
        if storage := self.variables.get("STORAGE_URL"):
            files = storage_from_url(storage)
            for digest, _ in files.digests():
                files.delete(digest)


@dataclass
class Editor:
    """Who supplies one proof after the other; `receipts` are the files that were acknowledged, by their address."""

    server: Server
    item: Item
    receipts: dict[str, str] = field(default_factory=dict)
    over: Event = field(default_factory=Event)

    def supply(self) -> None:
        content = uuid4().hex.encode() * 100
        slot = f"{self.server.url}/candidatures/{self.item.candidature}/items/{quote(self.item.code, safe='')}/proofs"
        headers = {"Authorization": f"Bearer {self.item.key}"}
        answer = requests.post(slot, headers=headers, files={"file": ("a.txt", content)}, timeout=60)
        assert answer.status_code == 201, answer.text
        (file,) = answer.json()["files"]
        path = f"/proofs/{answer.json()['id']}/files/{file['id']}"
        self.receipts[path] = hashlib.sha256(content).hexdigest()

    def supply_on(self) -> None:
        while not self.over.is_set():
            self.supply()

    def reads(self, server: Server, path: str) -> str:
        headers = {"Authorization": f"Bearer {self.item.key}"}
        answer = requests.get(server.url + path, headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text
        return hashlib.sha256(answer.content).hexdigest()


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not in pytest's folder, which the next session of pytest closes to the database's own user."""
    with tempfile.TemporaryDirectory(prefix="referencing-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


pytestmark = pytest.mark.services


@pytest.fixture(params=["embedded", "distant"])
def machines(request: pytest.FixtureRequest, folder: Path) -> Iterator[tuple[Machine, Machine, str]]:
    """One to be lost and one to restore on, with the place of the backups."""
    places = [folder / "first", folder / "second"]
    for place in places:
        place.mkdir()
    if request.param == "embedded":
        first, second = (Machine(place, {}) for place in places)
        yield first, second, str(folder / "backups")
        second.lose()
        return
    database, storage = (os.environ.get(f"REFERENCING_TEST_{name}_URL") for name in ("DATABASE", "S3"))
    if not (database and storage):
        pytest.skip("no PostgreSQL and S3 server are named")
    server = sa.make_url(database).set(drivername="postgresql+psycopg")
    buckets = [urlsplit(storage)._replace(path=f"drill-{uuid4().hex}").geturl() for _ in range(3)]
    urls = [
        new_database(server, name, template="template1")
        .set(drivername="postgresql")
        .render_as_string(hide_password=False)
        for name in ("drill_first", "drill_second")
    ]
    first, second = (
        Machine(place, {"DATABASE_URL": url, "STORAGE_URL": bucket, "STOP_GRACE": "0"})
        for place, url, bucket in zip(places, urls, buckets, strict=False)
    )
    yield first, second, buckets[2]
    second.lose()


def test_nothing_that_was_acknowledged_before_the_backup_is_missing(
    machines: tuple[Machine, Machine, str],
) -> None:
    first, second, backups = machines
    server = first.server()
    editor = Editor(server, server.item(ProofKind.OTHER))
    for _ in range(5):
        editor.supply()
    working = Thread(target=editor.supply_on)
    working.start()
    try:
        acknowledged = dict(editor.receipts)
        first.run("backup", backups)
        before_the_second = dict(editor.receipts)
        told = first.run("backup", backups)
    finally:
        editor.over.set()
        working.join()
    assert len(before_the_second) > len(acknowledged) >= 5, "it was worked with meanwhile"
    named = re.search(r"contents: (\d+)", told)
    assert named is not None
    assert int(named[1]) >= len(before_the_second)
    server.kill()
    first.lose()

    assert second.run("restore", backups).endswith("the record is whole\n")
    again = second.server()
    assert {path: editor.reads(again, path) for path in before_the_second} == before_the_second
    editor.server = again
    editor.supply()
    assert second.run("journal", "verify") == ""
    again.stop()
