"""Objects as files of one folder: `incoming/` while they are written, `objects/ab/cd/<digest>` when whole.

`labels/<name>` holds the digest of the object that a name means.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from storage.content import (
    BLOCK,
    CHUNK,
    Digests,
    Intake,
    Pieces,
    check_range,
    digest_name,
    digest_of,
    is_digest,
    label_name,
    place,
    span,
)
from storage.port import (
    Chunks,
    Lost,
    Missing,
    Offsets,
    Readable,
    StorageFailure,
    StoredObject,
    Unavailable,
    no_key,
)

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
"""Modes: what is stored is for the user who runs the service alone."""

FLUSHED = 64 << 20
"""Bytes of a content that comes in pieces after which it is made durable."""


class FilesystemStorage:
    """Keeps objects under `root`, a folder of one file system, made when first needed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._objects = root / "objects"
        self._incoming = root / "incoming"
        self._labels = root / "labels"
        self._digests = Digests()

    def store(
        self, content: Readable, *, limit: int | None = None, expected: int | None = None
    ) -> StoredObject:
        """Keep `content` (see `ObjectStorage.store`)."""
        intake = Intake(content, limit=limit, expected=expected)
        unfinished = self._incoming / uuid4().hex
        try:
            with _answering():
                self._write(intake, unfinished)
                self._publish(unfinished, intake.stored.sha256)
        except Unavailable:
            if intake.failure is None:
                raise
        finally:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
        if intake.failure is not None:
            # The stream failed with an OSError of its own, which says nothing of this store.
            raise intake.failure
        return intake.stored

    def read(self, sha256: str, *, start: int = 0, length: int | None = None) -> Chunks:
        """Return content in chunks (see `ObjectStorage.read`)."""
        check_range(start, length)
        chunks = _chunks(self._path(sha256), start, length)
        next(chunks)
        return chunks

    def size(self, sha256: str) -> int | None:
        """Return the size in bytes, `None` when there is no such object."""
        path = self._path(sha256)
        with _answering():
            try:
                return path.stat().st_size
            except FileNotFoundError:
                return None

    def delete(self, sha256: str) -> None:
        """Remove the object, if there is one."""
        path = self._path(sha256)
        with _answering():
            path.unlink(missing_ok=True)

    def digests(self) -> Iterator[tuple[str, datetime]]:
        """Yield every object's digest and its time of storing (UTC)."""
        for first in _entries(self._objects):
            for second in _entries(Path(first.path)):
                for entry in _entries(Path(second.path)):
                    stored_at = _modified(entry)
                    if stored_at is not None and is_digest(entry.name):
                        yield entry.name, stored_at

    def begin(self, key: str) -> str:
        """Make an empty file (see `ObjectStorage.begin`)."""
        with _answering():
            self._prepare()
            (self._incoming / key).touch(mode=PRIVATE_FILE, exist_ok=False)
            _sync_folder(self._incoming)
        return key

    def append(self, name: str, offset: int, content: Readable) -> Offsets:
        """Write from `offset` on (see `ObjectStorage.append`)."""
        pieces = Pieces(self._digests, name, offset, content)
        durable = offset
        with self._unfinished(name, offset) as file:
            while block := pieces.read(BLOCK):
                with _answering():
                    file.write(block)
                if pieces.offset - durable >= FLUSHED:
                    durable = _flush(file, pieces)
                    yield durable
            if pieces.offset > durable:
                yield _flush(file, pieces)

    def finish(self, name: str, size: int) -> StoredObject:
        """Give the file its second name, that of an object (see `ObjectStorage.finish`)."""
        path = self._incoming / name
        with _answering():
            if not path.exists() or path.stat().st_size < size:
                raise self._gone(name)
        digest = self._digests.at(name, size)
        sha256 = digest.hexdigest() if digest else digest_of(_chunks(path, 0, size))
        linked = path.with_name(f"{name}.whole")
        with _answering():
            linked.unlink(missing_ok=True)
            linked.hardlink_to(path)
            os.utime(linked)
            self._publish(linked, sha256)
            linked.unlink(missing_ok=True)  # which is still there when the object was the same file already
        return StoredObject(sha256, size)

    def forget(self, name: str) -> None:
        """Hash again what came (see `ObjectStorage.forget`)."""
        self._digests.forget(name)

    def discard(self, name: str) -> None:
        """Remove the file (see `ObjectStorage.discard`)."""
        self._digests.forget(name)
        with _answering():
            (self._incoming / name).unlink(missing_ok=True)

    def discard_unfinished(self, before: datetime, spared: Callable[[str], bool] = no_key) -> int:
        """Remove what interrupted calls left in `incoming/` and was last written before `before`."""
        removed = 0
        for entry in _entries(self._incoming):
            written_at = _modified(entry)
            if written_at is not None and written_at < before and not spared(entry.name.partition(".")[0]):
                with _answering():
                    Path(entry.path).unlink(missing_ok=True)
                removed += 1
        return removed

    def label(self, name: str, sha256: str) -> None:
        """Write the digest into a file of that name (see `ObjectStorage.label`)."""
        path, digest = self._labels / label_name(name), BytesIO(digest_name(sha256).encode())
        unfinished = self._incoming / uuid4().hex
        with _answering():
            self._write(Intake(digest, limit=None, expected=None), unfinished)
            self._labels.mkdir(exist_ok=True)
            unfinished.replace(path)
            _sync_folder(self._labels)

    def labels(self) -> dict[str, str]:
        """Return what the files of names say (see `ObjectStorage.labels`)."""
        names = sorted(entry.name for entry in _entries(self._labels))
        with _answering():
            return {name: (self._labels / name).read_text() for name in names}

    def unlabel(self, name: str) -> None:
        """Remove the file of that name (see `ObjectStorage.unlabel`)."""
        with _answering():
            (self._labels / label_name(name)).unlink(missing_ok=True)

    def check(self) -> None:
        """Raise `Unavailable` unless a file can be written where uploads go."""
        with _answering():
            self._prepare()
            with tempfile.TemporaryFile(dir=self._incoming) as probe:
                probe.write(b"\0")

    def _path(self, sha256: str) -> Path:
        return self._objects / place(sha256)

    def _prepare(self) -> None:
        if not (self._objects.is_dir() and self._incoming.is_dir()):
            self._root.mkdir(parents=True, exist_ok=True)
            self._root.chmod(PRIVATE_FOLDER)
            self._objects.mkdir(exist_ok=True)
            self._incoming.mkdir(exist_ok=True)
            _sync_folder(self._root)

    @contextmanager
    def _unfinished(self, name: str, size: int) -> Iterator[BinaryIO]:
        """Open a file that comes in pieces, at its end once it was cut to `size`."""
        with _answering():
            try:
                file = (self._incoming / name).open("r+b")
            except FileNotFoundError:
                raise self._gone(name) from None
        with file:
            with _answering():
                if file.seek(0, os.SEEK_END) < size:
                    raise Lost(name)
                file.truncate(size)
                file.seek(size)
            yield file

    def _gone(self, name: str) -> StorageFailure:
        if self._incoming.is_dir():
            return Lost(name)
        return Unavailable("the folder of objects is not there")  # not mounted: nothing is lost

    def _write(self, intake: Intake, unfinished: Path) -> None:
        self._prepare()
        with open(unfinished, "xb", opener=_private) as file:
            while block := intake.read(BLOCK):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())

    def _publish(self, unfinished: Path, sha256: str) -> None:
        path = self._path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Also over an object that is there already: its time is renewed, and a damaged one is made whole.
        unfinished.replace(path)
        for folder in (path.parent, path.parent.parent, self._objects):
            _sync_folder(folder)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, PRIVATE_FILE)


def _flush(file: BinaryIO, pieces: Pieces) -> int:
    with _answering():
        file.flush()
        os.fsync(file.fileno())
    return pieces.durable()


def _chunks(path: Path, start: int, length: int | None) -> Chunks:
    """Open the file, yield an empty chunk to say so, then the content; closing releases the file."""
    with _answering():
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise Missing(path.name) from None
        with file:
            wanted = span(os.fstat(file.fileno()).st_size, start, length)
            yield b""
            file.seek(start)
            while wanted:
                chunk = file.read(min(CHUNK, wanted))
                if not chunk:
                    raise Unavailable(f"{path.name} ends {wanted} bytes early")
                wanted -= len(chunk)
                yield chunk


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """Return what a folder holds, nothing when it is absent: the folders of a storage are small."""
    with _answering():
        try:
            with os.scandir(folder) as entries:
                return list(entries)
        except FileNotFoundError:
            return []


def _modified(entry: os.DirEntry[str]) -> datetime | None:
    """Return when a file was last written, `None` when it is gone meanwhile."""
    with _answering():
        try:
            return datetime.fromtimestamp(entry.stat().st_mtime, UTC)
        except FileNotFoundError:
            return None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"the folder of objects cannot serve: {error.strerror}") from error
