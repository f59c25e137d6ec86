"""What tests offer to a storage."""

import hashlib
import random

from storage.port import Readable

MIB = 1 << 20

CONTENT = random.Random(1).randbytes(600_000)
"""Longer than two chunks."""

ABSENT = hashlib.sha256(b"never stored").hexdigest()


class Repeated:
    """`block` again and again up to `size` bytes, never held as a whole."""

    def __init__(self, block: bytes, size: int) -> None:
        self._block = block
        self._left = size

    def read(self, size: int, /) -> bytes:
        piece = self._block[: min(size, self._left)]
        self._left -= len(piece)
        return piece


class Trickling:
    """A stream that never gives all it is asked for, as sockets do."""

    def __init__(self, stream: Readable, at_most: int) -> None:
        self._stream = stream
        self._at_most = at_most

    def read(self, size: int, /) -> bytes:
        return self._stream.read(min(size, self._at_most))


class Failing:
    """A stream that gives `size` bytes, then raises `error`."""

    def __init__(self, size: int, error: BaseException) -> None:
        self._stream = Repeated(b"x" * MIB, size)
        self._error = error

    def read(self, size: int, /) -> bytes:
        piece = self._stream.read(size)
        if not piece:
            raise self._error
        return piece


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
