"""What an editor supplies is kept as it was sent, and answered with a receipt; or nothing of it is kept."""

import hashlib
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from referencing.base.permissions import Role
from referencing.files.operations import LONGEST_NAME
from tests.clients import Client, escaped, form
from tests.conftest import parts
from tests.proofs.multipart import BOUNDARY, CONTENT_TYPE, body, extended, part, quoted
from tests.web.conftest import Dossier

LIMIT = 5 * 1024**2  # of the application that these tests share


def send(dossier: Dossier, content: bytes, **options: Any) -> TestResponse:
    """A body as it is."""
    return dossier.editor.send("POST", dossier.slot, data=content, content_type=CONTENT_TYPE, **options)


def supplied(dossier: Dossier) -> Any:
    """The last version of what was supplied for the first item."""
    return dossier.editor.get(dossier.slot.removesuffix("/proofs"))["proof"]


def content_of(client: Client, proof: Any, position: int = 0) -> bytes:
    response = client.send("GET", f"/proofs/{proof['id']}/files/{proof['files'][position]['id']}")
    assert response.status_code == 200
    return bytes(response.data)


def unfinished(app: Flask) -> list[str]:
    """What interrupted uploads have left in the storage."""
    folder = parts(app).settings.data / "files" / "incoming"
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def test_the_receipt_says_what_was_received(dossier: Dossier) -> None:
    content = b"une capture"
    receipt = dossier.editor.upload(dossier.slot, ("capture.png", content))
    item = dossier.editor.get(dossier.slot.removesuffix("/proofs"))
    assert (receipt["number"], receipt["state"], receipt["item"]) == (1, "held", item["id"])
    (file,) = receipt["files"]
    assert (file["filename"], file["media_type"], file["size"]) == ("capture.png", "image/png", len(content))
    assert file["sha256"] == hashlib.sha256(content).hexdigest()
    assert item["proof"]["id"] == receipt["id"]
    assert item["state"] == "supplied"


def test_the_receipt_says_where_the_proof_is(dossier: Dossier) -> None:
    response = dossier.editor.send("POST", dossier.slot, data=form(("preuve.txt", b"preuve")))
    location = response.headers["Location"].removeprefix("/api/v1")
    assert response.json is not None
    assert dossier.editor.get(location)["id"] == response.json["id"]


def test_the_receipt_names_the_entry_of_the_journal(dossier: Dossier) -> None:
    receipt = dossier.editor.upload(dossier.slot, ("preuve.txt", b"preuve"))
    event = list(dossier.editor.every(f"{dossier.path}/timeline"))[-1]
    assert event["action"] == "proof.supplied"
    assert event["detail"]["proof"] == receipt["id"]
    assert event["detail"]["files"] == [
        {"name": "preuve.txt", "sha256": receipt["files"][0]["sha256"], "size": 6}
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"x",
        b"\r\n",
        b"ligne\r\n",
        b"ligne\r",
        b"ligne\n",
        b"\r\n--",
        b"--" + BOUNDARY[:-1],
        b"x--" + BOUNDARY,
        b"\0" * 4_096,
        bytes(range(256)) * 17,
        random.Random(1).randbytes(1_000_003),
    ],
    ids=repr,
)
def test_a_file_is_given_back_byte_for_byte(dossier: Dossier, content: bytes) -> None:
    receipt = send(dossier, body(part(content))).json
    assert receipt is not None
    assert receipt["files"][0]["sha256"] == hashlib.sha256(content).hexdigest()
    assert content_of(dossier.editor, receipt) == content


@pytest.mark.parametrize("split", range(-3, 4))
def test_a_file_is_whole_wherever_the_reading_of_the_form_pauses(dossier: Dossier, split: int) -> None:
    """The closing boundary lies across the end of the first piece that is read (256 KiB)."""
    overhead = len(body(part(b""))) - len(b"--\r\n")
    content = b"x" * (256 * 1024 - overhead - split)
    receipt = send(dossier, body(part(content))).json
    assert receipt is not None
    assert (receipt["files"][0]["size"], receipt["files"][0]["sha256"]) == (
        len(content),
        hashlib.sha256(content).hexdigest(),
    )


def test_several_files_are_one_version_in_their_order(dossier: Dossier) -> None:
    files = [("b.txt", b"deux"), ("a.txt", b"un"), ("b.txt", b"trois")]
    receipt = dossier.editor.upload(dossier.slot, *files)
    assert [file["filename"] for file in receipt["files"]] == ["b.txt", "a.txt", "b.txt"]
    assert [content_of(dossier.editor, receipt, at) for at in range(3)] == [b"deux", b"un", b"trois"]


