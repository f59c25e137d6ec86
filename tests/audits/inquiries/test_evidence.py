"""Files of an audit go through the vault as proofs do; each side adds to what it may, and reads what it was told of."""

import hashlib
from typing import Any

import pytest

from referencing.base import db
from referencing.base.permissions import Role
from referencing.files.models import Scan
from tests.audits.inquiry import Inquiry, form
from tests.builders import scanned_as
from tests.candidatures.dossiers import ALIZE

NOTE = ("note.txt", "Relevé des écrans.".encode())


def path_of(file: Any) -> str:
    return f"/evidence/{file['id']}"


@pytest.fixture
def raised(inquiry: Inquiry) -> Any:
    return inquiry.notified("majeure")[0]


def test_an_auditor_adds_files_about_anything(inquiry: Inquiry, raised: Any) -> None:
    sampled = inquiry.sample()[0]
    whole = inquiry.add(inquiry.auditor, NOTE, ("b.txt", b"deux"), comment="Lot 1.")
    about = inquiry.add(inquiry.auditor, NOTE, sampled=sampled["id"])
    assert [one["filename"] for one in whole] == ["note.txt", "b.txt"]
    assert (whole[0]["comment"], whole[0]["by"], about[0]["sampled"]) == ("Lot 1.", "Ada", sampled["id"])
    listed = list(inquiry.auditor.every(f"{inquiry.path}/evidence?limit=1"))
    assert listed == [*whole, *about]
    served = inquiry.auditor.send("GET", path_of(whole[1]), headers={"Range": "bytes=1-2"})
    assert (served.status_code, served.data) == (206, b"eu")


def test_a_conflict_of_interest_closes_an_audit_until_a_reason_is_given(
    inquiry: Inquiry, raised: Any
) -> None:
    auditor = inquiry.auditor
    (file,) = inquiry.add(auditor, NOTE)
    inquiry.propose(raised)
    paths = [inquiry.path, f"{inquiry.path}/sample", f"{inquiry.path}/export", path_of(file)]
    paths += [f"{inquiry.path}/timeline", f"/nonconformities/{raised['id']}"]
    assert {auditor.send("GET", path).status_code for path in paths} == {200}
    words = {"organisation": ALIZE, "verifier": auditor.get("/me")["id"]}
    declared = auditor.post("/conflicts", words)
    assert {auditor.send("GET", path).status_code for path in paths} == {403}
    assert auditor.get("/audits")["items"] == auditor.get("/action-plans")["items"] == []
    auditor.post(f"/conflicts/{declared['id']}/reading", {"reason": "Recours de l'éditeur"}, 200)
    assert {auditor.send("GET", path).status_code for path in paths} == {200}
    found = {"requirement": "INS.01", "severity": "mineure", "description": "Lu à tort."}
    refused = auditor.refused(403, "POST", f"{inquiry.path}/nonconformities", json=found)
    assert "un collègue en juge" in refused["detail"]
    reads = auditor.get("/reads")["items"]
    assert {(read["kind"], read["by"]) for read in reads} == {("evidence", "Ada"), ("export", "Ada")}


def test_an_editor_shows_what_it_did(inquiry: Inquiry, raised: Any) -> None:
    plan = inquiry.propose(raised)
    (file,) = inquiry.add(inquiry.editor, NOTE, plan=plan["id"])
    assert inquiry.auditor.send("GET", path_of(file)).data == NOTE[1]
    assert (file["sha256"], file["by"]) == (hashlib.sha256(NOTE[1]).hexdigest(), "Camille")
    assert inquiry.told()[-1] == "evidence.added"


def test_an_editor_reads_what_it_was_told_of_and_nothing_else(inquiry: Inquiry) -> None:
    inquiry.open()
    raised = inquiry.raise_()
    (hidden,) = inquiry.add(inquiry.auditor, NOTE)
    (of_sample,) = inquiry.add(inquiry.auditor, NOTE, sampled=inquiry.sample()[0]["id"])
    (shown,) = inquiry.add(inquiry.auditor, NOTE, nonconformity=raised["id"])
    assert inquiry.editor.get(f"{inquiry.path}/evidence")["items"] == []
    inquiry.find_all()
    inquiry.do("notification")
    (found,) = inquiry.editor.get(f"{inquiry.path}/evidence")["items"]
    assert (found["id"], found["by"]) == (shown["id"], "agence")
    assert inquiry.editor.send("GET", path_of(shown)).status_code == 200
    for one in (hidden, of_sample):
        inquiry.editor.refused(404, "GET", path_of(one))
    assert "evidence.added" not in inquiry.told(), "it was told of nothing that it could read then"


