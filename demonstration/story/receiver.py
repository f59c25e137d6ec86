"""The editor's program that is told what happens, and believes what is signed alone: standard library only."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from demonstration.story.client import HOST


class Receiver:
    """Listens at `address`; `told` are the ids of the messages that were signed with `secret`, as they came."""

    def __init__(self, port: int) -> None:
        self.address = f"http://{HOST}:{port}/"
        self.secret = ""
        self.told: list[str] = []

    def hear(self, message: str, timestamp: str, signatures: str, body: bytes) -> bool:
        """Whether this is genuine."""
        signed = f"{message}.{timestamp}.".encode() + body
        digest = hmac.digest(b64decode(self.secret.removeprefix("whsec_")), signed, sha256)
        if f"v1,{b64encode(digest).decode()}" not in signatures.split():
            return False
        self.told += [message] if message not in self.told else []
        return True


@contextmanager
def receiver() -> Iterator[Receiver]:
    """One that listens meanwhile."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            message, timestamp, signatures = (
                self.headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature")
            )
            self.send_response(204 if listening.hear(message, timestamp, signatures, body) else 401)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """The story is told by others."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    listening = Receiver(server.server_port)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield listening
    finally:
        server.shutdown()
        server.server_close()
