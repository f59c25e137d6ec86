"""What every storage promises, whatever it is made of: content comes back, whole or in part."""

import gc
from io import BytesIO

import pytest

from storage.port import Missing, ObjectStorage
from tests.storage.streams import ABSENT, CONTENT


def test_size_of_stored_content(storage: ObjectStorage) -> None:
    assert storage.size(storage.store(BytesIO(CONTENT)).sha256) == len(CONTENT)


def test_chunks_are_bounded(storage: ObjectStorage) -> None:
    stored = storage.store(BytesIO(CONTENT))

    assert max(len(chunk) for chunk in storage.read(stored.sha256)) <= 1 << 18


@pytest.mark.parametrize(
    ("start", "length"),
    [
        pytest.param(0, 1, id="first byte"),
        pytest.param(len(CONTENT) - 1, 1, id="last byte"),
        pytest.param(300_001, 5, id="middle"),
        pytest.param(100, 300_000, id="over a chunk"),
        pytest.param(300_001, None, id="from the middle to the end"),
        pytest.param(len(CONTENT) - 5, 100, id="past the end"),
        pytest.param(len(CONTENT), 1, id="at the end"),
        pytest.param(len(CONTENT) + 7, None, id="beyond the end"),
        pytest.param(0, 0, id="nothing at the start"),
        pytest.param(9, 0, id="nothing in the middle"),
        pytest.param(0, len(CONTENT), id="all"),
    ],
)
def test_range(storage: ObjectStorage, start: int, length: int | None) -> None:
    stored = storage.store(BytesIO(CONTENT))
    end = None if length is None else start + length

    assert b"".join(storage.read(stored.sha256, start=start, length=length)) == CONTENT[start:end]


def test_range_wholly_beyond_the_end_has_no_chunk(storage: ObjectStorage) -> None:
    stored = storage.store(BytesIO(b"abc"))

    assert list(storage.read(stored.sha256, start=3)) == []


def test_range_of_empty_content_has_no_chunk(storage: ObjectStorage) -> None:
    assert list(storage.read(storage.store(BytesIO()).sha256, start=0, length=10)) == []


@pytest.mark.parametrize(("start", "length"), [(-1, None), (0, -1)])
def test_negative_bound_is_refused(storage: ObjectStorage, start: int, length: int | None) -> None:
    stored = storage.store(BytesIO(b"abc"))

    with pytest.raises(ValueError, match="negative"):
        storage.read(stored.sha256, start=start, length=length)


def test_reading_may_be_given_up_before_and_after_the_first_chunk(storage: ObjectStorage) -> None:
    stored = storage.store(BytesIO(CONTENT))
    storage.read(stored.sha256).close()
    chunks = storage.read(stored.sha256)
    next(chunks)
    chunks.close()
    gc.collect()  # a file or socket that is still open would be a warning here, and so an error

    assert list(chunks) == []


def test_reading_absent_content_fails_before_the_first_chunk(storage: ObjectStorage) -> None:
    with pytest.raises(Missing) as raised:
        storage.read(ABSENT)

    assert raised.value.sha256 == ABSENT


@pytest.mark.parametrize(("start", "length"), [(0, 0), (5, 10), (5, None)])
def test_range_of_absent_content_is_missing(storage: ObjectStorage, start: int, length: int | None) -> None:
    with pytest.raises(Missing):
        storage.read(ABSENT, start=start, length=length)


def test_absent_content_has_no_size(storage: ObjectStorage) -> None:
    assert storage.size(ABSENT) is None
