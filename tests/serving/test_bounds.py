"""Nothing holds the server for ever: not a client that waits, nor a database that says nothing."""

import http.client
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Thread
from time import monotonic, sleep

import pytest
import requests

from referencing.serving import bodies, heads
from referencing.serving.bodies import PacedUnreader
from referencing.web.requests import BODY_OF_A_STRANGER
from tests.serving.conftest import Serving, answers, becomes
from tests.serving.served import GATHERING, MARGIN, PATIENCE, PROCESSES, STATEMENT

#: More than all threads together.
CROWD = 16 * PROCESSES + 8
#: Seconds for an answer that waits for nothing, on a machine that does something else as well.
AT_ONCE = 3.0
#: A request whose end two servers may see at two places.
TWO_LENGTHS = b"POST /connexion HTTP/1.1\r\nHost: a\r\n%s\r\n\r\n0\r\n\r\n"


@contextmanager
def crowd(serving: Serving, sent: bytes) -> Iterator[list[socket.socket]]:
    """Many clients that have sent this, and wait."""
    with ExitStack() as open_ones:
        clients = [
            open_ones.enter_context(socket.create_connection(("127.0.0.1", serving.port), timeout=30))
            for _ in range(CROWD)
        ]
        for client in clients:
            client.sendall(sent)
        yield clients


def answer_of(client: socket.socket) -> http.client.HTTPResponse:
    response = http.client.HTTPResponse(client)
    response.begin()
    response.body = response.read()  # type: ignore[attr-defined]
    return response


@pytest.mark.parametrize(
    "sent",
    [
        b"G",
        b"POST /connexion HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nk",
    ],
    ids=["the first byte of a head", "the first byte of a short body"],
)
def test_clients_that_send_one_byte_and_wait_keep_nobody_waiting(serving: Serving, sent: bytes) -> None:
    with crowd(serving, sent) as clients:
        began = monotonic()
        assert serving.get("/api/v1/me").status_code == 200
        assert serving.get("/healthz").status_code == 200
        assert monotonic() - began < AT_ONCE
        for client in clients:
            refused = answer_of(client)
            assert (refused.status, refused.headers["Content-Type"]) == (408, "application/problem+json")
    assert monotonic() - began < GATHERING + AT_ONCE


def test_strangers_that_announce_much_and_send_little_keep_no_thread(serving: Serving) -> None:
    """They are refused before anybody waits for what they announce, again and again."""
    place = b"Host: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\n" % ((serving.port,) * 2)
    for head, status in (
        (b"POST /connexion HTTP/1.1\r\nContent-Length: 200000\r\n", 413),
        (b"POST /connexion HTTP/1.1\r\nTransfer-Encoding: chunked\r\n", 411),
        (
            b"POST /api/v1/signals HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n",
            413,
        ),
        (b"POST /api/v1/softwares HTTP/1.1\r\nContent-Length: 200000\r\n", 401),
    ):
        began = monotonic()
        with crowd(serving, head + place + b"\r\nx") as clients:
            assert serving.get("/api/v1/me").status_code == 200
            assert {answer_of(client).status for client in clients} == {status}, head
        assert monotonic() - began < AT_ONCE


def test_a_long_body_that_does_not_come_is_waited_for_within_bounds(serving: Serving) -> None:
    head = (
        b"POST /api/v1/softwares HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n" % serving.key.encode()
    )
    typed = b"Content-Type: application/json\r\nContent-Length: 200000\r\n\r\n{"
    with crowd(serving, head + typed) as clients:
        sleep(0.3)
        began = monotonic()
        assert answers(serving.port, "/healthz") == 200
        assert answers(serving.port, "/readyz") == 200
        assert monotonic() - began < AT_ONCE
        assert {answer_of(client).status for client in clients} <= {400, 408}
        assert monotonic() - began < 2 * PATIENCE + AT_ONCE
        assert serving.get("/api/v1/me").status_code == 200


