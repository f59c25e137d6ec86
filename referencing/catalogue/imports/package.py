"""An .xlsx package as its readers see it: parts found in any capitals, without the rows and cells that are blank."""

import io
import re
from collections.abc import Iterable, Iterator
from typing import IO, Any
from zipfile import ZipFile, ZipInfo

CHUNK = 64 * 1024

# A cell or a row with a style and nothing in it. Spreadsheets write a million of them down to the last row. The
# address (`r=`) has to be there: where nothing has one, what is blank counts in the numbers of what follows.
_BLANK_CELL = re.compile(rb"<(?:\w+:)?c(?=\s[^<>]*\br=)[^<>]*?(?:/>|></(?:\w+:)?c>)")
_BLANK_ROW = re.compile(rb"<(?:\w+:)?row(?=\s[^<>]*\br=)[^<>]*?(?:/>|>\s*</(?:\w+:)?row>)")
_ROW = re.compile(rb"<(?:\w+:)?row\b")


class Package(ZipFile):
    """An archive whose parts are named without regard to case, as ECMA-376 part 2 (6.2.2.3) compares them."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self._names = {name.casefold(): name for name in self.namelist()}

    def getinfo(self, name: str) -> ZipInfo:
        """Raises KeyError."""
        return super().getinfo(self._names.get(name.casefold(), name))

    def open(self, name: str | ZipInfo, *_: object, **__: object) -> IO[bytes]:
        """The content of a part, to be read, without its blank rows."""
        return io.BufferedReader(_Pieces(super().open(name)))


def without_blank_rows(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a part less the rows and the cells that have an address, perhaps a style, and no content."""
    rest = b""
    for piece in pieces:
        rest += piece
        cut = _end_of_whole_rows(rest)
        if kept := _filled(rest[:cut]):
            yield kept
        rest = rest[cut:]
    if kept := _filled(rest):
        yield kept


def _end_of_whole_rows(content: bytes) -> int:
    """Where the last row begins, or else the last tag: its end may be in the next piece."""
    cut = max((row.start() for row in _ROW.finditer(content)), default=content.rfind(b"<"))
    return len(content) if cut < 0 or len(content) - cut > CHUNK else cut


def _filled(content: bytes) -> bytes:
    return _BLANK_ROW.sub(b"", _BLANK_CELL.sub(b"", content))


class _Pieces(io.RawIOBase):
    def __init__(self, part: IO[bytes]) -> None:
        self._part = part
        self._pieces = without_blank_rows(iter(lambda: part.read(CHUNK), b""))
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or memoryview(next(self._pieces, b""))
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size

    def close(self) -> None:
        self._part.close()
        super().close()
