"""Stored content as a file to seek in: read by ranges as it is needed, never held whole."""

import io
from typing import TYPE_CHECKING

from storage.port import Chunks, Missing, ObjectStorage, StorageFailure, Unavailable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

WINDOW = 1 << 20
"""The most bytes asked of the storage at once: who reads on asks again, who leaps away has little to let go."""


class StoredContent(io.RawIOBase):
    """One object of a storage; to be put into an `io.BufferedReader`, and closed. One thread's.

    Raises `Missing` at once. `failure` is the storage's last error, for who reads through a parser that hides it.
    """

    def __init__(self, storage: ObjectStorage, sha256: str) -> None:
        super().__init__()
        size = storage.size(sha256)
        if size is None:
            raise Missing(sha256)
        self._storage = storage
        self._sha256 = sha256
        self._size = size
        self._position = 0
        self._chunks: Chunks | None = None
        self._expected = 0  # bytes that the chunks under way have still to give
        self._rest = memoryview(b"")  # of the last chunk
        self.failure: StorageFailure | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"no position before the beginning: {base + offset}")
        if base + offset != self._position:
            self._let_go()
            self._position = base + offset
        return self._position

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        if not self._rest and self._position < self._size:
            try:
                self._rest = memoryview(self._next_chunk())
            except StorageFailure as error:
                self.failure = error
                raise
        with memoryview(buffer).cast("B") as wanted:
            taken = min(len(wanted), len(self._rest))
            wanted[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        self._position += taken
        return taken

    def close(self) -> None:
        self._let_go()
        super().close()

    def _next_chunk(self) -> bytes:
        if not self._expected:
            self._let_go()
            self._expected = min(WINDOW, self._size - self._position)
            self._chunks = self._storage.read(self._sha256, start=self._position, length=self._expected)
        chunk = next(self._chunks, b"") if self._chunks else b""
        if not chunk:
            raise Unavailable(f"{self._sha256} is shorter than the storage said")
        self._expected -= len(chunk)
        return chunk

    def _let_go(self) -> None:
        chunks, self._chunks = self._chunks, None
        self._expected, self._rest = 0, memoryview(b"")
        if chunks is not None:
            chunks.close()
