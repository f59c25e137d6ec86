"""Clients that others wrote, on a real server."""

import hashlib
import io
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from tusclient.client import TusClient

from tests.proofs.conftest import free_port
from tests.uploads.conftest import CONTENT, MIB
from tests.uploads.server import Item, Server

SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="referencing-", ignore_cleanup_errors=True) as folder:
        started = Server(Path(folder), free_port())
        Path(folder).chmod(0o755)
        started.start()
        yield started
        started.stop()


@pytest.fixture
def item(server: Server) -> Item:
    return server.item()


def receipt(url: str | None, item: Item) -> dict[str, object]:
    assert url is not None
    shown = requests.get(url, headers=item.headers, timeout=30).json()
    assert shown["state"] == "kept", shown
    (file,) = shown["receipt"]["files"]
    return {"sha256": file["sha256"], "size": file["size"], "filename": file["filename"]}


@pytest.mark.parametrize("checksum", [False, True])
@pytest.mark.parametrize("chunk", [4 * MIB, 64 * MIB])
def test_tuspy_uploads(server: Server, item: Item, chunk: int, checksum: bool) -> None:
    client = TusClient(f"{server.url}/uploads", headers=item.headers)
    uploader = client.uploader(
        file_stream=io.BytesIO(CONTENT),
        chunk_size=chunk,
        metadata=item.metadata | {"sha256": SHA256},
        upload_checksum=checksum,
    )
    uploader.upload()
    assert receipt(uploader.url, item) == {"sha256": SHA256, "size": len(CONTENT), "filename": "essai.log"}


def test_tuspy_goes_on_after_the_server_was_killed(server: Server, item: Item) -> None:
    client = TusClient(f"{server.url}/uploads", headers=item.headers)
    first = client.uploader(file_stream=io.BytesIO(CONTENT), chunk_size=3 * MIB, metadata=item.metadata)
    first.upload(stop_at=6 * MIB)
    server.kill()
    server.start()
    second = client.uploader(file_stream=io.BytesIO(CONTENT), chunk_size=3 * MIB, url=first.url)
    assert second.offset == 6 * MIB
    second.upload()
    assert receipt(first.url, item)["sha256"] == SHA256


TUS_JS = Path(__file__).with_name("tus_js")


@pytest.fixture(scope="module")
def tus_js(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tus-js-client, from npm, as locked."""
    folder = tmp_path_factory.mktemp("tus") / "tus_js"
    shutil.copytree(TUS_JS, folder, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True)
    return folder


@pytest.mark.services
def test_tus_js_client_uploads_and_goes_on_after_the_server_was_killed(
    server: Server, item: Item, tus_js: Path
) -> None:
    (tus_js / "essai.log").write_bytes(CONTENT)

    def upload(**more: object) -> str:
        headers = {"Authorization": item.headers["Authorization"]}
        words = {
            "endpoint": f"{server.url}/uploads",
            "headers": headers,
            "metadata": item.metadata | {"sha256": SHA256},
            "file": "essai.log",
            "size": len(CONTENT),
            "chunkSize": 2 * MIB,
        }
        command = ["node", "upload.mjs", json.dumps(words | more)]
        return subprocess.run(command, cwd=tus_js, check=True, capture_output=True, text=True).stdout.strip()

    url = upload(stopAfter=4 * MIB)
    server.kill()
    server.start()
    offset = int(requests.head(url, headers=item.headers, timeout=30).headers["Upload-Offset"])
    assert 4 * MIB <= offset < len(CONTENT)
    assert upload(uploadUrl=url) == url
    assert receipt(url, item) == {"sha256": SHA256, "size": len(CONTENT), "filename": "essai.log"}
