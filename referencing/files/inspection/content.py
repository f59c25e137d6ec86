"""Reading in bounded pieces: what comes once and in a row, and what can be sought in."""

import tempfile
from collections.abc import Iterable, Iterator
from io import SEEK_END
from typing import IO

PIECE = 256 * 1024
HEAD = 64 * 1024  # what is looked at to tell a type
_IN_MEMORY = 8 << 20  # a copy beyond this goes to a temporary file


class TooLargeRead(Exception):
    """A parser asked for more bytes at once than anything honest needs."""


def size_of(file: IO[bytes]) -> int:
    file.seek(0, SEEK_END)
    return file.tell()


def pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def head_of(file: IO[bytes], size: int = HEAD) -> bytes:
    file.seek(0)
    return file.read(size)


def tail_of(file: IO[bytes], size: int = HEAD) -> bytes:
    file.seek(max(0, size_of(file) - size))
    return file.read(size)


def holds(pieces: Iterable[bytes], mark: bytes) -> bool:
    """Whether a mark stands in a content, be it across two of its pieces."""
    end = b""
    for piece in pieces:
        if mark in end + piece:
            return True
        end = piece[1 - len(mark) :]
    return False


class Content:
    """Pieces that come once; their beginning can be looked at before they are taken.

    An iterator itself: after an exception of what gives them, the next piece asked for raises it again.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._seen: list[bytes] = []
        self._seen_size = 0

    def head(self, size: int = HEAD) -> bytes:
        """The first bytes, as long as nothing was taken yet; fewer than `size` when there are no more."""
        while self._seen_size < size and (piece := next(self._pieces, None)) is not None:
            self._seen.append(piece)
            self._seen_size += len(piece)
        return b"".join(self._seen)[:size]

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return self._seen.pop(0) if self._seen else next(self._pieces)

    def copy(self, limit: int) -> IO[bytes] | None:
        """All of it as a file to seek in, to be closed; None when it is longer than `limit` bytes."""
        file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
        try:
            for piece in self:
                if file.tell() + len(piece) > limit:
                    file.close()
                    return None
                file.write(piece)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file


class Guarded:
    """A file for a parser that trusts the sizes it finds: no read gives more than `limit` bytes."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._file = file
        self._limit = limit
        self._size = size_of(file)
        file.seek(0)

    def read(self, size: int = -1, /) -> bytes:
        left = max(0, self._size - self._file.tell())
        wanted = left if size < 0 else min(size, left)
        if wanted > self._limit:
            raise TooLargeRead
        return self._file.read(wanted)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True
