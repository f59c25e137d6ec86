"""A real server: large files pass through it without filling its memory, and broken uploads without a trace."""

import hashlib
import http.client
import json
import random
import socket
import struct
from collections.abc import Callable, Iterator
from threading import Event, Thread
from time import monotonic, sleep
from urllib.parse import unquote

import pytest
import requests

from tests.proofs.conftest import Served
from tests.proofs.multipart import BOUNDARY, CONTENT_TYPE, body, chunks, part

MIB = 1024**2
LARGE = 100 * MIB
MOST_MEMORY = 40 * MIB

#: The same each time: chance would now and then write the beginning of a program, which is refused.
NOISE = random.Random(1).randbytes(MIB)

OPENED = b"--" + BOUNDARY + b"\r\n" + part(b"")
CLOSED = b"\r\n--" + BOUNDARY + b"--\r\n"


def becomes(condition: Callable[[], bool], within: float = 20) -> bool:
    until = monotonic() + within
    while not condition():
        if monotonic() > until:
            return False
        sleep(0.05)
    return True


class Watch:
    """The most memory that the server holds while something goes on, beyond what it held before."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.before = self.most = served.memory()
        self.over = Event()
        self.thread = Thread(target=self._look)

    def _look(self) -> None:
        while not self.over.wait(0.02):
            self.most = max(self.most, self.served.memory())

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    @property
    def growth(self) -> int:
        return self.most - self.before


class LargeForm:
    """Made as it is sent, so that it is not held here either; after a field, where there is one."""

    def __init__(self, before: bytes = b"") -> None:
        self.opened = before + OPENED
        self.block = NOISE
        self.sha256 = hashlib.sha256(self.block * (LARGE // MIB)).hexdigest()

    def __len__(self) -> int:
        return len(self.opened) + LARGE + len(CLOSED)

    def __iter__(self) -> Iterator[bytes]:
        yield self.opened
        for _ in range(LARGE // MIB):
            yield self.block
        yield CLOSED


@pytest.fixture
def number(served: Served) -> Callable[[], int]:
    """How many versions of the proof there are."""
    return lambda: (served.get(served.item).json()["proof"] or {"number": 0})["number"]


@pytest.fixture
def small(served: Served) -> int:
    """A small upload went well; the number of its version."""
    response = requests.post(
        served.url + served.slot, headers=served.headers, files={"file": ("a.txt", b"preuve")}, timeout=30
    )
    assert response.status_code == 201, response.text
    return int(response.json()["number"])


def test_a_manifest_streams_through_as_a_single_file_does(served: Served, small: int) -> None:
    lines = {"lines": [{"item": unquote(served.item.rpartition("/")[2]), "files": ["preuve.txt"]}]}
    field = part(json.dumps(lines).encode(), name="manifest", filename=None)
    form = LargeForm(b"--" + BOUNDARY + b"\r\n" + field + b"\r\n")
    headers = {**served.headers, "Content-Type": CONTENT_TYPE}
    address = f"{served.url}{served.item.rpartition('/items/')[0]}/manifests"
    with Watch(served) as watch:
        response = requests.post(address, headers=headers, data=form, timeout=120)
    assert response.status_code == 200, response.text
    (line,) = response.json()["lines"]
    (file,) = line["receipt"]["files"]
    assert (file["size"], file["sha256"]) == (LARGE, form.sha256)
    assert watch.growth < MOST_MEMORY


def test_a_large_file_goes_in_and_out_without_filling_the_memory(served: Served, small: int) -> None:
    form = LargeForm()
    headers = {**served.headers, "Content-Type": CONTENT_TYPE}
    with Watch(served) as watch:
        response = requests.post(served.url + served.slot, headers=headers, data=form, timeout=120)
    assert response.status_code == 201, response.text
    (file,) = response.json()["files"]
    assert (file["size"], file["sha256"]) == (LARGE, form.sha256)
    assert watch.growth < MOST_MEMORY

    address = f"{served.url}/api/v1/proofs/{response.json()['id']}/files/{file['id']}"
    found = hashlib.sha256()
    with (
        Watch(served) as watch,
        requests.get(address, headers=served.headers, stream=True, timeout=120) as download,
    ):
        for piece in download.iter_content(MIB):
            found.update(piece)
    assert found.hexdigest() == form.sha256
    assert watch.growth < MOST_MEMORY


def test_a_body_that_comes_in_chunks_is_whole(served: Served, small: int) -> None:
    content = NOISE[:300_000]
    whole = body(part(content))
    pieces = (whole[at : at + 999] for at in range(0, len(whole), 999))
    headers = {**served.headers, "Content-Type": CONTENT_TYPE}
    response = requests.post(served.url + served.slot, headers=headers, data=pieces, timeout=30)
    assert response.status_code == 201, response.text
    assert response.json()["files"][0]["sha256"] == hashlib.sha256(content).hexdigest()


def conversation(served: Served, sent: bytes) -> http.client.HTTPResponse:
    """What the server answers to who says this and then no more."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        response = http.client.HTTPResponse(connection)
        response.begin()
        response.read()
        return response


WHOLE = body(part(b"une preuve"))


@pytest.mark.parametrize(
    ("length", "sent"),
    [
        (len(WHOLE), WHOLE[:-10]),
        (len(WHOLE) - 10, WHOLE[:-10]),
        (None, chunks([WHOLE[:-10]]) + b"0\r\n\r\n"),
        (None, chunks([WHOLE[:-10]])),
        (None, chunks([WHOLE[:-10]]) + b"pas une longueur\r\n"),
    ],
    ids=["less than announced", "without its end", "chunks without its end", "chunks cut", "chunks garbled"],
)
def test_a_form_that_is_cut_is_not_readable_and_leaves_nothing(
    served: Served, small: int, number: Callable[[], int], length: int | None, sent: bytes
) -> None:
    response = conversation(served, served.request(length) + sent)
    assert response.status == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert number() == small


def test_who_leaves_in_the_middle_leaves_nothing_and_hinders_nobody(
    served: Served, small: int, number: Callable[[], int]
) -> None:
    incoming = served.folder / "files" / "incoming"
    for _ in range(3):
        connection = socket.create_connection(("127.0.0.1", served.port), timeout=30)
        connection.sendall(served.request(10 * MIB) + OPENED + bytes(2 * MIB))
        assert becomes(lambda: any(incoming.iterdir())), "the server is at it"
        reset = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        connection.close()
    assert served.get("/healthz").status_code == 200
    assert becomes(lambda: not any(incoming.iterdir())), "what had come was removed"
    assert number() == small


def test_who_may_not_is_told_so_even_when_they_send_much(served: Served) -> None:
    headers = {"Authorization": "Bearer ref_inconnue"}
    large = {"file": ("a.bin", bytes(3 * MIB))}
    response = requests.post(served.url + served.slot, headers=headers, files=large, timeout=30)
    assert response.status_code == 401
