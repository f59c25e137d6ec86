"""What is sent to others goes to whom it is meant for, on a line that nobody reads, and ends."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from referencing.base.outgoing import client
from referencing.base.outgoing.client import OutOfBounds, base_address, is_safe, send


class Elsewhere(BaseHTTPRequestHandler):
    """Leads on to another address, and answers there without end."""

    asked: list[str] = []  # noqa: RUF012 - of one test at a time

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(302 if self.path == "/first" else 200)
        self.send_header("Location", "/second")
        self.end_headers()
        if self.path == "/long":
            self.wfile.write(bytes(client.LARGEST + 1))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    Elsewhere.asked.clear()
    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_redirection_is_not_followed(address: str) -> None:
    received = send("GET", f"{address}/first", None, {"Authorization": "Bearer secret"})
    assert (received.status, Elsewhere.asked) == (302, ["/first"])


def test_an_answer_without_measure_is_given_up(address: str) -> None:
    with pytest.raises(OutOfBounds):
        send("GET", f"{address}/long", None, {})


@pytest.mark.parametrize(
    ("written", "safe"),
    [
        ("https://agence.example", True),
        ("http://127.0.0.1:8000", True),
        ("http://[::1]/", True),
        ("http://agence.example", False),
        ("http://127.0.0.1.agence.example", False),
        ("file:///etc/passwd", False),
        ("ftp://agence.example", False),
    ],
)
def test_only_tls_or_this_machine_is_spoken_to(written: str, safe: bool) -> None:
    assert is_safe(written) is safe


@pytest.mark.parametrize(
    "written", ["https://ada:secret@agence.example", "https://agence.example?to=x", "https://"]
)
def test_an_address_of_a_setting_is_an_address_and_no_more(written: str) -> None:
    with pytest.raises(ValueError, match="X_URL must be") as refused:
        base_address("X_URL", written)
    assert "secret" not in str(refused.value)
