"""What both adapters make of content: how it comes in, its digest, its place, the part that is asked for."""

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from storage.port import Readable, StoredObject, TooLarge, Truncated

if TYPE_CHECKING:
    from hashlib import _Hash

BLOCK = 1 << 20
"""The most bytes asked of a stream at once."""

CHUNK = 1 << 18
"""The most bytes in a chunk that is read back: larger ones are no faster from a disk."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_LABEL = re.compile(r"[A-Za-z0-9-]{1,100}")


def is_digest(name: str) -> bool:
    """Say whether `name` is a SHA-256 in lower-case hexadecimal."""
    return _DIGEST.fullmatch(name) is not None


def label_name(name: str) -> str:
    """Return the name of a label as it is. Raises `ValueError` for none."""
    if not _LABEL.fullmatch(name):
        raise ValueError(f"not letters, digits and dashes: {name!r}")
    return name


def digest_name(sha256: str) -> str:
    """Return a digest as it is. Raises `ValueError` for none."""
    if not is_digest(sha256):
        raise ValueError(f"not a SHA-256 in lower-case hexadecimal: {sha256!r}")
    return sha256


def place(sha256: str) -> str:
    """Return where an object lies, as `ab/cd/<digest>`: a folder stays small. `ValueError` for no digest."""
    digest_name(sha256)
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


class Digests:
    """How far this process has hashed contents that come in pieces; of each, at two offsets at the most.

    SHA-256 cannot be taken up in the middle by another process: what is not known here is read once more.
    """

    MOST = 1024

    def __init__(self) -> None:
        self._known: OrderedDict[str, dict[int, _Hash]] = OrderedDict()
        self._lock = threading.Lock()

    def at(self, name: str, offset: int) -> "_Hash | None":
        """Return the hash of the first `offset` bytes, to go on with, `None` when it is not known."""
        if offset == 0:
            return hashlib.sha256()
        with self._lock:
            digest = self._known.get(name, {}).get(offset)
        return None if digest is None else digest.copy()

    def keep(self, name: str, *reached: "tuple[int, _Hash | None]") -> None:
        """Replace what is known of a name."""
        with self._lock:
            self._known[name] = {offset: digest.copy() for offset, digest in reached if digest is not None}
            self._known.move_to_end(name)
            while len(self._known) > self.MOST:
                self._known.popitem(last=False)

    def forget(self, name: str) -> None:
        with self._lock:
            self._known.pop(name, None)


class Pieces:
    """The blocks of a content that continues another one, hashed from where that one is known."""

    def __init__(self, digests: Digests, name: str, offset: int, content: Readable) -> None:
        self._digests = digests
        self._name = name
        self._content = content
        self._began = (offset, digests.at(name, offset))
        self._digest = digests.at(name, offset)
        self.offset = offset

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes, none at the end."""
        block = self._content.read(min(size, BLOCK))
        if self._digest is not None:
            self._digest.update(block)
        self.offset += len(block)
        return block

    def durable(self) -> int:
        """Return the offset up to which has been read, now that it is kept."""
        self._digests.keep(self._name, self._began, (self.offset, self._digest))
        return self.offset


def digest_of(chunks: Iterable[bytes]) -> str:
    """Return the SHA-256 of what is read to its end."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
