"""What the application asks of an object storage: content goes in as a stream, comes out by its SHA-256."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

Chunks: TypeAlias = Generator[bytes, None, None]
"""Content in bounded pieces; `close()`, or reading to the end, releases the file or the connection."""


Offsets: TypeAlias = Generator[int, None, None]
"""Bytes from the beginning of a content up to which it is durable."""


def no_key(_: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class StoredObject:
    """Content that the storage holds: its SHA-256 in lower-case hexadecimal, and its size in bytes."""

    sha256: str
    size: int


class StorageFailure(Exception):
    """What every error of a storage is."""


class Missing(StorageFailure):
    """There is no object under the digest `sha256`."""

    def __init__(self, sha256: str) -> None:
        super().__init__(sha256)
        self.sha256 = sha256

    def __str__(self) -> str:
        return f"no object under {self.sha256}"


class Unavailable(StorageFailure):
    """The store cannot be reached, refuses, or sends less than it announced. Trying again later may help."""


class Lost(StorageFailure):
    """The store no longer has what it had acknowledged of a content that comes in pieces: begin again."""


class TooLarge(StorageFailure):
    """The content offered has more bytes than `limit`."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    def __str__(self) -> str:
        return f"more than {self.limit} bytes"


class Truncated(StorageFailure):
    """The content offered ended after `received` bytes, before the `expected` ones had come."""

    def __init__(self, expected: int, received: int) -> None:
        super().__init__(expected, received)
        self.expected = expected
        self.received = received

    def __str__(self) -> str:
        return f"{self.received} bytes came of the {self.expected} announced"


class Readable(Protocol):
    """A stream of bytes that blocks until it has some."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""


class ObjectStorage(Protocol):
    """Immutable content under its SHA-256.

    Digests are 64 lower-case hexadecimal digits; anything else is a `ValueError`. Every method may raise
    `Unavailable`. One instance serves several threads.
    """

    def store(
        self, content: Readable, *, limit: int | None = None, expected: int | None = None
    ) -> StoredObject:
        """Read `content` to its end and keep it; answer once it is complete and durable.

        The same content twice is one object, whose time of storing is renewed (by the hour at the finest), so
        that a sweep of old orphans spares what has just been supplied again.
        Nothing is visible under the digest before the end, and an error leaves nothing behind: `TooLarge`
        beyond `limit` bytes, `Truncated` below `expected` bytes, and whatever `content.read` raises.
        """

    def read(self, sha256: str, *, start: int = 0, length: int | None = None) -> Chunks:
        """Return the content from byte `start`, `length` bytes of it or all the rest.

        What lies beyond the end is left out: a range wholly beyond it gives no chunk. Raises at once
        `Missing` and, for a negative bound, `ValueError`; `Unavailable` also later, rather than ending early.
        """

    def size(self, sha256: str) -> int | None:
        """Return the size in bytes, `None` when there is no such object."""

    def delete(self, sha256: str) -> None:
        """Remove the object, if there is one."""

    def digests(self) -> Iterator[tuple[str, datetime]]:
        """Yield every object's digest and its time of storing (UTC), in bounded memory, in no promised order.

        What is stored or deleted meanwhile may or may not appear.
        """

    def begin(self, key: str) -> str:
        """Make room for content that comes in pieces; `key` is letters and digits, new each time.

        Returns the name by which the other calls know it; it begins with `key`.
        """

    def append(self, name: str, offset: int, content: Readable) -> Offsets:
        """Write `content` from byte `offset` on, and yield each offset up to which all is durable, the end last.

        Nothing is written unless the generator is run. `offset` is 0 or any offset that was yielded; what was
        written beyond it is forgotten, so that a piece may be sent again. Nothing is yielded for no content.
        One call at a time for a name. Raises `Lost`, `Unavailable`, and what `content.read` raises: what was
        yielded before stays.
        """

    def finish(self, name: str, size: int) -> StoredObject:
        """Make the `size` bytes that were appended an object, whole and durable under its SHA-256.

        May be called again until `discard`. Reads the content once more when its digest is not known, because
        another process received a part of it. Raises `Lost`.
        """

    def forget(self, name: str) -> None:
        """Forget what this process knows of the digest of what came: another one may have written since."""

    def discard(self, name: str) -> None:
        """Remove what is kept under the name, finished or not; an object that was made of it stays."""

    def discard_unfinished(self, before: datetime, spared: Callable[[str], bool] = no_key) -> int:
        """Remove what interrupted calls of `store`, and of `begin`, left behind since before `before` (aware).

        Returns how many were removed. `before` has to lie further back than a call of `store` may last: one
        that is still under way cannot be told from an interrupted one. Keys that are `spared` stay.
        """

    def label(self, name: str, sha256: str) -> None:
        """Give an object a name by which it is found again, durably; a name that is there already means it from now on.

        `name` is letters, digits and dashes, at most a hundred; anything else is a `ValueError`.
        """

    def labels(self) -> dict[str, str]:
        """Return the digest that each name means, in the order of the names."""

    def unlabel(self, name: str) -> None:
        """Remove a name, if it is there; the object stays."""

    def check(self) -> None:
        """Raise `Unavailable` unless the store can serve."""