def test_what_is_supplied_again_is_another_version(dossier: Dossier) -> None:
    first = dossier.editor.upload(dossier.slot, ("preuve.txt", b"avant"))
    second = dossier.editor.upload(dossier.slot, ("preuve.txt", "après".encode()))
    assert (first["number"], second["number"]) == (1, 2)
    assert supplied(dossier)["id"] == second["id"]
    before = dossier.editor.get(f"/proofs/{first['id']}")
    assert (before["state"], before["files"]) == ("dropped", first["files"])
    assert content_of(dossier.editor, before) == b"avant"


def test_what_is_supplied_at_once_is_one_version_after_the_other(app: Flask, dossier: Dossier) -> None:
    def upload(content: bytes) -> Any:
        client = Client(app.test_client(), "")
        client.headers = dossier.editor.headers
        sent = client.send("POST", dossier.slot, data=body(part(content)), content_type=CONTENT_TYPE)
        return client.expect(201, sent)

    with ThreadPoolExecutor(4) as threads:
        receipts = list(threads.map(upload, [b"a", b"b", b"c", b"d"]))
    assert sorted(receipt["number"] for receipt in receipts) == [1, 2, 3, 4]
    states = [dossier.editor.get(f"/proofs/{receipt['id']}")["state"] for receipt in receipts]
    assert sorted(states) == ["dropped", "dropped", "dropped", "held"], "the last one alone stands"


def test_one_content_may_be_many_files(dossier: Dossier) -> None:
    receipt = dossier.editor.upload(dossier.slot, ("a.txt", b"la meme"), ("b.txt", b"la meme"))
    one, other = receipt["files"]
    assert one["sha256"] == other["sha256"]
    assert one["id"] != other["id"]
    assert content_of(dossier.editor, receipt, 1) == b"la meme"


def test_an_item_goes_by_its_code_or_its_id(dossier: Dossier) -> None:
    item = dossier.editor.get(dossier.slot.removesuffix("/proofs"))
    receipt = dossier.editor.upload(f"{dossier.path}/items/{item['id']}/proofs", ("preuve.txt", b"preuve"))
    assert receipt["item"] == item["id"]


def test_a_machine_of_the_organisation_may_supply_where_it_was_allowed(
    own_dossier: Dossier, as_: Callable[..., Client]
) -> None:
    machine = as_(Role.INTEGRATION)
    machine.refused(404, "POST", own_dossier.slot, data=form(("preuve.txt", b"preuve")))
    own_dossier.editor.post(f"{own_dossier.path}/permissions", {"account": machine.get("/me")["id"]})
    machine.upload(own_dossier.slot, ("preuve.txt", b"preuve"))


NAMES = [
    "Preuve n° 3 – été.pdf",
    "dossier/sous-dossier/preuve.pdf",
    "C:\\preuves\\preuve.pdf",
    'une "preuve".pdf',
    "../../etc/passwd",
    "..",
    "証拠 🗂.pdf",
    "a;b=c,d.txt",
    "100 %.txt",
    "%41.txt",
    "<script>.html",
]


@pytest.mark.parametrize("written", [quoted, extended])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_shown_as_its_owner_wrote_it(
    dossier: Dossier, name: str, written: Callable[[str], bytes]
) -> None:
    receipt = send(dossier, body(part(b"preuve", filename=written(name)))).json
    assert receipt is not None
    assert receipt["files"][0]["filename"] == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("\u202egpj.txt", "gpj.txt"),
        ("a\x07b\x7f.txt", "ab.txt"),
        ("  preuve.txt ", "preuve.txt"),
        ("x" * 300, "x" * LONGEST_NAME),
    ],
    ids=["accents apart", "right to left", "control", "spaces", "long"],
)
def test_a_name_is_made_readable(dossier: Dossier, name: str, shown: str) -> None:
    receipt = send(dossier, body(part(b"preuve", filename=quoted(name)))).json
    assert receipt is not None
    assert receipt["files"][0]["filename"] == shown


