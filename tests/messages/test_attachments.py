"""Files of a message go through the vault as proofs do: streamed, named, scanned before they are read."""

import hashlib
import io
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from referencing.base import db
from referencing.base.permissions import Role
from referencing.files.models import Scan
from referencing.files.upkeep import GRACE, sweep
from referencing.uploads.queries import is_unfinished
from tests.builders import scanned_as
from tests.candidatures.dossiers import OLD_IDENTITY, Dossier, People
from tests.messages.exchange import NOBODY_S, enclose, form, read, write
from tests.proofs.multipart import CONTENT_TYPE, body, part

WORDS = part(b'{"text": "Vu."}', name="message", filename=None)


def raw(*parts: bytes) -> dict[str, Any]:
    return {"data": body(*parts), "content_type": CONTENT_TYPE}


def path_of(message: Any, file: int = 0) -> str:
    return f"/messages/{message['id']}/files/{message['attachments'][file]['id']}"


def found(people: People, sha256: str, scan: Scan) -> None:
    """What the scanner says of a content."""
    with db.transaction(people.parts.sessions) as session:
        scanned_as(session, sha256, scan)


def test_a_message_comes_with_its_files(people: People, dossier: Dossier) -> None:
    sent = enclose(
        people.editor, dossier, ("a.pdf", b"un"), ("b.txt", b"deux"), item=OLD_IDENTITY, text="Vu."
    )
    assert read(people.verifier, dossier) == [sent]
    assert (sent["text"], sent["code"]) == ("Vu.", OLD_IDENTITY)
    assert [(one["filename"], one["size"], one["sha256"]) for one in sent["attachments"]] == [
        ("a.pdf", 2, hashlib.sha256(b"un").hexdigest()),
        ("b.txt", 4, hashlib.sha256(b"deux").hexdigest()),
    ]


def test_the_other_side_reads_them_whole_or_in_parts(people: People, dossier: Dossier) -> None:
    sent = enclose(people.verifier, dossier, ("relevé.pdf", b"0123456789"))
    whole = people.editor.send("GET", path_of(sent))
    assert (whole.status_code, whole.data) == (200, b"0123456789")
    assert whole.headers["X-Scan"] == "unscanned"
    assert whole.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert whole.headers["Content-Disposition"] == "attachment; filename*=UTF-8''relev%C3%A9.pdf"
    part = people.editor.send("GET", path_of(sent), headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.data) == (206, b"234")


def test_a_file_is_told_and_served_as_what_it_is_and_not_as_what_it_says(
    people: People, dossier: Dossier
) -> None:
    sent = enclose(people.editor, dossier, ("page.html", b"un texte, et rien d'autre"))
    (file,) = sent["attachments"]
    assert (file["media_type"], file["detected_type"]) == ("text/html", "text/plain")
    assert file["remarks"]
    assert people.verifier.send("GET", path_of(sent)).content_type == "text/plain"


def test_a_form_sent_twice_with_one_key_is_one_message(people: People, dossier: Dossier) -> None:
    headers = {"Idempotency-Key": f"form-{dossier.id}"}
    sent = [
        people.editor.send(
            "POST", f"{dossier.path}/messages", headers, **form({"text": "Vu."}, ("a.txt", content))
        )
        for content in (b"un", b"un", b"deux")
    ]
    assert [one.status_code for one in sent] == [201, 201, 422], "another file is another message"
    assert sent[0].json == sent[1].json
    assert len(read(people.editor, dossier)) == 1


def test_the_journal_names_the_files(people: People, dossier: Dossier) -> None:
    enclose(people.editor, dossier, ("a.pdf", b"un"))
    detail = dossier.timeline()[-1]["detail"]
    assert detail["files"] == [{"name": "a.pdf", "sha256": hashlib.sha256(b"un").hexdigest(), "size": 2}]


