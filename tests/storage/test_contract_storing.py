"""What every storage promises, whatever it is made of: content goes in whole or not at all, and is listed."""

import hashlib
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from urllib3.exceptions import ProtocolError

from storage.port import ObjectStorage, StoredObject, TooLarge, Truncated
from tests.storage.conftest import Subject
from tests.storage.streams import ABSENT, CONTENT, MIB, Failing, Repeated, Trickling, sha256


def held(storage: ObjectStorage) -> list[str]:
    return [digest for digest, _ in storage.digests()]


def assert_nothing_left(storage: ObjectStorage) -> None:
    assert held(storage) == []
    assert storage.discard_unfinished(datetime.now(UTC) + timedelta(hours=1)) == 0


def test_content_comes_back_under_its_sha256(storage: ObjectStorage) -> None:
    stored = storage.store(BytesIO(CONTENT))

    assert stored == StoredObject(hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
    assert b"".join(storage.read(stored.sha256)) == CONTENT


def test_empty_content_is_content(storage: ObjectStorage) -> None:
    stored = storage.store(BytesIO())

    assert stored == StoredObject(sha256(b""), 0)
    assert list(storage.read(stored.sha256)) == []
    assert storage.size(stored.sha256) == 0


def test_a_stream_may_give_less_than_it_is_asked(storage: ObjectStorage) -> None:
    stored = storage.store(Trickling(BytesIO(CONTENT), 1000))

    assert b"".join(storage.read(stored.sha256)) == CONTENT


def test_same_content_twice_is_one_object(storage: ObjectStorage) -> None:
    assert storage.store(BytesIO(CONTENT)) == storage.store(BytesIO(CONTENT))
    assert held(storage) == [sha256(CONTENT)]


def test_nothing_stays_of_a_successful_upload_but_the_object(storage: ObjectStorage) -> None:
    storage.store(BytesIO(CONTENT))

    assert storage.discard_unfinished(datetime.now(UTC) + timedelta(hours=1)) == 0


def test_large_content_is_never_held_in_memory(storage: ObjectStorage) -> None:
    size = 64 * MIB
    tracemalloc.start()
    try:
        stored = storage.store(Repeated(b"\xa5" * MIB, size))
        digest = hashlib.sha256()
        for chunk in storage.read(stored.sha256):
            digest.update(chunk)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        storage.delete(sha256(b"\xa5" * size))

    assert stored == StoredObject(digest.hexdigest(), size)
    assert peak < 20 * MIB


def test_content_as_long_as_the_limit_is_kept(storage: ObjectStorage) -> None:
    assert storage.store(BytesIO(b"abc"), limit=3).size == 3


@pytest.mark.parametrize(("size", "limit"), [(4, 3), (1, 0), (12 * MIB, 6 * MIB)])
def test_content_over_the_limit_leaves_nothing(storage: ObjectStorage, size: int, limit: int) -> None:
    with pytest.raises(TooLarge) as raised:
        storage.store(Repeated(b"x" * MIB, size), limit=limit)

    assert raised.value.limit == limit
    assert_nothing_left(storage)


def test_content_over_the_limit_is_not_read_to_its_end(storage: ObjectStorage) -> None:
    stream = BytesIO(b"x" * 4 * MIB)
    with pytest.raises(TooLarge):
        storage.store(stream, limit=10)

    assert stream.tell() <= MIB


def test_content_shorter_than_announced_leaves_nothing(storage: ObjectStorage) -> None:
    with pytest.raises(Truncated) as raised:
        storage.store(BytesIO(b"abc"), expected=4)

    assert (raised.value.expected, raised.value.received) == (4, 3)
    assert_nothing_left(storage)


@pytest.mark.parametrize("size", [0, 1000, 12 * MIB])
@pytest.mark.parametrize(
    "error", [RuntimeError("gone"), OSError("gone"), ValueError("gone"), ProtocolError("gone")], ids=repr
)
def test_failing_stream_raises_its_own_error_and_leaves_nothing(
    storage: ObjectStorage, size: int, error: Exception
) -> None:
    with pytest.raises(type(error)) as raised:
        storage.store(Failing(size, error))

    assert raised.value is error
    assert_nothing_left(storage)


def test_interrupted_process_leaves_no_object(storage: ObjectStorage) -> None:
    with pytest.raises(KeyboardInterrupt):
        storage.store(Failing(1000, KeyboardInterrupt()))

    assert_nothing_left(storage)


def test_what_is_being_stored_is_not_visible(storage: ObjectStorage) -> None:
    seen: list[int | None] = []

    class Watching(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            seen.append(storage.size(sha256(b"abc")))
            return super().read(size)

    storage.store(Watching(b"abc"))

    assert set(seen) == {None}


def test_deleted_content_is_gone(storage: ObjectStorage) -> None:
    stored = storage.store(BytesIO(CONTENT))
    storage.delete(stored.sha256)

    assert storage.size(stored.sha256) is None
    assert held(storage) == []


def test_delete_twice(storage: ObjectStorage) -> None:
    stored = storage.store(BytesIO(CONTENT))
    storage.delete(stored.sha256)
    storage.delete(stored.sha256)

    assert storage.size(stored.sha256) is None


def test_content_may_be_stored_again_after_it_was_deleted(storage: ObjectStorage) -> None:
    storage.delete(storage.store(BytesIO(CONTENT)).sha256)
    stored = storage.store(BytesIO(CONTENT))

    assert b"".join(storage.read(stored.sha256)) == CONTENT


def test_digests_of_a_new_storage(storage: ObjectStorage) -> None:
    assert held(storage) == []


def test_digests_are_all_there_once(storage: ObjectStorage) -> None:
    contents = [str(number).encode() for number in range(12)]
    for content in contents:
        storage.store(BytesIO(content))

    assert sorted(held(storage)) == sorted(map(sha256, contents))


def test_digests_come_with_the_time_of_storing_in_utc(storage: ObjectStorage) -> None:
    storage.store(BytesIO(CONTENT))
    ((_, stored_at),) = storage.digests()

    assert stored_at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - stored_at) < timedelta(minutes=1)


def test_objects_may_be_deleted_while_digests_are_listed(storage: ObjectStorage) -> None:
    for number in range(5):
        storage.store(BytesIO(str(number).encode()))
    for digest, _ in storage.digests():
        storage.delete(digest)

    assert held(storage) == []


def test_what_an_interrupted_upload_left_is_discarded(subject: Subject) -> None:
    subject.leave_unfinished()

    assert subject.storage.discard_unfinished(datetime.now(UTC) + timedelta(minutes=1)) == 1
    assert_nothing_left(subject.storage)


def test_what_began_later_is_not_discarded(subject: Subject) -> None:
    subject.leave_unfinished()

    assert subject.storage.discard_unfinished(datetime.now(UTC) - timedelta(minutes=1)) == 0


def test_discarding_spares_the_objects(storage: ObjectStorage) -> None:
    stored = storage.store(BytesIO(CONTENT))
    storage.discard_unfinished(datetime.now(UTC) + timedelta(hours=1))

    assert held(storage) == [stored.sha256]


def test_threads_may_store_the_same_content_at_once(storage: ObjectStorage) -> None:
    threads = 6
    together = threading.Barrier(threads, timeout=10)

    def store(_: int) -> StoredObject:
        together.wait()
        return storage.store(BytesIO(CONTENT))

    with ThreadPoolExecutor(threads) as pool:
        stored = set(pool.map(store, range(threads)))

    assert stored == {StoredObject(sha256(CONTENT), len(CONTENT))}
    assert b"".join(storage.read(sha256(CONTENT))) == CONTENT


@pytest.mark.parametrize(
    "digest",
    ["", "abc", ABSENT.upper(), ABSENT + "\n", "../" + ABSENT, ABSENT[:-1] + "g", "ab/../" + ABSENT[6:]],
)
@pytest.mark.parametrize("method", ["read", "size", "delete"])
def test_what_is_no_digest_is_refused(storage: ObjectStorage, method: str, digest: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        getattr(storage, method)(digest)


def test_check_of_a_storage_that_serves(storage: ObjectStorage) -> None:
    storage.check()