def test_a_body_may_take_as_long_as_its_size_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow line that brings what the slowest rate asks for is not cut, however long it takes in all."""
    monkeypatch.setattr(bodies, "PATIENCE", 0.2)
    monkeypatch.setattr(bodies, "SLOWEST", 10_000)
    ours, theirs = socket.socketpair()

    def send() -> None:
        for _ in range(10):
            sleep(0.1)
            theirs.sendall(bytes(2000))

    with ours, theirs:
        reader = PacedUnreader(ours)
        reader.begin(b"")
        sender = Thread(target=send)
        sender.start()
        received = 0
        while received < 20_000:
            received += len(reader.chunk())
        sender.join()
        theirs.sendall(b"a")
        reader.chunk()
        reader.waited = PATIENCE + received / bodies.SLOWEST  # as if it had been waited for as long as may be
        with pytest.raises(TimeoutError):
            reader.chunk()


def test_all_that_a_stranger_may_send_is_gathered_before_a_thread_takes_it() -> None:
    assert heads.SHORT_BODY >= BODY_OF_A_STRANGER


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"X-Long: " + b"a" * 70_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 200 + b"\r\n", 431),
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno header\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
        (TWO_LENGTHS % b"Content-Length: 3\r\nContent-Length: 4", 400),
        (TWO_LENGTHS % b"Content-Length: 3\r\nTransfer-Encoding: chunked", 400),
        (TWO_LENGTHS % b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", 400),
        (TWO_LENGTHS % b"Content-Length: +3", 400),
    ],
    ids=[
        *("address", "head", "many headers", "no version", "no header", "TLS"),
        *("two lengths", "a length and chunks", "two codings", "a length with a sign"),
    ],
)
def test_what_is_no_request_is_refused_as_a_problem(serving: Serving, sent: bytes, status: int) -> None:
    with socket.create_connection(("127.0.0.1", serving.port), timeout=30) as client:
        client.sendall(sent)
        refused = answer_of(client)
    assert (refused.status, refused.headers["Content-Type"]) == (status, "application/problem+json")
    assert refused.headers["X-Content-Type-Options"] == "nosniff"
    assert b'"type":"urn:referencing:problem:http-%d"' % status in refused.body  # type: ignore[attr-defined]


def test_requests_behind_each_other_on_one_connection_are_all_answered(serving: Serving) -> None:
    head = b"GET /api/v1/nothing HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n" % serving.key.encode()
    with socket.create_connection(("127.0.0.1", serving.port), timeout=30) as client:
        client.sendall((head + b"\r\n") * 2 + head + b"Connection: close\r\n\r\n")
        # All that comes, read once: a reader for each answer would take the next one's first bytes along.
        with client.makefile("rb") as answers_in_turn:
            assert answers_in_turn.read().count(b"HTTP/1.1 404 ") == 3


def test_a_database_that_stops_is_told_of_and_all_is_back_without_a_restart(serving: Serving) -> None:
    assert serving.get("/api/v1/me").status_code == 200
    with serving.stopped_database(), ThreadPoolExecutor(CROWD) as clients:
        began = monotonic()
        waiting = [clients.submit(serving.get, "/api/v1/me", 60) for _ in range(CROWD)]
        sleep(0.2)
        alive = monotonic()
        assert answers(serving.port, "/healthz") == 200
        assert monotonic() - alive < AT_ONCE
        ready = requests.get(f"{serving.url}/readyz", timeout=30)
        assert (ready.status_code, ready.json()["database"]) == (503, "unavailable")
        assert monotonic() - alive < 4 + 2 * AT_ONCE
        assert {each.result().status_code for each in waiting} == {503}
        # Each thread's turn: a statement's bound, then connections that are not to be had.
        assert monotonic() - began < 2 * (STATEMENT + MARGIN + 5) + 2 * AT_ONCE
    becomes(lambda: answers(serving.port, "/readyz") == 200, 10)
    becomes(lambda: serving.get("/api/v1/me").status_code == 200, 10)