def test_the_read_log_of_an_editor_tells_neither_of_an_audit_to_come_nor_of_the_agencys_files(
    inquiry: Inquiry,
) -> None:
    (of_agency,) = inquiry.add(inquiry.auditor, NOTE)
    paths = [path_of(of_agency), f"{inquiry.path}/export"]
    assert {inquiry.auditor.send("GET", path).status_code for path in paths} == {200}
    about = {inquiry.id, of_agency["id"]}
    assert about == {read["file"] for read in inquiry.auditor.get("/reads")["items"]} & about
    assert not [read for read in inquiry.editor.get("/reads")["items"] if read["file"] in about]
    inquiry.open()
    assert [read["kind"] for read in inquiry.editor.get("/reads")["items"] if read["file"] in about] == [
        "export"
    ]


def test_an_editor_says_what_its_files_are_about(inquiry: Inquiry, raised: Any) -> None:
    inquiry.editor.refused(403, "POST", f"{inquiry.path}/evidence", **form({}, NOTE))
    sampled = inquiry.sample()[0]["id"]
    inquiry.editor.refused(403, "POST", f"{inquiry.path}/evidence", **form({"sampled": sampled}, NOTE))
    two = {"nonconformity": raised["id"], "plan": inquiry.propose(raised)["id"]}
    inquiry.editor.refused(422, "POST", f"{inquiry.path}/evidence", **form(two, NOTE))


def test_who_may_not_add_is_refused_before_the_files_are_kept(inquiry: Inquiry, raised: Any) -> None:
    content = b"nobody keeps it"
    sent = form({"nonconformity": raised["id"]}, ("a.txt", content))
    stranger = inquiry.people(Role.EDITOR, organisation="Logiciels du Mistral")
    stranger.refused(404, "POST", f"{inquiry.path}/evidence", **sent)
    sent = form({}, ("a.txt", content))
    inquiry.lead.refused(403, "POST", f"{inquiry.path}/evidence", **sent)
    vault = inquiry.people.parts.vault
    assert vault.storage.size(hashlib.sha256(content).hexdigest()) is None


@pytest.mark.parametrize(
    ("files", "status"),
    [([], 422), ([("vide.txt", b"")], 422), ([("installer.sh", b"#!/bin/sh\nrm -rf /\n")], 422)],
    ids=["none", "empty", "a program"],
)
def test_what_cannot_be_kept_leaves_nothing(
    inquiry: Inquiry, raised: Any, files: list[tuple[str, bytes]], status: int
) -> None:
    inquiry.auditor.refused(status, "POST", f"{inquiry.path}/evidence", **form({}, *files))
    assert inquiry.auditor.get(f"{inquiry.path}/evidence")["items"] == []


def test_a_form_sent_twice_with_one_key_is_kept_once(inquiry: Inquiry) -> None:
    inquiry.open()
    path, headers = f"{inquiry.path}/evidence", {"Idempotency-Key": "k"}
    first, again = (inquiry.auditor.send("POST", path, headers, **form({}, NOTE)) for _ in range(2))
    assert (first.status_code, first.json) == (201, again.json)
    assert len(inquiry.auditor.get(path)["items"]) == 1


def test_what_was_not_scanned_is_read_by_who_takes_it_on_themselves(inquiry: Inquiry) -> None:
    inquiry.open()
    (file,) = inquiry.add(inquiry.auditor, ("scellé.txt", b"chiffre"))
    with db.transaction(inquiry.people.parts.sessions) as session:
        scanned_as(session, file["sha256"], Scan.UNSCANNABLE)
    inquiry.auditor.refused(409, "GET", path_of(file))
    words = {"reason": "Archive chiffrée remise sous scellé."}
    inquiry.lead.refused(403, "POST", f"{path_of(file)}/acceptance", json=words)
    accepted = inquiry.auditor.post(f"{path_of(file)}/acceptance", words, 200)
    assert accepted["accepted_reason"] == words["reason"]
    assert inquiry.auditor.send("GET", path_of(file)).data == b"chiffre"


def test_once_the_audit_is_closed_nothing_is_added(inquiry: Inquiry) -> None:
    inquiry.open().find_all()
    inquiry.do("closing", {"conclusions": "Rien à redire."})
    inquiry.auditor.refused(409, "POST", f"{inquiry.path}/evidence", **form({}, NOTE))