@pytest.mark.parametrize("name", ["", "   ", "\x07"])
def test_a_file_without_a_name_is_refused(dossier: Dossier, name: str) -> None:
    response = send(dossier, body(part(b"preuve", filename=quoted(name))))
    assert response.status_code == 422
    assert supplied(dossier) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (b"application/pdf", "application/pdf"),
        (b"text/plain; charset=utf-8", "text/plain; charset=utf-8"),
        (b"application/vnd.openxmlformats-officedocument.wordprocessingml.document",) * 2,
        (b"", "application/octet-stream"),
        (b"pdf", "application/octet-stream"),
        ("text/plain; name=é".encode(), "application/octet-stream"),
        (b"text/plain; x=\0", "application/octet-stream"),
        (b"text/" + b"x" * 5_000, "application/octet-stream"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_media_type_is_kept_when_a_header_can_carry_it(
    dossier: Dossier, given: bytes, kept: str | bytes
) -> None:
    receipt = send(dossier, body(part(b"preuve", media=given))).json
    assert receipt is not None
    shown = kept.decode() if isinstance(kept, bytes) else kept
    assert receipt["files"][0]["media_type"] == shown


@pytest.mark.parametrize("files", [[b""], [b"preuve", b""]], ids=["alone", "with another"])
def test_an_empty_file_is_refused_and_nothing_is_kept(
    app: Flask, dossier: Dossier, files: list[bytes]
) -> None:
    problem = dossier.editor.refused(
        422, "POST", dossier.slot, data=body(*map(part, files)), content_type=CONTENT_TYPE
    )
    assert "preuve.txt" in problem["detail"]
    assert "vide" in problem["detail"]
    assert supplied(dossier) is None
    assert parts(app).vault.storage.size(hashlib.sha256(b"").hexdigest()) is None


@pytest.mark.parametrize("missing", [3, 20, len(body(part(b""))) - 10])
def test_a_form_that_is_cut_short_is_refused_and_nothing_is_kept(
    app: Flask, dossier: Dossier, missing: int
) -> None:
    whole = body(part(b"une preuve"))
    problem = dossier.editor.refused(
        400, "POST", dossier.slot, data=whole[:-missing], content_type=CONTENT_TYPE
    )
    assert "envoyez-le de nouveau" in problem["detail"].lower()
    assert supplied(dossier) is None
    assert unfinished(app) == []


def test_a_form_shorter_than_announced_is_refused_and_nothing_is_kept(app: Flask, dossier: Dossier) -> None:
    whole = body(part(b"une preuve"))
    response = send(dossier, whole[:-10], headers={"Content-Length": str(len(whole))})
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert supplied(dossier) is None
    assert unfinished(app) == []


def test_the_files_before_a_cut_are_not_kept_either(dossier: Dossier) -> None:
    whole = body(part(b"une preuve"), part(b"une autre"))
    dossier.editor.refused(400, "POST", dossier.slot, data=whole[:-60], content_type=CONTENT_TYPE)
    assert supplied(dossier) is None


def test_a_file_may_be_as_large_as_the_limit(dossier: Dossier) -> None:
    receipt = send(dossier, body(part(b"x" * LIMIT), part(b"y" * LIMIT))).json
    assert receipt is not None
    assert [file["size"] for file in receipt["files"]] == [LIMIT, LIMIT]


@pytest.mark.parametrize("before", [0, 1])
def test_a_file_beyond_the_limit_is_refused_and_nothing_is_kept(
    app: Flask, dossier: Dossier, before: int
) -> None:
    whole = body(*[part(b"x")] * before, part(b"x" * (LIMIT + 1)))
    problem = dossier.editor.refused(413, "POST", dossier.slot, data=whole, content_type=CONTENT_TYPE)
    assert str(LIMIT) in problem["detail"]
    assert supplied(dossier) is None
    assert unfinished(app) == []


def test_a_file_in_another_field_is_refused(dossier: Dossier) -> None:
    whole = body(part(b"preuve", name="fichier"))
    problem = dossier.editor.refused(400, "POST", dossier.slot, data=whole, content_type=CONTENT_TYPE)
    assert "« fichier »" in problem["detail"]
    assert "« file »" in problem["detail"]
    assert supplied(dossier) is None


@pytest.mark.parametrize("fields", [[], [part(b"preuve", filename=None)]], ids=["empty form", "text field"])
def test_a_form_without_a_file_is_refused(dossier: Dossier, fields: list[bytes]) -> None:
    problem = dossier.editor.refused(422, "POST", dossier.slot, data=body(*fields), content_type=CONTENT_TYPE)
    assert "au moins un fichier" in problem["detail"]
    assert supplied(dossier) is None


@pytest.mark.parametrize("content_type", ["application/pdf", "application/json", "multipart/form-data", None])
def test_what_is_not_a_form_is_of_the_wrong_type(dossier: Dossier, content_type: str | None) -> None:
    problem = dossier.editor.refused(415, "POST", dossier.slot, data=b"%PDF", content_type=content_type)
    assert "formulaire" in problem["detail"]


def test_what_cannot_be_supplied_is_refused_before_it_is_read(own_dossier: Dossier) -> None:
    class Unread:
        def read(self, _: int = -1) -> bytes:
            raise AssertionError("the body was read")

    for code in own_dossier.codes:
        own_dossier.editor.upload(
            f"{own_dossier.path}/items/{escaped(code)}/proofs", ("preuve.txt", b"preuve")
        )
    own_dossier.editor.post(f"{own_dossier.path}/submission", {"incomplete": True}, 200)
    unread = {"wsgi.input": Unread(), "CONTENT_LENGTH": "1000", "CONTENT_TYPE": CONTENT_TYPE}
    for path, status in ((own_dossier.slot, 409), (f"{own_dossier.path}/items/inconnu/proofs", 404)):
        response = own_dossier.editor.send("POST", path, environ_overrides=unread)
        assert response.status_code == status
