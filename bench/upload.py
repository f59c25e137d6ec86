"""One large file to the server, in one request and in pieces (tus), against a bare socket that hashes and writes it."""

import hashlib
import http.client
import json
import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from urllib.parse import quote

import click

from bench.servers import server as serving
from bench.timing import table
from referencing.catalogue.proposals import ProofKind
from tests.uploads.server import Item, Server, encoded

MIB = 1024**2
BOUNDARY = b"limite"
DRAWN = random.Random(1)  # noqa: S311 - contents, no secrets
Blocks = Callable[[int], Iterator[bytes]]
#: The box that an MP4 file begins with (ISO/IEC 14496-12, 4.3).
VIDEO = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"


@click.command("upload")
@click.option("--mib", type=click.IntRange(1), default=1024, show_default=True, help="size of the file")
@click.option("--runs", type=click.IntRange(1), default=3, show_default=True)
@click.option(
    "--content", type=click.Choice(["video", "log", "digits"]), multiple=True, help="all, by default"
)
def run(mib: int, runs: int, content: tuple[str, ...] = ()) -> None:
    """A large file to the server, against a bare socket, whatever is in it."""
    for name in content or CONTENTS:
        _measure(name, mib, runs)


def _measure(content: str, mib: int, runs: int) -> None:
    size, piece = mib * MIB, min(mib, 16) * MIB
    kind, blocks = CONTENTS[content]
    with serving() as server:
        item = server.item(kind)
        ways: dict[str, Callable[[], None]] = {
            "a socket: hash, write": lambda: _bare(server.folder, blocks, size, sync=False),
            "a socket: hash, write, fsync": lambda: _bare(server.folder, blocks, size, sync=True),
            "one request (multipart)": lambda: _form(server, item, blocks, size),
            "one PATCH (tus)": lambda: _tus(server, item, blocks, size, size),
            f"PATCHes of {piece // MIB} MiB (tus)": lambda: _tus(server, item, blocks, size, piece),
        }
        fastest = dict.fromkeys(ways, float("inf"))
        memory = dict.fromkeys(ways, 0)
        examined = dict.fromkeys(ways, 0.0)
        for _ in range(runs):
            for label, way in ways.items():
                with _watched(server) as most:
                    start = time.perf_counter()
                    way()
                    fastest[label] = min(fastest[label], time.perf_counter() - start)
                memory[label] = max(memory[label], most[0])
                examined[label] = max(examined[label], _examined(server, item))
        table(f"upload: {mib} MiB of {content}, best of {runs}", list(fastest.items()))
        for label in list(ways)[2:]:
            print(f"  {label:<58} {memory[label] / MIB:>10.1f} MiB added at the peak")
            print(f"  {label:<58} {examined[label]:>10.2f} s until it may be read")


