"""Which storage a URL names, and that no secret is repeated when it names none."""

import traceback
from io import BytesIO
from pathlib import Path

import pytest

from storage.address import storage_from_url
from storage.s3 import S3Storage
from tests.storage.rclone import KEY, SECRET, RcloneServer
from tests.storage.streams import sha256


@pytest.mark.parametrize("form", ["{}", "file://{}", "file://localhost{}"])
def test_a_path_names_a_folder(form: str, tmp_path: Path) -> None:
    storage_from_url(form.format(tmp_path)).store(BytesIO(b"abc"))

    assert (tmp_path / "objects").is_dir()


def test_a_file_url_is_percent_decoded(tmp_path: Path) -> None:
    storage_from_url(f"file://{tmp_path}/pi%C3%A8ces%20jointes").store(BytesIO(b"abc"))

    assert (tmp_path / "pièces jointes" / "objects").is_dir()


def test_a_relative_path_names_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    storage_from_url("var/objects").check()

    assert (tmp_path / "var" / "objects").is_dir()


def test_naming_a_storage_makes_nothing(tmp_path: Path) -> None:
    storage_from_url(str(tmp_path / "root"))

    assert list(tmp_path.iterdir()) == []


def test_an_s3_url_is_percent_decoded(rclone_server: RcloneServer) -> None:
    assert KEY not in rclone_server.url("decoded")
    assert SECRET not in rclone_server.url("decoded")
    storage = storage_from_url(rclone_server.url("decoded") + "&region=eu-west-3")
    storage.store(BytesIO(b"abc"))

    assert storage.size(sha256(b"abc")) == 3


@pytest.mark.parametrize(
    "url",
    [
        "s3://KEY:S3CR3T@host/bucket",
        "s3://KEY:S3CR3T@host:9000/bucket/?secure=true",
        "s3://KEY:S3CR3T@[::1]:9000/some.bucket?region=eu-west-3&secure=false",
    ],
)
def test_s3_forms(url: str) -> None:
    assert isinstance(storage_from_url(url), S3Storage)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://KEY:S3CR3T@host/bucket",
        "file://elsewhere/srv/S3CR3T",
        "file:///srv/objects?S3CR3T",
        "file://",
        "s3://KEY:S3CR3T@host",
        "s3://KEY:S3CR3T@host/",
        "s3://KEY:S3CR3T@/bucket",
        "s3://KEY:S3CR3T/bucket",
        "s3://KEY@host/bucket?S3CR3T",
        "s3://KEY:@host/bucket?S3CR3T",
        "s3://:S3CR3T@host/bucket",
        "s3://KEY:S3CR3T@host/bucket/below",
        "s3://KEY:S3CR3T@host/Bucket_S3CR3T",
        "s3://KEY:S3CR3T@host:port/bucket",
        "s3://KEY:S3CR3T@host:70000/bucket",
        "s3://KEY:S3CR3T@host:0/bucket",
        "s3://KEY:S3CR3T@[::1/bucket",
        "s3://KEY:S3CR3T/with-slash@host/bucket",
        "s3://KEY:S3CR3T#with-hash@host/bucket",
        "s3://KEY:S3CR3T?with-mark@host/bucket",
        "s3://KEY:S3CR3T\u2100@host/bucket",
        "s3://KEY:S3CR3T@host/bucket?secure=no",
        "s3://KEY:S3CR3T@host/bucket?region=",
        "s3://KEY:S3CR3T@host/bucket?secret=S3CR3T",
    ],
)
def test_any_other_url_is_refused_without_a_word_of_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"s3://KEY:SECRET@HOST|needs a folder") as raised:
        storage_from_url(url)

    told = "".join(traceback.format_exception_only(raised.value))
    assert "S3CR3T" not in told
    assert raised.value.__context__ is None
