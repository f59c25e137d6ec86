"""Uploads that are interrupted again and again at random points, and what is then to be found of them."""

import hashlib
import http.client
import random
import socket
import struct
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from threading import Timer
from time import monotonic, sleep
from typing import Any

import requests
import sqlalchemy as sa

from referencing.base import db
from referencing.base.models import Job
from referencing.base.vault import Vault
from referencing.files.models import Content
from referencing.files.upkeep import GRACE, sweep
from referencing.uploads.queries import is_unfinished
from tests.uploads.server import Item, Server, encoded

MIB = 1024**2
BLOCK = 64 * 1024
KINDS = ("cut", "cut", "cut", "cut", "kill", "restart")


class Text:
    """A text of `size` bytes, made as it is read; no two are alike."""

    def __init__(self, seed: int, size: int) -> None:
        self.size = size
        self._mark = f"{seed:06d}"
        self.sha256 = hashlib.sha256(b"".join(self.blocks(0))).hexdigest()

    def blocks(self, start: int) -> Iterator[bytes]:
        while start < self.size:
            number, inside = divmod(start, BLOCK)
            block = f"{self._mark} {number:08d} ".encode().ljust(63, b".") + b"\n"
            piece = (block * (BLOCK // 64))[inside : inside + self.size - start]
            yield piece
            start += len(piece)


class Interruptions:
    """`count` of them, drawn from `seed`; each file is sent until it is a proof."""

    def __init__(self, server: Server, count: int, size: int, seed: int = 1) -> None:
        self.server = server
        self.item: Item = server.item()
        self.left = count
        self.size = size
        self.random = random.Random(seed)
        self.happened: Counter[str] = Counter()
        self.finished: dict[str, str] = {}

    def run(self) -> None:
        while self.left:
            text = Text(len(self.finished), self.size)
            location = self._begin(text)
            while not self._is_kept(location):
                self._send(location, text)
            self.finished[location] = text.sha256

    def _begin(self, text: Text) -> str:
        metadata = encoded(self.item.metadata | {"sha256": text.sha256})
        headers = self.item.headers | {"Upload-Length": str(text.size), "Upload-Metadata": metadata}
        response = requests.post(f"{self.server.url}/uploads", headers=headers, timeout=30)
        assert response.status_code == 201, response.text
        return response.headers["Location"]

    def _is_kept(self, location: str) -> bool:
        shown = self.shown(location)
        assert shown["state"] in {"receiving", "received", "kept"}, shown
        return bool(shown["state"] == "kept")

    def shown(self, location: str) -> dict[str, Any]:
        response = requests.get(self._address(location), headers=self.item.headers, timeout=30)
        assert response.status_code == 200, response.text
        shown: dict[str, Any] = response.json()
        return shown

    def examined(self, location: str) -> dict[str, Any]:
        """The receipt, once its file may be read."""
        until = monotonic() + 60
        while monotonic() < until:
            receipt: dict[str, Any] = self.shown(location)["receipt"]
            if receipt["files"][0]["examined"]:
                return receipt
            sleep(0.1)
        raise AssertionError("the file was not examined")

    def _address(self, location: str) -> str:
        return self.server.url.removesuffix("/api/v1") + location

    def _send(self, location: str, text: Text) -> None:
        """From where it is, to the end or to the next interruption."""
        offset = self._offset(location)
        kind = self.random.choice(KINDS) if self.left else "none"
        timer = Timer(self.random.uniform(0, 0.25), self.server.kill)
        stop = Timer(self.random.uniform(0, 0.25), self.server.stop)
        most = self.random.randint(1, self.size // 8) if kind == "cut" else self.size
        for one in [timer] if kind == "kill" else [stop] if kind == "restart" else []:
            one.start()
        with suppress(OSError, http.client.HTTPException):
            self._patch(location, text, offset, most)
        if kind != "none":
            self.left -= 1
            self.happened[kind] += 1
        if kind in {"kill", "restart"}:
            timer.join() if kind == "kill" else stop.join()
            self.server.start()

    def _offset(self, location: str) -> int:
        response = requests.head(self._address(location), headers=self.item.headers, timeout=30)
        assert response.status_code == 200
        return int(response.headers["Upload-Offset"])

    def _patch(self, location: str, text: Text, offset: int, most: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        connection.putrequest("PATCH", location)
        headers = {
            **self.item.headers,
            "Upload-Offset": offset,
            "Content-Length": text.size - offset,
            "Content-Type": "application/offset+octet-stream",
        }
        for name, value in headers.items():
            connection.putheader(name, str(value))
        connection.endheaders()
        try:
            for block in text.blocks(offset):
                if most <= 0:
                    assert connection.sock is not None
                    reset = struct.pack("ii", 1, 0)
                    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
                    return
                connection.send(block[:most])
                most -= len(block)
            response = connection.getresponse()
            assert response.status in {204, 409, 423}, (response.read(), self.server.last_lines())
            if response.status != 204:  # another process still reads, or has just read, what was sent before
                sleep(0.05)
        finally:
            connection.close()


def verify(found: Interruptions) -> None:
    """What is said to be a proof is what was sent; all that is named is there, and nothing else is kept."""
    server = found.server
    _send_lost_jobs_again(server)
    for location, sha256 in found.finished.items():
        receipt = found.examined(location)
        (file,) = receipt["files"]
        assert file["sha256"] == sha256
        digest = hashlib.sha256()
        path = f"{server.url}/proofs/{receipt['id']}/files/{file['id']}"
        with requests.get(path, headers=found.item.headers, stream=True, timeout=60) as response:
            for piece in response.iter_content(MIB):
                digest.update(piece)
        assert digest.hexdigest() == sha256
    engine = db.connect(db.database_url(server.settings))
    storage = Vault.of(server.settings).storage
    sweep(db.sessions(engine, lambda: db.utc_now() + GRACE + timedelta(hours=1)), storage, is_unfinished)
    with db.transaction(db.sessions(engine)) as session:
        named = set(session.scalars(sa.select(Content.sha256)))
    engine.dispose()
    assert {digest for digest, _ in storage.digests()} == named == set(found.finished.values())
    assert storage.discard_unfinished(db.utc_now() + timedelta(days=1)) == 0


def _send_lost_jobs_again(server: Server) -> None:
    """As if LOST_AFTER had passed for the jobs that died with their process."""
    engine = db.connect(db.database_url(server.settings))
    with db.transaction(db.sessions(engine)) as session:
        lost = sa.update(Job).where(Job.done_at.is_(None), Job.dead_at.is_(None))
        session.execute(lost.values(due_at=sa.func.now()))
    engine.dispose()