def _video(size: int) -> Iterator[bytes]:
    """What begins as a video, as most large proofs are; each run another one."""
    block = os.urandom(MIB)
    yield VIDEO + (size - 32).to_bytes(4, "big") + b"mdat" + block[len(VIDEO) + 8 :]
    for _ in range(size // MIB - 1):
        yield block


def _log(size: int) -> Iterator[bytes]:
    """Lines with their moment, an address, and some figures."""
    return _text(
        size,
        lambda: (
            f"2026-03-{DRAWN.randint(1, 28):02d}T09:10:{DRAWN.random() * 60:09.6f}Z INFO 10.0.{DRAWN.randint(0, 99)}.7 "
            f"GET /items/{DRAWN.randint(0, 10**9)} 200 {DRAWN.random() * 1000:.3f} ms\n"
        ),
    )


def _digits(size: int) -> Iterator[bytes]:
    """Numbers, of which many look like the beginning of somebody's."""
    return _text(size, lambda: f"{DRAWN.randint(0, 10**9):09d}{DRAWN.choice(' ;,.-')}")


def _text(size: int, line: Callable[[], str]) -> Iterator[bytes]:
    """What begins with a block of its own, so that each run is another one."""
    block = b"".join(line().encode() for _ in range(1000))
    block = (block * (MIB // len(block) + 1))[:MIB]
    for _ in range(size // MIB):
        yield block


CONTENTS: dict[str, tuple[ProofKind, Blocks]] = {
    "video": (ProofKind.DEMONSTRATION, _video),
    "log": (ProofKind.LOG, _log),
    "digits": (ProofKind.LOG, _digits),
}


def _bare(folder: Path, blocks: Blocks, size: int, *, sync: bool) -> None:
    def receive() -> None:
        connection, _ = listening.accept()
        digest = hashlib.sha256()
        with connection, (folder / "bare").open("wb") as file:
            while piece := connection.recv(MIB):
                digest.update(piece)
                file.write(piece)
            file.flush()
            if sync:
                os.fsync(file.fileno())
            connection.sendall(digest.digest())

    with socket.create_server(("127.0.0.1", 0)) as listening:
        receiver = threading.Thread(target=receive)
        receiver.start()
        with socket.create_connection(listening.getsockname()) as connection:
            for block in blocks(size):
                connection.sendall(block)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(32)
        receiver.join()
    (folder / "bare").unlink()


def _form(server: Server, item: Item, blocks: Blocks, size: int) -> None:
    disposition = b'Content-Disposition: form-data; name="file"; filename="essai.log"'
    opened = b"--" + BOUNDARY + b"\r\n" + disposition + b"\r\n\r\n"
    closed = b"\r\n--" + BOUNDARY + b"--\r\n"
    headers = {
        "Authorization": item.headers["Authorization"],
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY.decode()}",
        "Content-Length": str(len(opened) + size + len(closed)),
    }
    path = f"/api/v1/candidatures/{item.candidature}/items/{quote(item.code, safe='')}/proofs"
    with _connected(server) as connection:
        connection.request("POST", path, chain([opened], blocks(size), [closed]), headers)
        _expect(connection, 201)


def _tus(server: Server, item: Item, blocks: Blocks, size: int, piece: int) -> None:
    with _connected(server) as connection:
        headers = item.headers | {"Upload-Length": str(size), "Upload-Metadata": encoded(item.metadata)}
        connection.request("POST", "/api/v1/uploads", headers=headers)
        location = _expect(connection, 201).headers["Location"]
        sent = blocks(size)
        for offset in range(0, size, piece):
            headers = item.headers | {
                "Upload-Offset": str(offset),
                "Content-Length": str(piece),
                "Content-Type": "application/offset+octet-stream",
            }
            connection.request("PATCH", location, islice(sent, piece // MIB), headers)
            _expect(connection, 204)


def _examined(server: Server, item: Item) -> float:
    """Seconds until what was supplied last, if anything, may be read: the next measure begins undisturbed."""
    start = time.perf_counter()
    path = f"/api/v1/candidatures/{item.candidature}/items/{quote(item.code, safe='')}"
    with _connected(server) as connection:
        while True:
            connection.request("GET", path, headers=item.headers)
            response = connection.getresponse()
            proof = json.loads(response.read())["proof"]
            if proof is None or all(file["examined"] for file in proof["files"]):
                return time.perf_counter() - start
            time.sleep(0.05)


@contextmanager
def _connected(server: Server) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    try:
        yield connection
    finally:
        connection.close()


def _expect(connection: http.client.HTTPConnection, status: int) -> http.client.HTTPResponse:
    response = connection.getresponse()
    body = response.read()
    if response.status != status:
        raise RuntimeError(f"{response.status}: {body.decode(errors='replace')}")
    return response


@contextmanager
def _watched(server: Server) -> Iterator[list[int]]:
    """Bytes that the server's processes hold at the most, beyond what they held before."""
    over = threading.Event()
    before, most = server.memory(), [0]

    def look() -> None:
        while not over.wait(0.05):
            most[0] = max(most[0], server.memory() - before)

    watch = threading.Thread(target=look)
    watch.start()
    try:
        yield most
    finally:
        over.set()
        watch.join()
