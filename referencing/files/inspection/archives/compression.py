"""Inflating gzip, bzip2 and xz in bounded pieces, whatever their headers say."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from referencing.files.inspection.budget import MIB
from referencing.files.inspection.content import PIECE

from .members import DamagedArchive

_MOST_MEMORY = 256 * MIB  # of a decompressor; `xz -9` asks for 65 MiB
_ERRORS = (EOFError, MemoryError, OSError, ValueError, lzma.LZMAError, zlib.error)


class _Decompressor(Protocol):
    """One compressed stream, as in `bz2` and `lzma`."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Gzip:
    """`zlib` with the manners of the two others."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(wbits=31)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inflater.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflater.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        inflated = self._inflater.decompress(self._inflater.unconsumed_tail + data, max_length)
        self.needs_input = not self._inflater.unconsumed_tail and len(inflated) < max_length
        return inflated


_DECOMPRESSORS: dict[str, Callable[[], _Decompressor]] = {
    "application/gzip": _Gzip,
    "application/x-bzip2": bz2.BZ2Decompressor,
    "application/x-xz": lambda: lzma.LZMADecompressor(memlimit=_MOST_MEMORY),
}
COMPRESSED = frozenset(_DECOMPRESSORS)
"""Media types of one compressed content, which often is a tar."""


def inflated(pieces: Iterable[bytes], media_type: str) -> Iterator[bytes]:
    """The content of the streams that follow one another. Raises DamagedArchive, also at an early end."""
    stream = _DECOMPRESSORS[media_type]()
    begun = False
    try:
        for packed in pieces:
            data = packed
            while data or not stream.needs_input:
                begun = True
                if piece := stream.decompress(data, PIECE):
                    yield piece
                data = b""
                if stream.eof:
                    data = stream.unused_data.lstrip(b"\x00")  # padding
                    stream, begun = _DECOMPRESSORS[media_type](), False
    except _ERRORS as error:
        raise DamagedArchive from error
    if begun:
        raise DamagedArchive
