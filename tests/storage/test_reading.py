"""A stored object is a file to seek in, whatever the storage: in bounded memory, and nothing stays open."""

import io
import random
import tracemalloc
from inspect import GEN_CLOSED, getgeneratorstate
from pathlib import Path

import pytest

from storage.filesystem import FilesystemStorage
from storage.port import Chunks, Missing, ObjectStorage, Unavailable
from storage.reading import WINDOW, StoredContent
from tests.storage.streams import ABSENT, MIB, Repeated

CONTENT = random.Random(5).randbytes(2 * WINDOW + 12_345)


@pytest.fixture
def digest(storage: ObjectStorage) -> str:
    return storage.store(io.BytesIO(CONTENT)).sha256


def opened(storage: ObjectStorage, digest: str) -> io.BufferedReader:
    return io.BufferedReader(StoredContent(storage, digest), 1 << 16)


def test_it_is_read_from_its_start_to_its_end(storage: ObjectStorage, digest: str) -> None:
    with opened(storage, digest) as file:
        assert file.read() == CONTENT
        assert file.read(1) == b""


def test_it_is_read_anywhere_as_a_file_would_be(storage: ObjectStorage, digest: str) -> None:
    chosen, beside = random.Random(7), io.BytesIO(CONTENT)
    with opened(storage, digest) as file:
        for _ in range(60):
            offset, whence = chosen.choice(
                [
                    (chosen.randrange(len(CONTENT) + 10), 0),
                    (-chosen.randrange(len(CONTENT)), 2),
                    (0, 1),
                    (100, 1),
                ]
            )
            assert file.seek(offset, whence) == beside.seek(offset, whence)
            length = chosen.choice([1, 30, 4_096, 70_000, WINDOW + 1])
            assert file.read(length) == beside.read(length)
            assert file.tell() == beside.tell()


def test_there_is_nothing_before_the_beginning(storage: ObjectStorage, digest: str) -> None:
    with StoredContent(storage, digest) as file, pytest.raises(ValueError, match="before the beginning"):
        file.seek(-1)


def test_what_is_not_there_is_not_opened(storage: ObjectStorage) -> None:
    with pytest.raises(Missing):
        StoredContent(storage, ABSENT)


def test_what_goes_away_meanwhile_is_an_error_that_is_kept(storage: ObjectStorage, digest: str) -> None:
    content = StoredContent(storage, digest)
    with io.BufferedReader(content, 1 << 16) as file:
        file.read(10)
        storage.delete(digest)
        file.seek(2 * WINDOW)
        with pytest.raises(Missing):
            file.read(10)
    assert isinstance(content.failure, Missing)


def test_what_is_shorter_than_it_was_is_an_error_and_no_end(tmp_path: Path) -> None:
    storage = FilesystemStorage(tmp_path)
    digest = storage.store(io.BytesIO(CONTENT)).sha256
    with opened(storage, digest) as file:
        next(tmp_path.rglob(digest)).write_bytes(CONTENT[:10])
        with pytest.raises(Unavailable):
            file.read()


def test_an_object_of_any_size_takes_little_memory(tmp_path: Path) -> None:
    storage, size = FilesystemStorage(tmp_path), 64 * MIB
    digest = storage.store(Repeated(bytes(MIB), size)).sha256
    tracemalloc.start()
    try:
        with opened(storage, digest) as file:
            while file.read(1 << 16):
                pass
            file.seek(-1, io.SEEK_END)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * MIB


class Watched(FilesystemStorage):
    """Remembers what was opened."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.opened: list[Chunks] = []

    def read(self, sha256: str, *, start: int = 0, length: int | None = None) -> Chunks:
        chunks = super().read(sha256, start=start, length=length)
        self.opened.append(chunks)
        return chunks


def test_nothing_stays_open(tmp_path: Path) -> None:
    storage = Watched(tmp_path)
    digest = storage.store(io.BytesIO(CONTENT)).sha256
    with opened(storage, digest) as file:
        for position in (0, 2 * WINDOW, WINDOW // 2):
            file.seek(position)
            file.read(10)
        assert [getgeneratorstate(chunks) == GEN_CLOSED for chunks in storage.opened] == [True, True, False]
    assert all(getgeneratorstate(chunks) == GEN_CLOSED for chunks in storage.opened)
