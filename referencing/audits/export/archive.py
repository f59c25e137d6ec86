"""A ZIP that is written as it is sent, and is the same for the same contents. Pure.

Nothing is compressed and every member has the same date: the bytes depend neither on the day nor on the version of a
library.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from zipfile import ZIP_STORED, ZipFile, ZipInfo

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP can say
_UNIX = 3
_READABLE = 0o100644 << 16
#: Below this a member needs no 64-bit sizes.
_LARGE = 1 << 31
SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the archive. `size` in bytes and `sha256` where they are known before the content is read."""

    name: str
    content: Callable[[], Iterable[bytes]]
    size: int | None = None
    sha256: str | None = None


def member(name: str, content: bytes) -> Member:
    return Member(name, lambda: [content], len(content))


class _Sink:
    """A file in memory that holds what ZipFile has written until it is taken."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, written: bytes, /) -> int:
        self._held += written
        return len(written)

    def flush(self) -> None: ...
    def close(self) -> None: ...

    def taken(self) -> bytes:
        held, self._held = bytes(self._held), bytearray()
        return held


def zipped(members: Iterable[Member]) -> Iterator[bytes]:
    """The archive in pieces no larger than those of the contents; it ends with the SHA-256 of every member."""
    sink, sums = _Sink(), []
    with ZipFile(sink, "w", ZIP_STORED) as archive:
        for item in members:
            digest = hashlib.sha256()
            yield from _written(archive, sink, item, digest.update)
            sums.append(f"{item.sha256 or digest.hexdigest()}  {item.name}\n")
        yield from _written(archive, sink, member(SUMS, "".join(sums).encode()), lambda _: None)
    yield sink.taken()


def _written(
    archive: ZipFile, sink: _Sink, item: Member, digested: Callable[[bytes], object]
) -> Iterator[bytes]:
    info = ZipInfo(item.name, _FIRST_DAY)
    info.create_system, info.external_attr = _UNIX, _READABLE
    with archive.open(info, "w", force_zip64=item.size is None or item.size >= _LARGE) as opened:
        for chunk in item.content():
            opened.write(chunk)
            digested(chunk)
            yield sink.taken()
    yield sink.taken()


def plain_name(filename: str) -> str:
    """A name that every system takes, without folders; the accents stay."""
    visible = unicodedata.normalize("NFC", filename)
    return re.sub(r"[^\w.,() -]", "_", visible).strip(". ")[-100:] or "piece"
