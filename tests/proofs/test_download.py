"""A file is served as what it is, in parts for who asks, and as nothing that a browser would run."""

import re
from typing import Any
from urllib.parse import unquote

import pytest
from werkzeug.test import TestResponse

from tests.clients import Client, form
from tests.proofs.multipart import CONTENT_TYPE, body, part, quoted
from tests.proofs.test_upload import NAMES
from tests.web.conftest import Dossier

CONTENT = bytes(range(256)) * 4
SIZE = len(CONTENT)


class File:
    """A file that was supplied."""

    def __init__(self, client: Client, receipt: Any) -> None:
        self.client = client
        self.sha256: str = receipt["files"][0]["sha256"]
        self.path = f"/proofs/{receipt['id']}/files/{receipt['files'][0]['id']}"

    def get(self, method: str = "GET", **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.send(method, self.path, headers=named)


@pytest.fixture
def file(dossier: Dossier) -> File:
    return File(dossier.editor, dossier.editor.upload(dossier.slot, ("preuve.bin", CONTENT)))


def test_a_file_is_served_whole(file: File) -> None:
    response = file.get()
    assert (response.status_code, response.data) == (200, CONTENT)
    assert response.content_length == SIZE
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["ETag"] == f'"{file.sha256}"'


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Content-Type", "application/octet-stream"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Security-Policy", "sandbox; default-src 'none'"),
        ("Cache-Control", "private, no-cache"),
        ("X-Scan", "unscanned"),
    ],
)
def test_a_file_is_nothing_that_a_browser_would_run_or_a_proxy_keep(
    file: File, header: str, value: str
) -> None:
    assert file.get().headers[header] == value


@pytest.mark.parametrize("name", NAMES)
def test_the_name_to_save_under_is_safe_and_says_the_name(dossier: Dossier, name: str) -> None:
    whole = body(part(b"preuve", filename=quoted(name)))
    receipt = dossier.editor.send("POST", dossier.slot, data=whole, content_type=CONTENT_TYPE).json
    disposition = File(dossier.editor, receipt).get().headers["Content-Disposition"]
    saved = re.fullmatch(r"attachment; filename\*=UTF-8''([A-Za-z0-9._~%-]+)", disposition)
    assert saved, disposition
    assert unquote(saved[1]) == name.replace("/", "_").replace("\\", "_")


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, SIZE),
        ("bytes=1023-1023", 1023, SIZE),
        ("bytes=500-99999", 500, SIZE),
        ("bytes=-1", SIZE - 1, SIZE),
        ("bytes=-100", SIZE - 100, SIZE),
        ("bytes=-99999", 0, SIZE),
        ("Bytes=0-9", 0, 10),
    ],
)
def test_a_part_that_is_asked_for_is_served_alone(file: File, asked: str, start: int, stop: int) -> None:
    response = file.get(Range=asked)
    assert (response.status_code, response.data) == (206, CONTENT[start:stop])
    assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert response.content_length == stop - start


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=1024-2000", "bytes=9999999999999999999-"])
def test_a_part_beyond_the_end_is_not_there(file: File, asked: str) -> None:
    response = file.get(Range=asked)
    assert response.status_code == 416
    assert response.content_type == "application/problem+json"
    assert response.json is not None
    assert str(SIZE) in response.json["detail"]


@pytest.mark.parametrize(
    "asked", ["bytes=0-9,20-29", "lines=0-9", "bytes=9-0", "bytes=-0", "bytes=x-y", "bytes", "bytes=-", ""]
)
def test_what_is_not_one_range_of_bytes_asks_for_the_whole(file: File, asked: str) -> None:
    response = file.get(Range=asked)
    assert (response.status_code, response.data) == (200, CONTENT)
    assert "Content-Range" not in response.headers


def test_a_part_of_the_content_that_one_has_is_served(file: File) -> None:
    response = file.get(Range="bytes=10-19", If_Range=f'"{file.sha256}"')
    assert (response.status_code, response.data) == (206, CONTENT[10:20])


@pytest.mark.parametrize("condition", ['"autre"', '"' + "0" * 64 + '"', "Mon, 02 Mar 2026 09:00:00 GMT"])
def test_who_has_a_part_of_another_content_gets_the_whole(file: File, condition: str) -> None:
    response = file.get(Range="bytes=10-19", If_Range=condition)
    assert (response.status_code, response.data) == (200, CONTENT)


def test_a_head_says_all_but_the_content(file: File) -> None:
    got, head = file.get(), file.get("HEAD")
    assert (head.status_code, head.data) == (200, b"")
    for headers in (got.headers, head.headers):
        for of_the_request in ("X-Request-Id", "RateLimit"):
            headers.pop(of_the_request)
    assert dict(head.headers) == dict(got.headers)


@pytest.mark.parametrize("held", ['"{}"', 'W/"{}"', '"autre", "{}"', "*"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_the_content_is_not_sent_it_again(file: File, method: str, held: str) -> None:
    response = file.get(method, If_None_Match=held.format(file.sha256), Range="bytes=0-9")
    assert (response.status_code, response.data) == (304, b"")
    assert response.headers["ETag"] == f'"{file.sha256}"'
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert "Content-Range" not in response.headers


def test_who_has_another_content_is_sent_this_one(file: File) -> None:
    response = file.get(If_None_Match='"' + "0" * 64 + '"')
    assert (response.status_code, response.data) == (200, CONTENT)


def test_what_one_has_is_not_told_to_who_may_not_read_it(dossier: Dossier, file: File) -> None:
    stranger = Client(dossier.editor.http, "nobody")
    response = stranger.send("GET", file.path, headers={"If-None-Match": f'"{file.sha256}"'})
    assert response.status_code == 401


def test_a_resumed_download_makes_the_whole(file: File) -> None:
    pieces = [file.get(Range=f"bytes={at}-{at + 299}").data for at in range(0, SIZE, 300)]
    assert b"".join(pieces) == CONTENT


def test_a_file_is_in_its_own_proof_only(dossier: Dossier) -> None:
    first, second = (
        dossier.editor.upload(dossier.slot, (name, name.encode())) for name in ("a.txt", "b.txt")
    )
    dossier.editor.refused(404, "GET", f"/proofs/{first['id']}/files/{second['files'][0]['id']}")


def test_a_content_that_was_lost_is_our_error(
    dossier: Dossier, file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = dossier.editor.http.application
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    lost = dossier.editor.send("POST", dossier.slot, data=form(("perdu.txt", b"bientot perdu")))
    kept = File(dossier.editor, lost.json)
    app.extensions["referencing"].vault.storage.delete(kept.sha256)
    response = kept.get()
    assert response.status_code == 500
    assert response.content_type == "application/problem+json"
