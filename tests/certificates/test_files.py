"""The file of a certificate goes the way of a proof's: streamed, examined, scanned; and who reads it."""

import hashlib
import io
import json
from typing import Any

import pytest

from referencing.base import db
from referencing.base.permissions import Role
from referencing.catalogue.proposals import ProofKind
from referencing.files.models import Scan
from tests.builders import scanned_as, statements
from tests.candidatures.dossiers import Dossier, People
from tests.certificates.conftest import COMPONENT
from tests.clients import Client
from tests.contents import content_for

WORDS = {"kind": "CNDA-DMP", "holder": COMPONENT, "number": "2026-1", "valid_from": "2026-01-01"}
SCANNED = content_for(ProofKind.CERTIFICATE, b"un")


@pytest.fixture
def counter(dossier: Dossier) -> Client:
    """An integration that may enter certificates of the dossier's software."""
    client = dossier.people(Role.INTEGRATION, "Guichet", "CNDA")
    dossier.allow(client)
    return client


def place(dossier: Dossier) -> str:
    return f"/softwares/{dossier.read()['software']}/certificates"


def enclosed(*files: tuple[str, bytes], **changes: Any) -> dict[str, Any]:
    return {
        "certificate": json.dumps({**WORDS, **changes}),
        "file": [(io.BytesIO(content), name) for name, content in files],
    }


def test_a_certificate_comes_with_its_file(dossier: Dossier, counter: Client) -> None:
    entered = counter.expect(201, counter.send("POST", place(dossier), data=enclosed(SCANNED)))
    (file,) = entered["files"]
    assert [file["filename"], file["detected_type"], file["scan"]] == ["preuve.png", "image/png", "unscanned"]
    path = f"/certificates/{entered['id']}/files/{file['id']}"
    for reader in (counter, dossier.people.editor, dossier.people.verifier, dossier.people.lead):
        assert reader.send("GET", path).data == SCANNED[1]
    assert dossier.people.editor.send("GET", path, headers={"Range": "bytes=0-3"}).data == SCANNED[1][:4]


def test_what_is_sent_twice_with_a_key_is_entered_once(dossier: Dossier, counter: Client) -> None:
    first, second = (
        counter.send("POST", place(dossier), data=enclosed(SCANNED), headers={"Idempotency-Key": "k"})
        for _ in range(2)
    )
    assert [first.status_code, second.data] == [201, first.data]


def test_a_file_that_no_certificate_can_be_is_refused_and_nothing_is_entered(
    dossier: Dossier, counter: Client
) -> None:
    problem = counter.refused(422, "POST", place(dossier), data=enclosed(("essai.exe", b"MZ" + bytes(60))))
    assert [one["pointer"] for one in problem["errors"]] == ["/file/0"]
    assert counter.get("/certificates")["items"] == []


def test_files_are_added_later(dossier: Dossier, counter: Client) -> None:
    entered = counter.post(place(dossier), WORDS)
    added = counter.upload(
        f"/certificates/{entered['id']}/files", SCANNED, content_for(ProofKind.CERTIFICATE, b"2")
    )
    assert [one["filename"] for one in added["files"]] == ["preuve.png", "preuve.png"]
    again = counter.upload(f"/certificates/{entered['id']}/files", content_for(ProofKind.CERTIFICATE, b"3"))
    assert again["files"][:2] == added["files"]


def test_a_correction_keeps_the_files(dossier: Dossier, counter: Client) -> None:
    entered = counter.expect(201, counter.send("POST", place(dossier), data=enclosed(SCANNED)))
    words = {**WORDS, "number": "2026-2", "reason": "Coquille."}
    corrected = counter.post(f"/certificates/{entered['id']}/correction", words, status=200)
    assert corrected["number"] == "2026-2"
    assert [one["sha256"] for one in corrected["files"]] == [one["sha256"] for one in entered["files"]]
    old = counter.get(f"/certificates/{entered['id']}")
    assert [old["replaced_by"], old["revoked_on"]] == [corrected["id"], "2026-03-02"]
    counter.refused(409, "POST", f"/certificates/{entered['id']}/correction", json=words)
    counter.refused(
        409, "POST", f"/certificates/{entered['id']}/files", data={"file": (io.BytesIO(b"x"), "x")}
    )


