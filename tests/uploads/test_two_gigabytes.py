"""A film of two gigabytes comes in, and plays from anywhere in it as soon as from its start, in little memory."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic

import pytest
import requests

from referencing.catalogue.proposals import ProofKind
from tests.proofs.conftest import free_port
from tests.uploads.interruptions import MIB, Interruptions
from tests.uploads.server import Item, Server, encoded

pytestmark = pytest.mark.services

SIZE = 2 * 1024 * MIB
#: What a player asks for at once, and the places that it goes to: the start, the middle, the end.
PIECE = MIB
PLACES = [0, SIZE // 2, SIZE - PIECE]
START = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"
#: How much more memory all of it takes, and how much longer the furthest place than the start, at the most.
MEMORY, LONGER, RUNS = 256 * MIB, 5, 5


@pytest.fixture
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="referencing-", ignore_cleanup_errors=True) as folder:
        started = Server(Path(folder), free_port())
        Path(folder).chmod(0o755)
        started.start()
        yield started
        started.stop()


def film(folder: Path) -> Path:
    """Nothing but where a player looks: its beginning, and what each place begins with."""
    path = folder / "film.mp4"
    with path.open("wb") as written:
        written.truncate(SIZE)
        for place in PLACES:
            written.seek(place)
            written.write(START if place == 0 else f"ici {place}".encode())
    return path


@contextmanager
def watched(server: Server) -> Iterator[Callable[[], int]]:
    """The most bytes that the server held meanwhile, over what it held before."""
    before, over = server.memory(), Event()
    held = [before]

    def watch() -> None:
        while not over.wait(0.05):
            held.append(server.memory())

    watching = Thread(target=watch)
    watching.start()
    try:
        yield lambda: max(held) - before
    finally:
        over.set()
        watching.join()


def supply(server: Server, item: Item, path: Path) -> str:
    """The address of the upload, once all of it was sent."""
    metadata = encoded(item.metadata | {"filename": path.name})
    headers = item.headers | {"Upload-Length": str(SIZE), "Upload-Metadata": metadata}
    begun = requests.post(f"{server.url}/uploads", headers=headers, timeout=30)
    assert begun.status_code == 201, begun.text
    headers = item.headers | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    with path.open("rb") as content:
        address = server.url.removesuffix("/api/v1") + begun.headers["Location"]
        sent = requests.patch(address, data=content, headers=headers, timeout=600)
    assert sent.status_code == 204, sent.text
    return begun.headers["Location"]


def seconds(session: requests.Session, address: str, place: int) -> float:
    """What one piece takes, which is the right one."""
    begun = monotonic()
    asked = {"Range": f"bytes={place}-{place + PIECE - 1}"}
    with session.get(address, headers=asked, timeout=60) as answer:
        assert answer.status_code == 206
        assert answer.headers["Content-Range"] == f"bytes {place}-{place + PIECE - 1}/{SIZE}"
        assert answer.content.rstrip(b"\0") == (START if place == 0 else f"ici {place}".encode())
    return monotonic() - begun


def test_a_film_of_two_gigabytes_is_played_from_anywhere(server: Server, tmp_path: Path) -> None:
    item = server.item(ProofKind.DEMONSTRATION)
    watching = Interruptions(server, 0, SIZE)
    watching.item = item
    with watched(server) as more, requests.Session() as player:
        location = supply(server, item, film(tmp_path))
        receipt = watching.examined(location)
        (file,) = receipt["files"]
        origin = server.url.removesuffix("/api/v1")
        signed_in = player.post(
            f"{origin}/connexion", {"key": item.key}, headers={"Origin": origin}, timeout=30
        )
        assert signed_in.url.endswith("/travail")
        address = f"{origin}/fichiers/preuves/{receipt['id']}/{file['id']}"
        took = {place: min(seconds(player, address, place) for _ in range(RUNS)) for place in PLACES}
        with player.get(address, stream=True, timeout=60) as whole:
            assert whole.headers["Content-Type"] == "video/mp4"
    assert more() < MEMORY
    assert max(took.values()) < LONGER * took[0], took
