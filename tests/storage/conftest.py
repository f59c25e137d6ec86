"""The storages under test: a folder, a bucket of rclone, a bucket of the server named by the environment."""

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import pytest
from minio import Minio

from storage.address import storage_from_url
from storage.port import ObjectStorage
from tests.storage.rclone import RcloneServer

SERVICE_URL = "REFERENCING_TEST_S3_URL"


@dataclass(frozen=True)
class Subject:
    """A storage with nothing in it, a way to leave there what an interrupted upload leaves, and its address.

    S3 lets a part be replaced before the upload is complete; rclone, which streams parts on, does not.
    """

    storage: ObjectStorage
    leave_unfinished: Callable[[], None]
    url: str
    replaces_parts: bool = True

    def again(self) -> ObjectStorage:
        """The same storage as another process has it."""
        return storage_from_url(self.url)


@pytest.fixture(scope="session")
def rclone_server() -> Iterator[RcloneServer]:
    with tempfile.TemporaryDirectory() as folder, RcloneServer(Path(folder, "served")) as server:
        yield server


@pytest.fixture(scope="session")
def rclone_s3(rclone_server: RcloneServer) -> str:
    """The `s3://` URL of a bucket on a real server; any other name of a bucket works as well."""
    return rclone_server.url("proofs")


@pytest.fixture(params=["filesystem", "rclone", pytest.param("service", marks=pytest.mark.services)])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    if request.param == "filesystem":
        yield _folder(tmp_path / "root")
        return
    if request.param == "rclone":
        url = str(request.getfixturevalue("rclone_s3"))
    elif (url := os.environ.get(SERVICE_URL, "")) == "":
        pytest.skip(f"{SERVICE_URL} names no S3 server")
    bucket = f"test-{uuid4().hex}"
    url = urlsplit(url)._replace(path=bucket).geturl()
    storage = storage_from_url(url)
    client = client_for(url)

    def leave_unfinished() -> None:
        storage.check()  # makes the bucket
        client.put_object(bucket, "incoming/left", BytesIO(b"part"), 4)

    yield Subject(storage, leave_unfinished, url, replaces_parts=request.param != "rclone")
    if request.param == "service" and client.bucket_exists(bucket):
        _remove_bucket(storage, client, bucket)


@pytest.fixture
def storage(subject: Subject) -> ObjectStorage:
    return subject.storage


def client_for(url: str) -> Minio:
    """Return a client of the server that an `s3://` URL names."""
    parts = urlsplit(url)
    return Minio(
        parts.netloc.rpartition("@")[2],
        access_key=unquote(parts.username or ""),
        secret_key=unquote(parts.password or ""),
        secure="secure=false" not in parts.query,
        region="us-east-1",
    )


def _remove_bucket(storage: ObjectStorage, client: Minio, bucket: str) -> None:
    storage.discard_unfinished(datetime.now(UTC) + timedelta(days=1))
    for digest, _ in storage.digests():
        storage.delete(digest)
    for name in storage.labels():
        storage.unlabel(name)
    client.remove_bucket(bucket)


def _folder(root: Path) -> Subject:
    def leave_unfinished() -> None:
        incoming = root / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        (incoming / "left").write_bytes(b"part")

    return Subject(storage_from_url(str(root)), leave_unfinished, str(root))
