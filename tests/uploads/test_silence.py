"""A client whose line dies without a word goes on with its upload on another one, at once and where it was."""

import hashlib
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.proofs.conftest import free_port
from tests.uploads.conftest import CONTENT, MIB
from tests.uploads.server import Item, Server, encoded

SHA256 = hashlib.sha256(CONTENT).hexdigest()
CAME = 5 * MIB + 7
#: Seconds, on a busy machine too: a client gives up after nine.
AT_ONCE = 6


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Server, Server]]:
    """Two on one database and one folder of files, as two machines would be."""
    with tempfile.TemporaryDirectory(prefix="referencing-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        started = Server(Path(folder), free_port()), Server(Path(folder), free_port())
        for server in started:
            server.start()
        yield started
        for server in reversed(started):
            server.stop()


def begun(server: Server, item: Item) -> str:
    """The path of an upload of CONTENT."""
    headers = item.headers | {
        "Upload-Length": str(len(CONTENT)),
        "Upload-Metadata": encoded(item.metadata | {"sha256": SHA256}),
    }
    response = requests.post(f"{server.url}/uploads", headers=headers, timeout=30)
    assert response.status_code == 201, response.text
    return response.headers["Location"]


@contextmanager
def silent(server: Server, item: Item, path: str, *, chunked: bool) -> Iterator[socket.socket]:
    """A client that announced all, sent CAME bytes, and of which nothing is heard any more."""
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(CONTENT)}"
    head = (
        f"PATCH {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {item.headers['Authorization']}\r\n"
        f"Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n{length}\r\n\r\n"
    )
    frame = b"%x\r\n" % CAME if chunked else b""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head.encode() + frame + CONTENT[:CAME] + b"\r\n" * chunked)
        time.sleep(0.5)
        yield connection


def address(server: Server, path: str) -> str:
    return server.url.removesuffix("/api/v1") + path


def head(server: Server, item: Item, path: str) -> requests.Response:
    return requests.head(address(server, path), headers=item.headers, timeout=30)


def patch(server: Server, item: Item, path: str, offset: int) -> requests.Response:
    headers = item.headers | {
        "Upload-Offset": str(offset),
        "Content-Type": "application/offset+octet-stream",
    }
    return requests.patch(address(server, path), headers=headers, data=CONTENT[offset:], timeout=30)


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("elsewhere", [0, 1])
def test_head_and_patch_take_an_upload_over_from_a_silent_line(
    servers: tuple[Server, Server], elsewhere: int, chunked: bool
) -> None:
    first, other = servers[0], servers[elsewhere]
    item = first.item()
    path = begun(first, item)
    with silent(first, item, path, chunked=chunked):
        began = time.monotonic()
        offset = int(head(other, item, path).headers["Upload-Offset"])
        assert (
            CAME - MIB < offset <= CAME if chunked else offset == CAME
        )  # of chunks the last MiB may be halved
        assert patch(other, item, path, offset).status_code == 204
        assert time.monotonic() - began < AT_ONCE
    shown = requests.get(address(first, path), headers=item.headers, timeout=30).json()
    assert shown["state"] == "kept"
    assert [(file["sha256"], file["size"]) for file in shown["receipt"]["files"]] == [(SHA256, len(CONTENT))]


def test_patch_alone_takes_over_and_says_where_the_upload_is(servers: tuple[Server, Server]) -> None:
    server, other = servers
    item = server.item()
    path = begun(server, item)
    with silent(server, item, path, chunked=False) as line:
        began = time.monotonic()
        response = patch(other, item, path, 0)
        assert response.status_code == 409
        assert str(CAME) in response.json()["detail"]
        assert patch(other, item, path, CAME).status_code == 204
        assert time.monotonic() - began < AT_ONCE
        answer = line.recv(4096).decode()
        assert answer.startswith("HTTP/1.1 204")
        assert f"Upload-Offset: {CAME}" in answer
        line.sendall(b"x" * 100)  # what comes too late is nobody's
    assert head(server, item, path).headers["Upload-Offset"] == str(len(CONTENT))


def test_nobody_else_takes_an_upload_over(servers: tuple[Server, Server]) -> None:
    server, other = servers
    item, stranger = server.item(), server.item()
    path = begun(server, item)
    with silent(server, item, path, chunked=False) as line:
        assert head(other, stranger, path).status_code == 404
        assert patch(other, stranger, path, CAME).status_code == 404
        line.sendall(CONTENT[CAME:])
        assert line.recv(4096).startswith(b"HTTP/1.1 204")
    assert head(server, item, path).headers["Upload-Offset"] == str(len(CONTENT))


def test_a_line_on_which_bytes_come_is_left_to_its_client(servers: tuple[Server, Server]) -> None:
    server, _ = servers
    item = server.item()
    path = begun(server, item)
    with silent(server, item, path, chunked=False) as line:
        line.settimeout(0.3)
        sent = CAME
        line.sendall(CONTENT[sent : sent + 1])
        asked = requests.Session()
        with pytest.raises(requests.ReadTimeout):
            asked.head(address(server, path), headers=item.headers, timeout=0.2)
        for sent in range(CAME + 1, CAME + 7):
            time.sleep(0.5)
            line.sendall(CONTENT[sent : sent + 1])
        line.settimeout(30)
        line.sendall(CONTENT[sent + 1 :])
        assert line.recv(4096).startswith(b"HTTP/1.1 204")
    assert head(server, item, path).headers["Upload-Offset"] == str(len(CONTENT))
