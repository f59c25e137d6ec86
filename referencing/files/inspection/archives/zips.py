"""Zip archives: their members, and which of them are office documents. Every header is a claim."""

import stat
import struct
import zlib
from collections.abc import Iterator
from copy import copy
from functools import partial
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from referencing.files.inspection.budget import MIB
from referencing.files.inspection.content import PIECE, Guarded, TooLargeRead, size_of
from referencing.files.inspection.families import MACROS, ODF, OOXML

from .members import DamagedArchive, Member, Sort, TooManyMembers

_LARGEST_DIRECTORY = 8 * MIB  # bytes: `ZipFile` reads the list of members whole, before anything else
#: Members that are listed at all; `ZipFile` makes an object of each.
_MOST_MEMBERS = 20_000
_MEMBER = b"PK\x01\x02"  # with which each begins in the list
_ENDLESS = 1 << 62
_ENCRYPTED = 0x1 | 0x40
_DAMAGED_ERRORS = (
    BadZipFile, EOFError, NotImplementedError, OSError, OverflowError, RuntimeError, TooLargeRead, ValueError,
    struct.error, zlib.error,
)  # fmt: skip


def zip_members(file: IO[bytes]) -> Iterator[Member]:
    """The members that the central directory lists. Raises DamagedArchive, also when members overlap one another."""
    archive = _opened(file)
    members = archive.infolist()
    if sum(member.compress_size for member in members) > size_of(file):
        raise DamagedArchive  # the same bytes serve several members: only a bomb is made so
    for member in members:
        stored = member.compress_type == ZIP_STORED
        yield Member(
            name=member.filename,
            size=member.file_size,
            sort=_sort(member),
            encrypted=bool(member.flag_bits & _ENCRYPTED),
            stored=stored and member.file_size == member.compress_size,
            pieces=partial(_inflated, archive, member),
        )


class _Counted(Guarded):
    """A file of which no read, as that of the list of members, holds too many."""

    def read(self, size: int = -1, /) -> bytes:
        piece = super().read(size)
        if piece.count(_MEMBER) > _MOST_MEMBERS:
            raise TooManyMembers
        return piece


def _opened(file: IO[bytes]) -> ZipFile:
    try:
        return ZipFile(_Counted(file, _LARGEST_DIRECTORY))
    except TooLargeRead as error:
        raise TooManyMembers from error
    except _DAMAGED_ERRORS as error:
        raise DamagedArchive from error


def _sort(member: ZipInfo) -> Sort:
    mode = member.external_attr >> 16
    if member.filename.endswith("/") or stat.S_ISDIR(mode):
        return Sort.DIRECTORY
    if stat.S_ISLNK(mode):
        return Sort.LINK
    return Sort.FILE if stat.S_ISREG(mode) or not stat.S_IFMT(mode) else Sort.DEVICE


def _inflated(archive: ZipFile, member: ZipInfo) -> Iterator[bytes]:
    # Of the other methods, zipfile cannot bound what one piece inflates to.
    if member.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise DamagedArchive
    # zipfile stops at the declared size: declared endless, a member shows all that it holds.
    endless = copy(member)
    endless.file_size = _ENDLESS
    try:
        with archive.open(endless) as content:
            while piece := content.read(PIECE):
                yield piece
    except _DAMAGED_ERRORS as error:
        raise DamagedArchive from error


_OOXML_FOLDERS = {
    "word/": "wordprocessingml.document",
    "xl/": "spreadsheetml.sheet",
    "ppt/": "presentationml.presentation",
}
_ODF_KINDS = ("text", "spreadsheet", "presentation")


def office_type(file: IO[bytes]) -> str | None:
    """The media type of an office document or of a Java or Android program; None for any other zip."""
    try:
        archive = _opened(file)
    except DamagedArchive:
        return None
    names = set(archive.namelist())
    if "[Content_Types].xml" in names:
        return _ooxml_type(names)
    if names >= {"mimetype", "content.xml"}:
        return _odf_type(names, archive)
    if "AndroidManifest.xml" in names:
        return "application/vnd.android.package-archive"
    is_java = "META-INF/MANIFEST.MF" in names and any(name.endswith(".class") for name in names)
    return "application/java-archive" if is_java else None


def _holds(names: set[str], folder: str) -> bool:
    return any(name.startswith(folder) for name in names)


def _ooxml_type(names: set[str]) -> str | None:
    if any(name.rpartition("/")[2].lower() == "vbaproject.bin" for name in names):
        return MACROS
    kinds = [kind for folder, kind in _OOXML_FOLDERS.items() if _holds(names, folder)]
    return OOXML + kinds[0] if len(kinds) == 1 else None


def _odf_type(names: set[str], archive: ZipFile) -> str | None:
    """Macros of OpenDocument lie in `Basic/` and `Scripts/`."""
    try:
        with archive.open("mimetype") as content:
            declared = content.read(100).decode("ascii", "replace").strip()
    except _DAMAGED_ERRORS:
        return None
    if declared not in {ODF + kind for kind in _ODF_KINDS}:
        return None
    return MACROS if _holds(names, "Basic/") or _holds(names, "Scripts/") else declared
