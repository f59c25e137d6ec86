"""An application on each storage, and a dossier to upload to."""

import os
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from referencing.app import create_app
from referencing.base.permissions import Role
from referencing.config import Settings
from tests.builders import somebody
from tests.clients import Client
from tests.conftest import Keys, Preparing, Time, furnished, parts
from tests.files.scanning.dossier import Dossier, draft
from tests.storage.rclone import RcloneServer

MIB = 1024**2
LARGEST = 12 * MIB
QUOTA = 20 * MIB
#: The database that holds the draft.
DRAFTED = "drafted"
#: Longer than two parts of S3, and a text whose lines all differ.
CONTENT = b"".join(b"%09d\n" % number for number in range(1_100_000))


@pytest.fixture(scope="session")
def rclone() -> Iterator[RcloneServer]:
    with tempfile.TemporaryDirectory() as folder, RcloneServer(Path(folder, "served")) as server:
        yield server


@pytest.fixture(params=["filesystem", "rclone", pytest.param("service", marks=pytest.mark.services)])
def storage_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "filesystem":
        return str(tmp_path / "files")
    return bucket_of(request, request.param)


def bucket_of(request: pytest.FixtureRequest, kind: str) -> str:
    """The address of a bucket of its own, on the one server or the other."""
    bucket = f"uploads-{uuid4().hex}"
    if kind == "rclone":
        return str(request.getfixturevalue("rclone").url(bucket))
    named = os.environ.get("REFERENCING_TEST_S3_URL")
    if named is None:
        pytest.skip("REFERENCING_TEST_S3_URL names no S3 server")
    return urlsplit(named)._replace(path=bucket).geturl()


@pytest.fixture(scope="session")
def drafted(preparing: Preparing) -> Dossier:
    """In the database as which each test begins: to publish the list takes longer than most of them."""
    with preparing(DRAFTED) as app:
        return draft(partial(somebody, app))


@pytest.fixture(scope="module")
def template(drafted: Dossier) -> str:
    return DRAFTED


@pytest.fixture
def settings(database: sa.URL, storage_url: str, tmp_path: Path) -> Settings:
    address = database.set(drivername="postgresql").render_as_string(hide_password=False)
    return Settings(
        data=tmp_path,
        database_url=address,
        storage_url=storage_url,
        largest_upload=LARGEST,
        upload_quota=QUOTA,
    )


@pytest.fixture
def app(routes: Flask, settings: Settings, own_engine: sa.Engine, time: Time) -> Iterator[Flask]:
    with furnished(routes, settings, own_engine, time):
        yield routes


@pytest.fixture
def again(settings: Settings, time: Time) -> Iterator[Flask]:
    """The application as it is after a restart: nothing in its memory."""
    application = create_app(settings, clock=time)
    application.testing = True
    yield application
    parts(application).engine.dispose()


@dataclass(frozen=True)
class Uploads:
    """What a client of tus sends for one item."""

    client: Client
    candidature: str
    item: str
    headers: dict[str, str] = field(default_factory=lambda: {"Tus-Resumable": "1.0.0"})

    @property
    def said(self) -> dict[str, str]:
        return {"candidature": self.candidature, "item": self.item, "filename": "journal d'été.log"}

    def on(self, app: Flask) -> "Uploads":
        """The same client, to another process."""
        client = Client(app.test_client(), "")
        client.headers = self.client.headers
        return replace(self, client=client)

    def creation(self, length: int, **metadata: str) -> dict[str, str]:
        """The headers of a creation."""
        return {
            **self.headers,
            "Upload-Length": str(length),
            "Upload-Metadata": encoded(self.said | metadata),
        }

    def begin(self, length: int, **metadata: str) -> str:
        """The path of a new upload."""
        response = self.client.send("POST", "/uploads", headers=self.creation(length, **metadata))
        assert response.status_code == 201, response.get_data(as_text=True)
        return response.headers["Location"].removeprefix("/api/v1")

    def patch(self, path: str, offset: int, content: bytes, **headers: str) -> TestResponse:
        return self.client.send(
            "PATCH",
            path,
            headers={**self.headers, "Upload-Offset": str(offset), **headers},
            data=content,
            content_type="application/offset+octet-stream",
        )

    def write(self, path: str, offset: int, content: bytes, **headers: str) -> int:
        """The offset after these bytes."""
        response = self.patch(path, offset, content, **headers)
        assert response.status_code == 204, response.get_data(as_text=True)
        return int(response.headers["Upload-Offset"])

    def head(self, path: str) -> TestResponse:
        return self.client.send("HEAD", path, headers=self.headers)

    def offset(self, path: str) -> int:
        response = self.head(path)
        assert response.status_code == 200
        return int(response.headers["Upload-Offset"])

    def shown(self, path: str) -> Any:
        return self.client.get(path)

    def proof(self) -> Any:
        """The last version of the item's proof."""
        item = self.item.replace(":", "%3A").replace("#", "%23")
        return self.client.get(f"/candidatures/{self.candidature}/items/{item}")["proof"]


def encoded(metadata: dict[str, str]) -> str:
    return ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in metadata.items())


@pytest.fixture
def uploads(app: Flask, drafted: Dossier) -> Uploads:
    return Uploads(Client(app.test_client(), drafted.editor.key), drafted.id, drafted.item)


@pytest.fixture
def stranger(app: Flask, key_of: Keys, uploads: Uploads) -> Uploads:
    """Of another organisation."""
    key = key_of(Role.EDITOR, organisation="Logiciels Bise", name="Sacha")
    return replace(uploads, client=Client(app.test_client(), key))
