"""What every storage promises of content that comes in pieces: what was acknowledged stays, and makes one object."""

import random
import tracemalloc
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import pairwise

import pytest

from storage.port import Lost, ObjectStorage, StoredObject
from tests.storage.conftest import Subject
from tests.storage.streams import MIB, Failing, Repeated, Trickling, sha256

KEY = "0123456789abcdef"
PART = 5 * MIB
#: Longer than two parts, and unlike itself everywhere.
CONTENT = random.Random(2).randbytes(12 * MIB)


@pytest.fixture
def name(storage: ObjectStorage) -> str:
    return storage.begin(KEY)


def append(storage: ObjectStorage, name: str, offset: int, content: bytes) -> int:
    return [offset, *storage.append(name, offset, BytesIO(content))][-1]


def content_of(storage: ObjectStorage, stored: StoredObject) -> bytes:
    return b"".join(storage.read(stored.sha256))


def test_a_name_begins_with_its_key(name: str) -> None:
    assert name.startswith(KEY)


@pytest.mark.parametrize(
    "cuts",
    [
        [],
        [1],
        [PART],
        [PART - 1, PART, PART + 1],
        [2 * PART],
        [3, 2 * PART + 3],
        [100, 200, 300],
        [len(CONTENT) - 1],
    ],
    ids=str,
)
def test_pieces_make_one_content(storage: ObjectStorage, name: str, cuts: list[int]) -> None:
    for start, end in pairwise([0, *cuts, len(CONTENT)]):
        assert append(storage, name, start, CONTENT[start:end]) == end

    stored = storage.finish(name, len(CONTENT))

    assert stored == StoredObject(sha256(CONTENT), len(CONTENT))
    assert content_of(storage, stored) == CONTENT


def test_the_digest_is_the_same_when_another_process_goes_on(subject: Subject) -> None:
    name = subject.storage.begin(KEY)
    append(subject.storage, name, 0, CONTENT[: PART + 7])
    restarted = subject.again()
    append(restarted, name, PART + 7, CONTENT[PART + 7 :])

    assert restarted.finish(name, len(CONTENT)).sha256 == sha256(CONTENT)


def test_a_content_of_exactly_one_part_is_whole(storage: ObjectStorage, name: str) -> None:
    append(storage, name, 0, CONTENT[:PART])

    assert content_of(storage, storage.finish(name, PART)) == CONTENT[:PART]


def test_what_was_not_acknowledged_is_sent_again(subject: Subject, name: str) -> None:
    storage = subject.storage
    if not subject.replaces_parts:
        pytest.skip("this server does not replace a part")
    append(storage, name, 0, CONTENT[:1000])
    append(storage, name, 1000, b"x" * (PART + 500))  # of which the application kept no trace
    append(storage, name, 1000, CONTENT[1000:])

    stored = storage.finish(name, len(CONTENT))

    assert stored.sha256 == sha256(CONTENT)
    assert content_of(storage, stored) == CONTENT


def test_what_came_before_an_error_of_the_stream_stays(storage: ObjectStorage, name: str) -> None:
    reached: list[int] = []
    with pytest.raises(RuntimeError, match="cut"):
        reached.extend(storage.append(name, 0, Failing(70 * MIB, RuntimeError("cut"))))
    rest = 71 * MIB - reached[-1]
    assert reached[-1] >= 16 * MIB
    assert [*storage.append(name, reached[-1], Repeated(b"x" * MIB, rest))][-1] == 71 * MIB

    assert storage.finish(name, 71 * MIB).sha256 == sha256(b"x" * (71 * MIB))


def test_no_content_changes_nothing(storage: ObjectStorage, name: str) -> None:
    append(storage, name, 0, b"abc")

    assert [*storage.append(name, 3, BytesIO())] == []
    assert storage.finish(name, 3).sha256 == sha256(b"abc")


def test_a_stream_may_trickle(storage: ObjectStorage, name: str) -> None:
    assert [*storage.append(name, 0, Trickling(BytesIO(CONTENT[:MIB]), 1000))][-1] == MIB
    assert storage.finish(name, MIB).sha256 == sha256(CONTENT[:MIB])


def test_finishing_again_answers_the_same_until_it_is_discarded(storage: ObjectStorage, name: str) -> None:
    append(storage, name, 0, CONTENT)
    stored = storage.finish(name, len(CONTENT))

    assert storage.finish(name, len(CONTENT)) == stored
    storage.discard(name)
    assert content_of(storage, stored) == CONTENT
    with pytest.raises(Lost):
        storage.finish(name, len(CONTENT))


def test_a_part_that_was_not_acknowledged_is_sent_again(storage: ObjectStorage, name: str) -> None:
    append(storage, name, 0, CONTENT[: PART + 1000])  # of which the application kept no trace
    append(storage, name, 0, CONTENT)

    assert storage.finish(name, len(CONTENT)).sha256 == sha256(CONTENT)


def test_a_content_that_is_there_already_is_one_object(storage: ObjectStorage) -> None:
    storage.store(BytesIO(CONTENT))
    name = storage.begin(KEY)
    append(storage, name, 0, CONTENT)
    storage.finish(name, len(CONTENT))
    storage.discard(name)

    assert [digest for digest, _ in storage.digests()] == [sha256(CONTENT)]


def test_nothing_is_visible_before_the_end_and_nothing_is_left_when_discarded(
    storage: ObjectStorage, name: str
) -> None:
    append(storage, name, 0, CONTENT)
    assert [*storage.digests()] == []
    storage.discard(name)
    storage.discard(name)

    assert storage.discard_unfinished(datetime.now(UTC) + timedelta(hours=1)) == 0
    with pytest.raises(Lost):
        append(storage, name, len(CONTENT), b"more")


def test_an_offset_that_is_not_there_any_more_is_said(storage: ObjectStorage, name: str) -> None:
    append(storage, name, 0, CONTENT[:PART])
    storage.discard(name)

    with pytest.raises(Lost):
        append(storage, name, PART, CONTENT[PART:])


def test_a_sweep_spares_the_keys_that_are_named(storage: ObjectStorage, name: str) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    append(storage, name, 0, CONTENT[: PART + 3])

    assert storage.discard_unfinished(later, lambda key: key == KEY) == 0
    assert append(storage, name, PART + 3, b"!") == PART + 4
    assert storage.discard_unfinished(later) > 0
    with pytest.raises(Lost):
        append(storage, name, PART + 4, CONTENT)


def test_pieces_are_not_held_in_memory(storage: ObjectStorage, name: str) -> None:
    size = 64 * MIB
    tracemalloc.start()
    try:
        for _ in storage.append(name, 0, Repeated(b"\xa5" * MIB, size)):
            pass
        stored = storage.finish(name, size)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert stored.size == size
    assert peak < 16 * MIB