def test_a_form_may_have_no_file(people: People, dossier: Dossier) -> None:
    assert enclose(people.editor, dossier)["attachments"] == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (raw(part(b"un"), WORDS), 400),
        (form({"text": "Vu."}, ("vide.txt", b"")), 422),
        (raw(WORDS, part(b"x" * (2**20 + 1))), 413),
        (form({"text": "Vu."}, ("a.txt", b"un"), ("installer.sh", b"#!/bin/sh\nrm -rf /\n")), 422),
        (raw(part(b"{", name="message", filename=None), part(b"un")), 400),
        (raw(WORDS, part(b"un")) | {"data": body(WORDS, part(b"un"))[:-10]}, 400),
    ],
    ids=["file first", "empty file", "too large", "a program", "no JSON", "cut short"],
)
def test_a_form_that_cannot_be_kept_whole_leaves_no_message(
    people: People, dossier: Dossier, sent: dict[str, Any], status: int
) -> None:
    people.editor.refused(status, "POST", f"{dossier.path}/messages", **sent)
    assert read(people.editor, dossier) == []


def test_a_form_of_somebody_without_the_right_is_refused_before_its_files_are_kept(
    people: People, dossier: Dossier
) -> None:
    sent = form({"text": "Vu."}, ("a.pdf", b"nobody keeps it"))
    people(Role.INTEGRATION).refused(403, "POST", f"{dossier.path}/messages", **sent)
    assert people.parts.vault.storage.size(hashlib.sha256(b"nobody keeps it").hexdigest()) is None


def test_another_organisation_reads_no_file(people: People, dossier: Dossier) -> None:
    sent = enclose(people.editor, dossier, ("a.pdf", b"un"))
    people(Role.EDITOR, organisation="Logiciels Mistral").refused(404, "GET", path_of(sent))


def test_a_file_is_in_its_own_message_only(people: People, dossier: Dossier) -> None:
    sent, other = enclose(people.editor, dossier, ("a.pdf", b"un")), write(people.editor, dossier)
    file = sent["attachments"][0]["id"]
    people.editor.refused(404, "GET", f"/messages/{other['id']}/files/{file}")
    people.editor.refused(404, "GET", f"/messages/{sent['id']}/files/{NOBODY_S}")


@pytest.mark.parametrize(
    ("scan", "says"),
    [(Scan.PENDING, "n'est pas terminée"), (Scan.MALWARE, "quarantaine"), (Scan.UNSCANNABLE, "accepter")],
)
def test_a_file_is_shown_as_what_the_scanner_found_and_not_served(
    people: People, dossier: Dossier, scan: Scan, says: str
) -> None:
    sent = enclose(people.editor, dossier, ("a.pdf", scan.value.encode()))
    found(people, sent["attachments"][0]["sha256"], scan)
    (shown,) = read(people.verifier, dossier)
    assert shown["attachments"][0]["scan"] == scan.value
    for reader in (people.verifier, people.editor):
        assert says in reader.refused(409, "GET", path_of(sent))["detail"]


def test_what_could_not_be_scanned_is_read_once_a_verifier_accepted_it(
    people: People, dossier: Dossier
) -> None:
    sent = enclose(people.editor, dossier, ("video.mp4", b"une longue video"))
    found(people, sent["attachments"][0]["sha256"], Scan.UNSCANNABLE)
    accept = f"{path_of(sent)}/acceptance"
    people.editor.refused(403, "POST", accept, json={"reason": "Nous l'avons faite."})
    shown = people.verifier.post(accept, {"reason": "Source connue."}, status=200)
    assert shown["attachments"][0]["accepted_reason"] == "Source connue."
    response = people.verifier.send("GET", path_of(sent))
    assert (response.status_code, response.headers["X-Scan"]) == (200, "unscannable")


def test_what_a_message_carries_is_no_orphan(people: People, dossier: Dossier) -> None:
    if os.environ.get("REFERENCING_TEST_S3_URL"):
        pytest.skip("the files are in a store of objects")
    storage, folder = people.parts.vault.storage, Path(people.parts.settings.files)
    carried = enclose(people.editor, dossier, ("a.pdf", b"carried"))["attachments"][0]["sha256"]
    orphan = storage.store(io.BytesIO(b"orphan")).sha256
    with db.transaction(people.parts.sessions) as session:
        long_ago = (db.now(session) - GRACE - timedelta(hours=1)).timestamp()
    for sha256 in (carried, orphan):
        os.utime(next(folder.rglob(sha256)), (long_ago, long_ago))
    sweep(people.parts.sessions, storage, is_unfinished)
    assert (storage.size(carried), storage.size(orphan)) == (7, None)
