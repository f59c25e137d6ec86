"""The report on an archive that was examined, and the limits of what is tolerated."""

from dataclasses import dataclass

from referencing.files.inspection.budget import GIB, MIB


@dataclass(frozen=True, slots=True)
class Limits:
    entries: int = 10_000
    depth: int = 3  # an archive in an archive in an archive
    size: int = 40 * GIB  # unpacked, of all levels together; a file is of 20 GB at most
    ratio: int = 200  # of that to the file's size; logs reach some tens, deflate at most 1032
    tolerated: int = 64 * MIB  # unpacked, below which no ratio is too large
    nested: int = 256 * MIB  # bytes of an archive in another, which has to be copied to be read


USUAL = Limits()


@dataclass(frozen=True, slots=True)
class ArchiveReport:
    """`size` in bytes once unpacked, as far as was seen; a file alone has depth 1."""

    entries: int
    size: int
    depth: int
    encrypted: bool  # some member is
    complete: bool  # everything was listed
    problems: tuple[str, ...]  # why it should be refused
    notes: tuple[str, ...]  # what to know of it


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in an archive: `path` through the archives that hold it; its type is unknown when it is encrypted."""

    path: str
    media_type: str
    encrypted: bool