def test_a_wrong_file_is_replaced_by_a_correction(dossier: Dossier, counter: Client) -> None:
    wrong, kept, right = (content_for(ProofKind.CERTIFICATE, word) for word in (b"wrong", b"kept", b"right"))
    entered = counter.expect(201, counter.send("POST", place(dossier), data=enclosed(wrong, kept)))
    address, words = f"/certificates/{entered['id']}/correction", {**WORDS, "reason": "Mauvais fichier."}
    unknown = {**words, "without_files": [entered["id"]]}
    problem = counter.refused(422, "POST", address, json=unknown)
    assert [error["pointer"] for error in problem["errors"]] == ["/without_files/0"]
    corrected = counter.post(address, {**words, "without_files": [entered["files"][0]["id"]]}, status=200)
    whole = counter.upload(f"/certificates/{corrected['id']}/files", right)
    digests = [hashlib.sha256(content).hexdigest() for _, content in (kept, right)]
    assert [file["sha256"] for file in whole["files"]] == digests
    assert counter.get(f"/certificates/{entered['id']}")["files"] == entered["files"]


def test_what_could_not_be_scanned_is_accepted_by_a_verifier(dossier: Dossier, counter: Client) -> None:
    entered = counter.expect(201, counter.send("POST", place(dossier), data=enclosed(SCANNED)))
    (file,) = entered["files"]
    path = f"/certificates/{entered['id']}/files/{file['id']}"
    with db.transaction(dossier.people.parts.sessions) as session:
        scanned_as(session, file["sha256"], Scan.MALWARE)
    dossier.people.verifier.refused(409, "GET", path)
    with db.transaction(dossier.people.parts.sessions) as session:
        scanned_as(session, file["sha256"], Scan.UNSCANNABLE)
    dossier.people.verifier.refused(409, "GET", path)
    dossier.people.lead.refused(403, "POST", f"{path}/acceptance", json={"reason": "Lu."})
    dossier.people.verifier.post(f"{path}/acceptance", {"reason": "Lu."}, status=200)
    assert dossier.people.verifier.send("GET", path).status_code == 200


def test_nobody_else_finds_it(people: People, dossier: Dossier, counter: Client) -> None:
    entered = counter.expect(201, counter.send("POST", place(dossier), data=enclosed(SCANNED)))
    path = f"/certificates/{entered['id']}"
    colleague = people(Role.INTEGRATION, "Autre guichet", "CNDA")
    dossier.allow(colleague)
    for stranger in (people(Role.EDITOR, "Zoé", "Mistral Santé"), colleague):
        for below in ("", f"/files/{entered['files'][0]['id']}"):
            stranger.refused(404, "GET", f"{path}{below}")
        assert stranger.get("/certificates")["items"] == []
    words = {**WORDS, "reason": "À moi."}
    colleague.refused(404, "POST", f"{path}/correction", json=words)
    people.editor.refused(403, "POST", f"{path}/correction", json=words)


def test_a_revoked_permission_hides_what_was_entered(dossier: Dossier, counter: Client) -> None:
    entered = counter.post(place(dossier), WORDS)
    permission = dossier.allow(counter)
    dossier.people.editor.send("DELETE", f"{dossier.path}/permissions/{permission['id']}")
    counter.refused(404, "GET", f"/certificates/{entered['id']}")
    counter.refused(404, "POST", f"/certificates/{entered['id']}/correction", json={**WORDS, "reason": "x"})


def test_a_longer_list_is_read_in_as_many_statements_and_goes_on(dossier: Dossier) -> None:
    lead, counts = dossier.people.lead, []
    for number in range(5):
        sent = lead.send("POST", place(dossier), data=enclosed(SCANNED, number=str(number)))
        assert sent.status_code == 201
        with statements(dossier.people.parts.engine) as counted:
            lead.get("/certificates")
        counts.append(len(counted))
    assert counts[1:] == counts[:-1]
    numbers = [one["number"] for one in lead.every("/certificates?limit=2&kind=CNDA-DMP")]
    assert numbers == [str(number) for number in range(5)]


@pytest.mark.parametrize(
    ("holder", "held_by"), [("NIL-ALIZÉ", "software"), (COMPONENT, "component"), ("DMP-Box 2.1", "unknown")]
)
def test_whose_it_is_is_told_so_that_a_slip_shows(dossier: Dossier, holder: str, held_by: str) -> None:
    entered = dossier.people.lead.post(place(dossier), {**WORDS, "holder": holder})
    assert entered["held_by"] == held_by


def test_what_ends_soon_is_found(dossier: Dossier) -> None:
    lead = dossier.people.lead
    for until in ("2026-03-02", "2026-03-03", "2026-04-01", None):
        lead.post(place(dossier), {**WORDS, "number": str(until), "valid_until": until})
    soon = lead.get("/certificates?ends_before=2026-04-01")["items"]
    assert [one["number"] for one in soon] == ["2026-03-03"]
