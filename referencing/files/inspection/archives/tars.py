"""Tar archives: their members in a row, from a file or from what a decompression gives."""

import tarfile
from collections.abc import Iterable, Iterator
from typing import IO, Protocol

from referencing.files.inspection.content import PIECE

from .members import DamagedArchive, Member, Sort

_BLOCK = tarfile.BLOCKSIZE
_END = bytes(_BLOCK)
_LONGEST_HEADER = 64 * 1024  # bytes of a long name or of pax records, which are read whole
_MOST_HEADERS = 100_000  # a member has a few; those of no member are read here, where nobody counts time
_LINKS = (tarfile.SYMTYPE, tarfile.LNKTYPE)
_WITHOUT_CONTENT = (*_LINKS, tarfile.DIRTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)


class Row(Protocol):
    """Bytes in a row."""

    seekable: bool

    def take(self, size: int) -> bytes:
        """At most `size` bytes; fewer at the end only."""

    def skip(self, size: int) -> None:
        """Go on after `size` bytes."""


class FileRow:
    """A file's, of which what is not wanted is not read."""

    seekable = True

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._position = 0

    def take(self, size: int) -> bytes:
        self._file.seek(self._position)
        taken = self._file.read(size)
        self._position += len(taken)
        return taken

    def skip(self, size: int) -> None:
        self._position += size


class StreamRow:
    """A row of bytes that comes in pieces."""

    seekable = False

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def take(self, size: int) -> bytes:
        parts, missing = [], size
        while missing and (self._rest or self._more()):
            parts.append(self._rest[:missing])
            self._rest = self._rest[missing:]
            missing -= len(parts[-1])
        return b"".join(parts)

    def skip(self, size: int) -> None:
        while size and (taken := len(self.take(min(size, PIECE)))):
            size -= taken

    def _more(self) -> bool:
        self._rest = next(self._pieces, b"")
        return bool(self._rest)


def tar_members(row: Row) -> Iterator[Member]:
    """Raises DamagedArchive where a header is none, is larger than headers are, or before the closing zeros."""
    records: dict[str, str] = {}  # from the headers before a member
    headers = 0
    while (header := row.take(_BLOCK)) != _END:
        headers += 1
        if headers > _MOST_HEADERS:
            raise DamagedArchive
        entry = _entry(header)
        padded = -(-entry.size // _BLOCK) * _BLOCK
        if entry.type in {tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE}:
            records |= _pax_records(_header_content(row, entry.size, padded))
        elif entry.type == tarfile.GNUTYPE_LONGNAME:
            records["path"] = (
                _header_content(row, entry.size, padded).rstrip(b"\x00").decode("utf-8", "replace")
            )
        elif entry.type in {tarfile.GNUTYPE_LONGLINK, tarfile.XGLTYPE}:
            row.skip(padded)
        else:
            content = _Content(row, 0 if entry.type in _WITHOUT_CONTENT else _size(records, entry.size))
            yield Member(
                name=records.get("path", entry.name),
                size=content.size,
                sort=_sort(entry),
                encrypted=False,
                stored=row.seekable,
                pieces=content.pieces,
            )
            content.finish()
            records = {}


def _entry(header: bytes) -> tarfile.TarInfo:
    try:
        entry = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError, OverflowError) as error:
        raise DamagedArchive from error
    if entry.size < 0:
        raise DamagedArchive
    entry.name = entry.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return entry


def _sort(entry: tarfile.TarInfo) -> Sort:
    if entry.type == tarfile.DIRTYPE or (entry.type == tarfile.AREGTYPE and entry.name.endswith("/")):
        return Sort.DIRECTORY
    if entry.type in _LINKS:
        return Sort.LINK
    return Sort.FILE if entry.type in _FILES else Sort.DEVICE


def _header_content(row: Row, size: int, padded: int) -> bytes:
    if size > _LONGEST_HEADER:
        raise DamagedArchive
    return row.take(padded)[:size]


def _pax_records(content: bytes) -> dict[str, str]:
    """POSIX.1-2001: "length key=value\\n", in UTF-8, the length in decimal and counting itself."""
    records = {}
    while content:
        length, _, rest = content.partition(b" ")
        if not length.isdigit() or not len(length) + 1 < int(length) <= len(content):
            raise DamagedArchive
        key, _, value = rest[: int(length) - len(length) - 2].partition(b"=")
        records[key.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
        content = content[int(length) :]
    return records


def _size(records: dict[str, str], declared: int) -> int:
    size = records.get("size", "")
    return int(size) if size.isascii() and size.isdigit() and len(size) <= 20 else declared


class _Content:
    """A member's bytes in the row; whatever of them was taken, `finish` goes to the next header."""

    def __init__(self, row: Row, size: int) -> None:
        self._row = row
        self._left = size
        self.size = size

    def pieces(self) -> Iterator[bytes]:
        while self._left:
            piece = self._row.take(min(self._left, PIECE))
            if not piece:
                raise DamagedArchive
            self._left -= len(piece)
            yield piece

    def finish(self) -> None:
        self._row.skip(self._left + -self.size % _BLOCK)
