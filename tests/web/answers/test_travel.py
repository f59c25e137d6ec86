"""How answers travel: in fewer bytes, with their digest, without the body that nobody wants."""

import gzip
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

import pytest
from flask import Flask, Response

from referencing.base.permissions import Role
from referencing.web.answers.compression import LEAST, compress
from referencing.web.answers.preferences import prefers_minimal
from referencing.web.requests import answer, answer_once
from tests.clients import Client
from tests.proofs.multipart import CONTENT_TYPE, body, part
from tests.structure.application import wired
from tests.web.conftest import Dossier

READS_GZIP = {"Accept-Encoding": "br, gzip;q=0.5"}
LONG = {"words": "mot " * LEAST}


@pytest.fixture
def editor(as_: Callable[..., Client]) -> Client:
    return as_(Role.EDITOR)


def sent(response: Response, headers: dict[str, str] = READS_GZIP) -> Response:
    with wired().test_request_context("/api/v1/me", headers=headers):
        return compress(response)


def test_who_reads_gzip_gets_it() -> None:
    response = sent(answer(LONG, headers={"ETag": '"3.a"'}))
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.get_data()) == answer(LONG).get_data()
    assert int(response.headers["Content-Length"]) == len(response.get_data())
    assert (response.headers["Vary"], response.headers["ETag"]) == ("Accept-Encoding", 'W/"3.a"')


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "identity"])
def test_who_does_not_gets_it_as_it_is(accepted: str) -> None:
    response = sent(answer(LONG), {"Accept-Encoding": accepted})
    assert "Content-Encoding" not in response.headers
    assert response.headers["Vary"] == "Accept-Encoding", "of what is kept, this is one of two"


@pytest.mark.parametrize(
    "response",
    [
        answer({}),
        answer_once(LONG, {}),
        Response(iter([b"mot " * LEAST]), content_type="text/csv"),
        Response(b"mot " * LEAST, content_type="application/octet-stream"),
    ],
    ids=["short", "a secret", "a stream", "a file"],
)
def test_what_is_short_or_secret_or_a_stream_or_a_file_is_not_compressed(response: Response) -> None:
    assert "Content-Encoding" not in sent(response).headers


def test_a_kept_file_says_its_digest_whole_or_in_part(dossier: Dossier, app: Flask) -> None:
    receipt = dossier.editor.expect(
        201, dossier.editor.send("POST", dossier.slot, data=body(part(b"preuve")), content_type=CONTENT_TYPE)
    )
    path = f"/proofs/{receipt['id']}/files/{receipt['files'][0]['id']}"
    digest = f"sha-256=:{b64encode(sha256(b'preuve').digest()).decode()}:"
    for ranged in ({}, {"Range": "bytes=1-3"}):
        assert dossier.editor.send("GET", path, headers=ranged).headers["Repr-Digest"] == digest


def test_a_body_that_is_not_what_was_announced_is_refused(editor: Client) -> None:
    software = b'{"name": "Alpha", "nil": "NIL-A"}'
    digest = b64encode(sha256(software).digest()).decode()

    def register(content: bytes) -> int:
        headers = {
            "Content-Digest": f"sha-512=:AA==:, sha-256=:{digest}:",
            "Content-Type": "application/json",
        }
        return editor.send("POST", "/softwares", data=content, headers=headers).status_code

    assert [register(software.replace(b"Alpha", b"Alphb")), register(software)] == [400, 201]


def test_a_change_is_answered_without_a_body_where_that_is_preferred(dossier: Dossier) -> None:
    read = dossier.editor.send("GET", dossier.path)
    headers = {"Prefer": "return=minimal", "If-Match": read.headers["ETag"]}
    changed = dossier.editor.send("PATCH", dossier.path, json={"software_version": "3.0"}, headers=headers)
    assert (changed.status_code, changed.data) == (204, b"")
    assert changed.headers["Preference-Applied"] == "return=minimal"
    again = {"Prefer": "return=minimal", "If-Match": changed.headers["ETag"]}
    further = dossier.editor.send("PATCH", dossier.path, json={"software_version": "4.0"}, headers=again)
    assert further.status_code == 204, "the ETag came without the body"


def test_what_was_made_is_found_by_its_address_alone(dossier: Dossier) -> None:
    drafted = dossier.editor.get(dossier.path)
    words = {
        "dsr": drafted["dsr"],
        "solution": drafted["solution"],
        "software_version": "2.0",
        "composition": [{"role": "essai", "component": "Autre@1"}],
    }
    made = dossier.editor.send(
        "POST", "/candidatures", json=words, headers={"Prefer": "return=minimal", "Idempotency-Key": "k"}
    )
    assert (made.status_code, made.data) == (201, b"")
    assert dossier.editor.get(made.headers["Location"].removeprefix("/api/v1"))["software_version"] == "2.0"
    whole = dossier.editor.send("POST", "/candidatures", json=words, headers={"Idempotency-Key": "k"})
    assert whole.json is not None, "who sends it again, and prefers nothing, is answered whole"


def test_what_is_shown_once_is_shown_whatever_is_preferred(editor: Client) -> None:
    made = editor.send("POST", "/me/keys", json={"name": "banc"}, headers={"Prefer": "return=minimal"})
    assert made.json is not None
    assert made.json["key"]
    assert "Preference-Applied" not in made.headers


@pytest.mark.parametrize(
    ("prefer", "minimal"),
    [
        ("return=minimal", True),
        ('respond-async, RETURN="minimal"; x=1', True),
        ("return=representation, return=minimal", False),
        ("handling=lenient", False),
        ("", False),
    ],
)
def test_of_two_preferences_the_first_one_counts(prefer: str, *, minimal: bool) -> None:
    with wired().test_request_context("/api/v1/me", headers={"Prefer": prefer}):
        assert prefers_minimal() is minimal
