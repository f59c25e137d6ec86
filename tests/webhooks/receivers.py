"""Receivers on loopback, good and bad, and the organisation whose webhooks they are."""

import hmac
import json
import socket
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from referencing.base.outgoing.receivers import Reach
from referencing.variables import Variables

LOOPBACK = Variables({"NETWORKS": "127.0.0.0/8,::1/128"}).networks("NETWORKS")
REACH = Reach(LOOPBACK)


@dataclass(frozen=True)
class Received:
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def words(self) -> Any:
        return json.loads(self.body)

    @property
    def content(self) -> bytes:
        return f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body

    def signatures(self, version: str) -> list[bytes]:
        each = (one.partition(",") for one in self.headers["webhook-signature"].split())
        return [b64decode(signature) for name, _, signature in each if name == version]

    def is_signed_with(self, secret: str) -> bool:
        expected = hmac.digest(b64decode(secret.removeprefix("whsec_")), self.content, sha256)
        return expected in self.signatures("v1")

    def verify(self, public_key: str) -> None:
        """Raises InvalidSignature unless the first signature of ed25519 is by this key."""
        key = Ed25519PublicKey.from_public_bytes(b64decode(public_key.removeprefix("whpk_")))
        key.verify(self.signatures("v1a")[0], self.content)


@dataclass
class Receiver:
    """Keeps what it is sent; answers each of `answers` in turn, the last of them from then on."""

    address: str
    answers: list[int] = field(default_factory=lambda: [204])
    received: list[Received] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def answer(self) -> int:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def events(self) -> list[str]:
        return [one.words["type"] for one in self.received]


@contextmanager
def receiver(answers: Sequence[int] = (204,), path: str = "/in?of=here") -> Iterator[Receiver]:
    """A server that reads what it is sent."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.received.append(Received({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(kept.answer())
            for name, value in kept.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    kept = Receiver(f"http://127.0.0.1:{server.server_port}{path}", list(answers))
    running = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    running.start()
    try:
        yield kept
    finally:
        server.shutdown()
        running.join()
        server.server_close()


@contextmanager
def keeping(ids: list[str]) -> Iterator[str]:
    """The address of one that takes whatever comes, and keeps the ids alone: for many of them, and much."""

    def take(connection: socket.socket) -> None:
        with connection.makefile("rb") as sent:
            message, length = "", 0
            for line in sent:
                name, _, value = line.decode().partition(": ")
                if name.lower() == "webhook-id":
                    message = value.strip()
                elif name.lower() == "content-length":
                    length = int(value)
                elif line == b"\r\n":
                    sent.read(length)
                    ids.append(message)
                    connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with listening(take) as port:
        yield f"http://127.0.0.1:{port}/in"


@contextmanager
def speaking(speak: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of one that does with each connection as it likes once it was sent something."""

    def hear_first(connection: socket.socket) -> None:
        connection.recv(65536)
        speak(connection)

    with listening(hear_first) as port:
        yield f"http://127.0.0.1:{port}/in"


@contextmanager
def listening(meet: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of one that does with each connection as it likes, in a thread of its own."""
    server = socket.create_server(("127.0.0.1", 0), backlog=50)

    def converse(connection: socket.socket) -> None:
        with connection, suppress(OSError):  # whoever sent has had enough
            meet(connection)

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            Thread(target=converse, args=(connection,), daemon=True).start()

    Thread(target=accept, daemon=True).start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
