"""Contents copied from one storage to another, those that are not there yet, and read again."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import TypeVar

from storage.content import digest_of
from storage.port import Chunks, Missing, ObjectStorage

R = TypeVar("R")

#: Contents that are copied, or read, at a time.
AT_ONCE = 8
_BATCH = 256


@dataclass(slots=True)
class Copied:
    """How many contents were asked for, how many of them were copied now, their bytes, and those not to be had."""

    named: int = 0
    copied: int = 0
    size: int = 0
    missing: list[str] = field(default_factory=list)


def copy(source: ObjectStorage, target: ObjectStorage, wanted: Iterable[str]) -> Copied:
    """Copy what the target lacks of these digests. Raises StorageFailure.

    The digests that the target has are held in memory, about a hundred bytes each.
    """
    held = {bytes.fromhex(digest) for digest, _ in target.digests()}
    outcome = Copied()

    def lacking() -> Iterator[str]:
        for digest in wanted:
            outcome.named += 1
            if bytes.fromhex(digest) not in held:
                yield digest

    for digest, size in _of_each(lambda digest: _copy(source, target, digest), lacking()):
        if size is None:
            outcome.missing.append(digest)
        else:
            outcome.copied += 1
            outcome.size += size
    return outcome


def altered(storage: ObjectStorage, sample: Iterable[str]) -> list[str]:
    """Answer the digests under which another content is, or none."""
    return [
        digest for digest, whole in _of_each(lambda digest: _is_whole(storage, digest), sample) if not whole
    ]


def _of_each(act: Callable[[str], R], digests: Iterable[str]) -> Iterator[tuple[str, R]]:
    rest = iter(digests)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        while batch := list(islice(rest, _BATCH)):
            yield from zip(batch, threads.map(act, batch), strict=True)


class _Altered(Exception):
    """What was read is not what its digest says."""


class _Content:
    """A content as a stream, which ends well only when it is what its digest says."""

    def __init__(self, chunks: Chunks, digest: str) -> None:
        self._chunks = chunks
        self._rest = b""
        self._hash = sha256()
        self._digest = digest

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes. Raises _Altered at the end."""
        self._rest = self._rest or next(self._chunks, b"")
        piece, self._rest = self._rest[:size], self._rest[size:]
        self._hash.update(piece)
        if not piece and self._hash.hexdigest() != self._digest:
            raise _Altered
        return piece


def _copy(source: ObjectStorage, target: ObjectStorage, digest: str) -> int | None:
    """Bytes that were copied; None when the source has no such content, or has altered it."""
    try:
        return target.store(_Content(source.read(digest), digest)).size
    except (Missing, _Altered):
        return None


def _is_whole(storage: ObjectStorage, digest: str) -> bool:
    try:
        return digest_of(storage.read(digest)) == digest
    except Missing:
        return False
