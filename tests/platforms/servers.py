"""Platforms on loopback that answer as they are told: well, late, wrongly, not at all, with a certificate that ends."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.webhooks.receivers import listening

NAME = "platform.example"
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n<h1>Gazelle</h1>"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"7\r\n<h1>Gaz\r\n11;x=y\r\nelle</h1>\r\ncafe\r\n\r\n0\r\n\r\n"
)


@dataclass
class Server:
    """What it sends to whoever asks, and how long it waits before; nothing when it only hangs. `met` once asked."""

    port: int = 0
    sends: bytes = FINE
    after: float = 0.0
    hangs: bool = False
    met: Event = field(default_factory=Event)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def meet(self, connection: socket.socket) -> None:
        connection.recv(65536)
        self.met.set()
        if self.hangs:
            while connection.recv(65536):
                pass
            return
        Event().wait(self.after)
        connection.sendall(self.sends)


@contextmanager
def serving(wrap: Callable[[socket.socket], socket.socket] | None = None) -> Iterator[Server]:
    """A server that can be told otherwise while it runs; `wrap` is what it does with a connection first."""
    server = Server()

    def meet(connection: socket.socket) -> None:
        with wrap(connection) if wrap else connection as met:
            server.meet(met)

    with listening(meet) as port:
        server.port = port
        yield server


def certificate(folder: Path, days: int) -> Path:
    """The certificate of `NAME` with its key, by itself; it ends in so many days, or has ended."""
    key, now = Ed25519PrivateKey.generate(), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=90))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, None)
    )
    file = folder / f"{days}.pem"
    words = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(words + made.public_bytes(Encoding.PEM))
    return file


@contextmanager
def secured(file: Path) -> Iterator[int]:
    """The port of a server that shows this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with serving(lambda connection: context.wrap_socket(connection, server_side=True)) as server:
        yield server.port
