"""What is particular to objects in a folder."""

import os
import resource
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from storage.filesystem import FilesystemStorage
from storage.port import Unavailable
from tests.storage.streams import MIB, Repeated, sha256

CONTENT = b"abc" * 300_000
DIGEST = sha256(CONTENT)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "made" / "when" / "needed"


@pytest.fixture
def storage(root: Path) -> FilesystemStorage:
    return FilesystemStorage(root)


def object_path(root: Path) -> Path:
    return root / "objects" / DIGEST[:2] / DIGEST[2:4] / DIGEST


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_an_object_is_one_file_named_by_its_digest(storage: FilesystemStorage, root: Path) -> None:
    storage.store(BytesIO(CONTENT))

    assert files(root) == [object_path(root)]


def test_content_stored_again_has_a_new_time(storage: FilesystemStorage, root: Path) -> None:
    storage.store(BytesIO(CONTENT))
    os.utime(object_path(root), (0, 0))
    storage.store(BytesIO(CONTENT))
    ((_, stored_at),) = storage.digests()

    assert datetime.now(UTC) - stored_at < timedelta(minutes=1)


def test_damaged_object_is_made_whole_when_it_is_stored_again(storage: FilesystemStorage, root: Path) -> None:
    storage.store(BytesIO(CONTENT))
    object_path(root).write_bytes(b"damaged")
    storage.store(BytesIO(CONTENT))

    assert b"".join(storage.read(DIGEST)) == CONTENT


def test_content_is_on_disk_before_it_is_visible_and_its_name_before_it_is_answered(
    storage: FilesystemStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.check()
    synced: list[tuple[str, bool]] = []
    fsync = os.fsync

    def watch(descriptor: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        synced.append((kind, storage.size(DIGEST) is not None))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watch)
    storage.store(BytesIO(CONTENT))

    assert synced == [("file", False), ("folder", True), ("folder", True), ("folder", True)]


def test_a_file_that_is_no_object_is_not_listed(storage: FilesystemStorage, root: Path) -> None:
    storage.store(BytesIO(CONTENT))
    object_path(root).with_name(".nfs0001").touch()

    assert [digest for digest, _ in storage.digests()] == [DIGEST]


def test_object_that_shrinks_while_it_is_read_is_not_cut_silently(
    storage: FilesystemStorage, root: Path
) -> None:
    storage.store(BytesIO(CONTENT))
    chunks = storage.read(DIGEST)
    next(chunks)
    os.truncate(object_path(root), 10)

    with pytest.raises(Unavailable, match="early"):
        list(chunks)


@pytest.fixture
def small_files_only() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 * MIB, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("small_files_only")
def test_refused_write_leaves_nothing(storage: FilesystemStorage, root: Path) -> None:
    with pytest.raises(Unavailable):
        storage.store(Repeated(b"x" * MIB, 8 * MIB))

    assert files(root) == []


@pytest.mark.parametrize("method", ["check", "store"])
def test_folder_that_cannot_be_made_is_unavailable(tmp_path: Path, method: str) -> None:
    (tmp_path / "file").touch()
    storage = FilesystemStorage(tmp_path / "file" / "root")

    with pytest.raises(Unavailable):
        storage.check() if method == "check" else storage.store(BytesIO(CONTENT))


def test_a_folder_that_is_not_mounted_has_lost_nothing(storage: FilesystemStorage, root: Path) -> None:
    name = storage.begin("abc")
    assert [*storage.append(name, 0, BytesIO(b"1"))] == [1]
    root.rename(root.with_name("away"))
    with pytest.raises(Unavailable):
        next(storage.append(name, 1, BytesIO(b"2")))
    with pytest.raises(Unavailable):
        storage.finish(name, 1)
    root.with_name("away").rename(root)
    assert [*storage.append(name, 1, BytesIO(b"2"))] == [2]


def test_a_file_that_grows_out_of_an_object_never_changes_it(storage: FilesystemStorage, root: Path) -> None:
    name = storage.begin("abc")
    assert [*storage.append(name, 0, BytesIO(b"12345"))] == [5]
    stored = storage.finish(name, 5)
    storage.discard(name)
    assert b"".join(storage.read(stored.sha256)) == b"12345"
    assert files(root) == [root / "objects" / stored.sha256[:2] / stored.sha256[2:4] / stored.sha256]


def test_what_is_stored_is_for_the_user_of_the_service_alone(storage: FilesystemStorage, root: Path) -> None:
    storage.store(BytesIO(CONTENT))
    storage.begin("upload")
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(root)} == {0o600}
