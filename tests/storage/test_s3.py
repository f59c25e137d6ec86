"""What is particular to objects in a bucket, on a real server that is stopped, refuses, or is not there."""

import hashlib
import logging
import socket
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from minio import Minio
from urllib3 import PoolManager, Retry, Timeout

from storage import bucket
from storage.address import storage_from_url
from storage.port import ObjectStorage, Unavailable
from storage.s3 import S3Storage
from tests.storage.conftest import client_for
from tests.storage.rclone import RcloneServer
from tests.storage.streams import MIB, Failing, Repeated, sha256

DIGEST = sha256(b"abc")


@pytest.fixture
def url(rclone_server: RcloneServer) -> str:
    return rclone_server.url(f"test-{uuid4().hex}")


@pytest.fixture
def storage(url: str) -> ObjectStorage:
    return storage_from_url(url)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RcloneServer]:
    with RcloneServer(tmp_path / "served") as server:
        yield server


def tomorrow() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)


def test_content_outlives_a_restart_of_the_server(own_server: RcloneServer) -> None:
    storage = storage_from_url(own_server.url("proofs"))
    storage.store(BytesIO(b"abc"))
    own_server.stop()
    own_server.start()

    assert b"".join(storage.read(DIGEST)) == b"abc"


def test_server_that_stops_during_a_read_is_unavailable(own_server: RcloneServer) -> None:
    storage = storage_from_url(own_server.url("proofs"))
    stored = storage.store(Repeated(b"x" * MIB, 32 * MIB))
    chunks = storage.read(stored.sha256)
    next(chunks)
    own_server.stop()

    with pytest.raises(Unavailable):
        list(chunks)


METHODS: dict[str, Callable[[ObjectStorage], object]] = {
    "store": lambda storage: storage.store(BytesIO(b"abc")),
    "read": lambda storage: storage.read(DIGEST),
    "size": lambda storage: storage.size(DIGEST),
    "delete": lambda storage: storage.delete(DIGEST),
    "digests": lambda storage: list(storage.digests()),
    "discard_unfinished": lambda storage: storage.discard_unfinished(tomorrow()),
    "check": lambda storage: storage.check(),
}
every_method = pytest.mark.parametrize("call", METHODS.values(), ids=METHODS)


@every_method
def test_server_that_is_not_there_is_unavailable_soon(call: Callable[[ObjectStorage], object]) -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))  # without listening: nobody else can, and connections are refused
        storage = storage_from_url(f"s3://k:s@127.0.0.1:{unheard.getsockname()[1]}/proofs?secure=false")
        began = time.monotonic()
        with pytest.raises(Unavailable):
            call(storage)

    assert time.monotonic() - began < 3


@every_method
def test_server_that_stops_after_it_was_used_is_unavailable(
    own_server: RcloneServer, call: Callable[[ObjectStorage], object]
) -> None:
    storage = storage_from_url(own_server.url("proofs"))
    storage.store(BytesIO(b"abc"))
    own_server.stop()

    with pytest.raises(Unavailable):
        call(storage)


def test_server_that_never_answers_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        hasty = PoolManager(timeout=Timeout(connect=0.2, read=0.2), retries=Retry(total=0))
        client = Minio(address, "key", "secret", secure=False, region="us-east-1", http_client=hasty)

        with pytest.raises(Unavailable):
            S3Storage(client, "proofs").check()


def test_wrong_credentials_are_unavailable_and_shown_nowhere(
    rclone_server: RcloneServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    storage = storage_from_url(rclone_server.url("proofs", secret="not-the-secret"))
    with pytest.raises(Unavailable) as raised:
        storage.store(BytesIO(b"abc"))

    told = repr(storage) + caplog.text + "".join(traceback.format_exception(raised.value))
    assert "not-the-secret" not in told


def test_right_credentials_are_shown_nowhere(url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    storage = storage_from_url(url)
    storage.store(BytesIO(b"abc"))

    assert "s3cr" not in repr(storage) + caplog.text


def test_content_stored_again_is_not_copied_again(storage: ObjectStorage) -> None:
    storage.store(BytesIO(b"abc"))
    before = list(storage.digests())
    storage.store(BytesIO(b"abc"))

    assert list(storage.digests()) == before


def test_content_stored_again_much_later_has_a_new_time(
    storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "RENEWED_AFTER", timedelta(0))
    storage.store(BytesIO(b"abc"))
    ((_, before),) = storage.digests()
    time.sleep(0.01)
    storage.store(BytesIO(b"abc"))
    ((_, after),) = storage.digests()

    assert after > before


def test_object_of_another_size_is_made_whole_when_it_is_stored_again(url: str) -> None:
    storage = storage_from_url(url)
    storage.store(BytesIO(b"abc"))
    bucket = url.rpartition("/")[2].partition("?")[0]
    client_for(url).put_object(bucket, f"objects/{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}", BytesIO(b"a"), 1)
    storage.store(BytesIO(b"abc"))

    assert b"".join(storage.read(DIGEST)) == b"abc"


def test_parts_of_an_upload_cut_by_the_end_of_a_process_are_discarded(storage: ObjectStorage) -> None:
    with pytest.raises(KeyboardInterrupt):
        storage.store(Failing(12 * MIB, KeyboardInterrupt()))

    assert storage.discard_unfinished(tomorrow()) == 1
    assert storage.discard_unfinished(tomorrow()) == 0


def test_parts_of_a_later_upload_are_not_discarded(storage: ObjectStorage) -> None:
    with pytest.raises(KeyboardInterrupt):
        storage.store(Failing(12 * MIB, KeyboardInterrupt()))

    assert storage.discard_unfinished(datetime.now(UTC) - timedelta(minutes=1)) == 0


def test_digests_go_on_after_the_first_page_of_a_listing(own_server: RcloneServer, tmp_path: Path) -> None:
    digests = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(1_100)]
    for digest in digests:  # all in one folder, which rclone lists much faster
        path = tmp_path / "served" / "proofs" / "objects" / "ab" / "cd" / digest
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    listed = [digest for digest, _ in storage_from_url(own_server.url("proofs")).digests()]

    assert sorted(listed) == sorted(digests)
