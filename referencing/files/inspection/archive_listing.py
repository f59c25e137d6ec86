"""Archives, listed and never unpacked: how much they hold, how deep, and what no honest one holds.

Every member is inflated once, in pieces, because headers lie; whoever visits sees its pieces on the way. When the
budget is spent, the rest is still listed, by the beginning of each member, as far as some seconds more suffice.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from referencing.files.inspection.archives.compression import COMPRESSED, inflated
from referencing.files.inspection.archives.members import DamagedArchive, Member, Sort, TooManyMembers
from referencing.files.inspection.archives.report import USUAL, ArchiveReport, Entry, Limits
from referencing.files.inspection.archives.tars import FileRow, StreamRow, tar_members
from referencing.files.inspection.archives.zips import zip_members
from referencing.files.inspection.identifiers.wording import quoted

from .archives import sentences
from .budget import GIB, MIB, Budget, Exhausted
from .content import Content, pieces_of, size_of
from .content_type import detect, detect_head
from .families import OLD_OFFICE, OLE, UNKNOWN, Family, family_of

Visit = Callable[[Entry, Content], None]

_SINGLE = "contenu"  # what is compressed alone has no name
_MOST_SENTENCES = 20
_LISTING = 10  # seconds beyond the budget's, in which members are still listed by their beginnings
_ABSOLUTE = re.compile(r"/|[A-Za-z]:")


class _Stop(Exception):
    """Going on makes no sense: the sentence says why."""


def examine(
    file: IO[bytes], detected: str, budget: Budget, visit: Visit | None = None, limits: Limits = USUAL
) -> ArchiveReport:
    """Examine an archive of the type `detected` (a zip, a tar, or something compressed).

    `visit` is given each file with its content, of which it may read what it wants. Of an archive within the
    archive it is given what that one holds, and the archive itself, empty, only where it is not listed.
    """
    walk = _Walk(size_of(file), budget, visit, limits)
    walk.run(file, detected)
    return walk.report()


class _Walk:
    def __init__(self, packed: int, budget: Budget, visit: Visit | None, limits: Limits) -> None:
        self._packed: Callable[[], int] = lambda: packed
        self._budget = budget
        self._visit = visit
        self._limits = limits
        self._entries = self._files = self._size = self._depth = 0
        self._encrypted = False
        self._complete = True
        self._affordable = True  # to read members to their ends
        self._problems: dict[str, None] = {}
        self._notes: dict[str, None] = {}

    def run(self, file: IO[bytes], detected: str) -> None:
        if detected in COMPRESSED:
            whole = self._packed()  # what was read so far tells the ratio long before the end
            self._packed = lambda: min(whole, max(file.tell(), MIB))
        try:
            self._archive(file, detected, "", 1)
            if self._complete and not self._files:
                self._problem(sentences.NOTHING)
        except _Stop as stop:
            self._problem(str(stop))
            self._complete = False
        except Exhausted:
            self._complete = False

    def report(self) -> ArchiveReport:
        notes = self._notes if self._complete else self._notes | {sentences.UNFINISHED: None}
        return ArchiveReport(
            self._entries,
            self._size,
            self._depth,
            self._encrypted,
            self._complete,
            tuple(self._problems)[:_MOST_SENTENCES],
            tuple(notes)[:_MOST_SENTENCES],
        )

    def _problem(self, sentence: str) -> None:
        if len(self._problems) < _MOST_SENTENCES:
            self._problems[sentence] = None

    def _archive(self, file: IO[bytes], detected: str, prefix: str, depth: int) -> None:
        self._depth = max(self._depth, depth)
        names: set[str] = set()
        try:
            for member in self._members(file, detected):
                self._entries += 1
                if self._entries > self._limits.entries:
                    raise _Stop(sentences.TOO_MANY.format(limit=self._limits.entries))
                self._member(member, names, prefix, depth)
        except TooManyMembers as error:
            raise _Stop(sentences.TOO_MANY.format(limit=self._limits.entries)) from error
        except DamagedArchive:
            self._problem(
                sentences.DAMAGED.format(
                    archive=f"L'archive {quoted(prefix[:-1])}" if prefix else "L'archive"
                )
            )
            self._complete = False

    def _members(self, file: IO[bytes], detected: str) -> Iterable[Member]:
        if detected == "application/zip":
            return self._announced(file)
        if detected not in COMPRESSED:
            return tar_members(FileRow(file))
        # To go from one member to the next, all has to be inflated: here the budget ends the list too.
        content = Content(self._budget.metered(inflated(pieces_of(file), detected)))
        if detect_head(content.head()) == "application/x-tar":
            return tar_members(StreamRow(content))
        single = Member(_SINGLE, None, Sort.FILE, encrypted=False, stored=False, pieces=lambda: iter(content))
        return [single]

    def _announced(self, file: IO[bytes]) -> list[Member]:
        """A zip's, which lists them all beforehand: what it announces may be enough to stop."""
        members = list(zip_members(file))
        if self._entries + len(members) > self._limits.entries:
            raise _Stop(sentences.TOO_MANY.format(limit=self._limits.entries))
        self._check_size(self._size + sum(member.size or 0 for member in members))
        return members

    def _member(self, member: Member, names: set[str], prefix: str, depth: int) -> None:
        if self._budget.is_late(_LISTING):
            raise Exhausted
        path = prefix + member.name
        self._files += member.sort is not Sort.DIRECTORY
        self._check_name(member, path, names)
        if member.sort is Sort.LINK:
            self._problem(sentences.LINK.format(name=quoted(path)))
        elif member.sort is Sort.DEVICE:
            self._problem(sentences.DEVICE.format(name=quoted(path)))
        elif member.sort is Sort.FILE and member.encrypted:
            self._encrypted = True
            self._grow(member.size or 0)
            self._show(Entry(path, UNKNOWN, encrypted=True), Content(()))
        elif member.sort is Sort.FILE:
            try:
                self._file(member, path, depth)
            except Exhausted:
                self._complete = self._affordable = False

    def _check_name(self, member: Member, path: str, names: set[str]) -> None:
        name = member.name.replace("\\", "/")
        if _ABSOLUTE.match(name) or ".." in name.split("/"):
            self._problem(sentences.OUTSIDE.format(name=quoted(path)))
        if not name.isprintable():
            self._problem(sentences.UNPRINTABLE.format(name=quoted(path)))
        if member.sort is not Sort.DIRECTORY:
            if name in names:
                self._problem(sentences.TWICE.format(name=quoted(path)))
            names.add(name)

    def _file(self, member: Member, path: str, depth: int) -> None:
        measured = _Measured(member, self._pay, self._grow)
        content = Content(measured)
        media_type = detect_head(content.head())
        measured.is_paid = True
        if family_of(media_type) is Family.ARCHIVE or media_type in {*OLD_OFFICE, OLE}:
            self._nested(content, media_type, path, depth)
        else:
            self._show(Entry(path, media_type, encrypted=False), content)
        if member.stored or not self._affordable:
            return
        for _ in content:
            pass  # what its header says is not known to be true before its end
        if member.size not in {None, measured.size}:
            self._problem(sentences.LIES.format(name=quoted(path)))

    def _nested(self, content: Content, media_type: str, path: str, depth: int) -> None:
        copy = content.copy(self._limits.nested) if self._affordable else None
        if copy is None:
            self._notes[sentences.NESTED_TOO_LARGE.format(name=quoted(path))] = None
            self._complete = False
            self._show(Entry(path, media_type, encrypted=False), Content(()))
            return
        with copy:
            detected = detect(copy)
            if family_of(detected) is not Family.ARCHIVE:  # an office document: a zip, or an OLE file
                self._show(Entry(path, detected, encrypted=False), Content(pieces_of(copy)))
            elif depth >= self._limits.depth:
                raise _Stop(sentences.TOO_DEEP.format(limit=self._limits.depth))
            else:
                self._archive(copy, detected, f"{path}/", depth + 1)

    def _show(self, entry: Entry, content: Content) -> None:
        if self._visit is not None:
            self._visit(entry, content)

    def _pay(self, size: int) -> None:
        if self._affordable:
            self._budget.spend(size)

    def _grow(self, size: int) -> None:
        self._size += size
        self._check_size(self._size)

    def _check_size(self, size: int) -> None:
        if size > self._limits.size:
            raise _Stop(sentences.TOO_BIG.format(limit=self._limits.size // GIB))
        if size > self._limits.tolerated and size > self._limits.ratio * self._packed():
            raise _Stop(sentences.RATIO.format(limit=self._limits.ratio))


class _Measured:
    """A member's pieces, of which the walk learns the size: at once where it is certain, else as they come."""

    def __init__(self, member: Member, pay: Callable[[int], None], grow: Callable[[int], None]) -> None:
        self._member = member
        self._pay = pay
        self._grow = grow
        self.is_paid = False  # the beginning of a member always is affordable
        self.size = 0
        if member.stored:
            grow(member.size or 0)

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._member.pieces():
            if self.is_paid:
                self._pay(len(piece))
            self.size += len(piece)
            if not self._member.stored:
                self._grow(len(piece))
                if self._member.size is not None and self.size > self._member.size:
                    return  # it lies: nobody needs to see how much
            yield piece
