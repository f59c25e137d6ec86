"""What both adapters make of content: how it comes in, its digest, its place, the part that is asked for."""

import hashlib
import re

from storage.port import Readable, StoredObject, TooLarge, Truncated

BLOCK = 1 << 20
"""The most bytes asked of a stream at once."""

CHUNK = 1 << 18
"""The most bytes in a chunk that is read back: larger ones are no faster from a disk."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


def is_digest(name: str) -> bool:
    """Say whether `name` is a SHA-256 in lower-case hexadecimal."""
    return _DIGEST.fullmatch(name) is not None


def place(sha256: str) -> str:
    """Return where an object lies, as `ab/cd/<digest>`: a folder stays small. `ValueError` for no digest."""
    if not is_digest(sha256):
        raise ValueError(f"not a SHA-256 in lower-case hexadecimal: {sha256!r}")
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def span(size: int, start: int, length: int | None) -> int:
    """Return how many bytes of `size` lie in the range asked for."""
    rest = max(size - start, 0)
    return rest if length is None else min(rest, length)


def check_range(start: int, length: int | None) -> None:
    """Raise `ValueError` when a bound is negative."""
    if start < 0 or (length is not None and length < 0):
        raise ValueError(f"a range has no negative bound: start {start}, length {length}")


class Intake:
    """Content on its way in: hashed and counted while something else reads it."""

    def __init__(self, content: Readable, *, limit: int | None, expected: int | None) -> None:
        self._content = content
        self._limit = limit
        self._expected = expected
        self._hash = hashlib.sha256()
        self._size = 0
        self._ended = False
        self.failure: Exception | None = None
        """Why the content could not be read to its end: the caller's error, never the store's."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end; what fails here is kept in `failure`.

        Short reads are gathered: what glues pieces of a few kilobytes together copies each many times.
        """
        pieces = []
        wanted = min(size, BLOCK)
        try:
            while wanted and not self._ended:
                piece = self._content.read(wanted)
                self._count(piece)
                pieces.append(piece)
                wanted -= len(piece)
        except Exception as error:
            self.failure = error
            raise
        return b"".join(pieces)

    def _count(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._limit is not None and self._size > self._limit:
            raise TooLarge(self._limit)
        if piece:
            self._hash.update(piece)
            return
        self._ended = True
        if self._expected is not None and self._size < self._expected:
            raise Truncated(self._expected, self._size)

    @property
    def stored(self) -> StoredObject:
        """What has been read, once it has been read to the end."""
        return StoredObject(self._hash.hexdigest(), self._size)
