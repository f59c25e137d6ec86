"""The members of an archive, one after the other, whatever the kind of archive."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto


class DamagedArchive(Exception):
    """The archive cannot be read (further), or not by what reads it here."""


class TooManyMembers(DamagedArchive):
    """An archive whose list of members alone is larger than what is read of it."""


class Sort(Enum):
    FILE = auto()
    DIRECTORY = auto()
    LINK = auto()  # symbolic or hard
    DEVICE = auto()  # or a pipe: nothing that a proof needs


@dataclass(frozen=True, slots=True)
class Member:
    """`pieces` gives the content once, before the next member is asked for; it may raise DamagedArchive."""

    name: str
    size: int | None  # bytes, as declared; None when nothing declares it
    sort: Sort
    encrypted: bool
    stored: bool  # as it is: its declared size is the one it has
    pieces: Callable[[], Iterator[bytes]]
