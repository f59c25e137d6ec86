"""What a file is, is looked at before it is kept: refused with the reason, or kept with what is known of it."""

import gzip
import io
import json
import tracemalloc
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from flask import Flask

from referencing.base.errors import Invalid
from referencing.base.permissions import Role
from referencing.candidatures.tasks.models import Queue
from referencing.catalogue.proposals import ProofKind
from referencing.files import examination
from referencing.files.examination import examined
from referencing.files.inspection.acceptance import accepted_types
from referencing.files.operations import StoredFile
from storage.filesystem import FilesystemStorage
from storage.port import ObjectStorage, StorageFailure, Unavailable
from tests.builders import Asked
from tests.clients import Client, form
from tests.conftest import parts
from tests.contents import picture
from tests.files.inspection.numbers import with_key
from tests.files.inspection.samples import (
    EVTX,
    OOXML,
    PCAPNG,
    PROGRAM,
    encrypted_zip,
    heif,
    ooxml,
    pdf,
    png_header,
    zipped,
)
from tests.storage.streams import Repeated
from tests.web.conftest import Dossier, draft

MIB = 1 << 20
NUMBER = with_key("1840588321025")
OF_A_TEST = with_key("2800263220123")  # a rank that the village of the test patients cannot have
Draft = Callable[[ProofKind], Dossier]


@pytest.fixture
def asking_for(app: Flask, own_number: int) -> Draft:
    """A draft with one item, of that kind."""
    return lambda kind: draft(app, f"E{own_number}{kind.value[0]}", Asked("INS.1", kind=kind))


def refused(dossier: Dossier, *files: tuple[str, bytes]) -> Any:
    problem = dossier.editor.refused(422, "POST", dossier.slot, data=form(*files))
    assert dossier.editor.get(dossier.slot.removesuffix("/proofs"))["state"] == "required"
    return problem


def supplied(dossier: Dossier, *files: tuple[str, bytes]) -> Any:
    return dossier.editor.upload(dossier.slot, *files)["files"]


def test_a_program_under_the_name_of_a_video_is_refused(asking_for: Draft) -> None:
    problem = refused(asking_for(ProofKind.DEMONSTRATION), ("demo.mp4", PROGRAM))
    assert problem["detail"] == (
        "Le fichier « demo.mp4 » n'est pas accepté. Le contenu est un programme, un script ou un document à macros. "
        + accepted_types(ProofKind.DEMONSTRATION)
    )


@pytest.mark.parametrize(
    ("name", "content", "kind", "why"),
    [
        (
            "capture.png",
            png_header(50_000, 50_000),
            ProofKind.DEMONSTRATION,
            "trop de pixels (50000 × 50000)",
        ),
        ("journaux.zip", zipped({"a.log": b"x\n", "b.exe": PROGRAM}), ProofKind.LOG, "contient « b.exe »"),
        ("journaux.zip", zipped({"../a.log": b"x\n"}), ProofKind.LOG, "un chemin qui en sort"),
        ("journaux.gz", gzip.compress(bytes(100 * MIB)), ProofKind.LOG, "taux de compression anormal"),
        ("rapport.zip", encrypted_zip({"a.pdf": b"x"}), ProofKind.PENTEST, "protégée par un mot de passe"),
        ("rapport.pdf", pdf("x", password="secret"), ProofKind.PENTEST, "protégé par un mot de passe"),
    ],
    ids=["pixel flood", "program in an archive", "path", "bomb", "closed archive", "closed PDF"],
)
def test_what_is_refused_is_named_with_the_reason_and_with_what_is_accepted(
    asking_for: Draft, name: str, content: bytes, kind: ProofKind, why: str
) -> None:
    problem = refused(asking_for(kind), (name, content))
    assert problem["detail"].startswith(f"Le fichier « {name} » n'est pas accepté. ")
    assert why in problem["detail"]
    assert problem["detail"].count(accepted_types(kind)) == 1


@pytest.mark.parametrize(
    ("name", "content", "kind", "served_as"),
    [
        (
            "captures.docx",
            ooxml("word", {"word/media/1.png": picture(b"x")}),
            ProofKind.DEMONSTRATION,
            f"{OOXML}wordprocessingml.document",
        ),
        ("ecran.png", picture(b"x"), ProofKind.LOG, "image/png"),
        ("IMG_0001.HEIC", heif(), ProofKind.TEST_REPORT, "image/heic"),
        ("echanges.pcapng", PCAPNG, ProofKind.LOG, "application/x-pcapng"),
        ("Security.evtx", EVTX, ProofKind.LOG, "application/x-ms-evtx"),
        ("rapport.pdf", b"HTTP/1.1 200 OK\r\n\r\n" + pdf("x"), ProofKind.DOCUMENT, "application/pdf"),
    ],
    ids=["document", "screenshot", "telephone", "network", "Windows", "PDF behind headers"],
)
def test_what_editors_have_is_kept_and_served_as_what_it_is(
    asking_for: Draft, name: str, content: bytes, kind: ProofKind, served_as: str
) -> None:
    dossier = asking_for(kind)
    proof = dossier.editor.upload(dossier.slot, (name, content))
    path = f"/proofs/{proof['id']}/files/{proof['files'][0]['id']}"
    response = dossier.editor.send("GET", path)
    assert (response.data, response.content_type) == (content, served_as)


def test_of_several_files_each_that_is_refused_is_named_and_none_is_kept(
    app: Flask, asking_for: Draft
) -> None:
    dossier = asking_for(ProofKind.LOG)
    good = ("bon.log", b"2026-01-12 INFO un journal que personne d'autre n'envoie\n")
    problem = refused(dossier, good, ("a.log", PROGRAM), ("b.log", pdf("x")))
    assert "« a.log », « b.log »" in problem["detail"]
    assert [error["pointer"] for error in problem["errors"]] == ["/file/1", "/file/2"]
    assert ["« a.log »" in problem["errors"][0]["detail"], "« b.log »" in problem["errors"][1]["detail"]]
    one = refused(dossier, good, ("a.log", PROGRAM))
    assert [error["pointer"] for error in one["errors"]] == ["/file/1"]
    assert one["detail"] == one["errors"][0]["detail"]
    assert dossier.editor.get(dossier.slot.removesuffix("/proofs"))["proof"] is None
    # Another deposit may be naming the same content just now: only the sweep removes it.
    assert parts(app).vault.storage.size(sha256(good[1]).hexdigest()) == len(good[1])


def test_a_name_that_says_otherwise_is_remarked_and_the_content_decides_what_is_served(
    asking_for: Draft,
) -> None:
    dossier = asking_for(ProofKind.DEMONSTRATION)
    response = dossier.editor.send("POST", dossier.slot, data=form(("demo.mp4", picture(b"x"))))
    proof = response.json
    assert proof is not None
    (file,) = proof["files"]
    assert (file["media_type"], file["detected_type"]) == ("video/mp4", "image/png")
    assert file["remarks"][0] == "Le nom finit par « .mp4 », mais le contenu est une image."
    assert dossier.editor.get(f"/proofs/{proof['id']}")["files"] == [file]
    served = dossier.editor.send("GET", f"/proofs/{proof['id']}/files/{file['id']}")
    assert served.headers["Content-Type"] == "image/png"


@pytest.mark.parametrize(
    ("declared", "content", "served"),
    [
        ("text/plain; charset=latin-1", b"un journal\n", "text/plain; charset=latin-1"),
        ("application/octet-stream", b"un journal\n", "text/plain"),
        ("text/html", b"un journal\n", "text/plain"),
        ("image/png", bytes(range(256)) * 4, "application/octet-stream"),
    ],
    ids=["agreed", "nothing declared", "another", "unknown"],
)
def test_a_declared_type_is_served_where_the_content_agrees(
    asking_for: Draft, declared: str, content: bytes, served: str
) -> None:
    dossier = asking_for(ProofKind.OTHER)
    file = (io.BytesIO(content), "preuve", declared)
    proof = dossier.editor.expect(201, dossier.editor.send("POST", dossier.slot, data={"file": [file]}))
    path = f"/proofs/{proof['id']}/files/{proof['files'][0]['id']}"
    assert dossier.editor.send("GET", path).headers["Content-Type"] == served


def test_what_a_password_closes_is_kept_with_a_remark_where_it_may_be(asking_for: Draft) -> None:
    (file,) = supplied(asking_for(ProofKind.LOG), ("journaux.zip", encrypted_zip({"a.log": b"x"})))
    assert file["remarks"][0].startswith("Le contenu est protégé par un mot de passe")


def test_somebody_s_number_is_flagged_to_who_reads_and_shown_to_nobody(
    asking_for: Draft, as_: Callable[..., Client]
) -> None:
    dossier = asking_for(ProofKind.LOG)
    content = f"debut\nINS {NUMBER}\nINS {NUMBER}\n".encode()
    receipt = dossier.editor.upload(dossier.slot, ("serveur.log", content))
    (file,) = receipt["files"]
    assert file["identifiers"] == 1
    assert file["identifier_places"] == [
        {"kind": "nir", "masked": f"1************{NUMBER[-2:]}", "where": "ligne 2", "count": 2}
    ]
    assert any("n'apparaît dans le fichier" in remark for remark in file["remarks"])
    deposit = list(dossier.editor.every(f"{dossier.path}/timeline"))[-1]
    assert deposit["detail"]["identifiers"] == 1

    dossier.editor.post(f"{dossier.path}/submission", {"incomplete": True}, 200)
    as_(Role.LEAD).post(f"{dossier.path}/admissibility", {"outcome": "admissible"}, status=200)
    verifier = as_(Role.VERIFIER)
    task = next(
        one
        for one in verifier.every(f"/queues/{Queue.PROOF_REVIEW}/tasks")
        if one["candidature"] == dossier.path.rpartition("/")[2]
    )
    whole = verifier.get(f"/tasks/{task['id']}")
    assert (whole["identifiers"], whole["subject"]["proof"]["files"]) == (1, [file])
    assert NUMBER not in json.dumps([receipt, deposit, whole])


def test_a_number_in_a_name_is_masked_wherever_the_name_is_kept(asking_for: Draft) -> None:
    dossier = asking_for(ProofKind.LOG)
    receipt = dossier.editor.upload(dossier.slot, (f"patient {NUMBER}.log", b"x\n"))
    (file,) = receipt["files"]
    assert file["filename"] == f"patient 1************{NUMBER[-2:]}.log"
    assert file["remarks"][-1] == "Un numéro figurait dans le nom du fichier : il y est masqué."
    assert NUMBER not in json.dumps([receipt, list(dossier.editor.every(f"{dossier.path}/timeline"))])
    problem = refused(asking_for(ProofKind.PENTEST), (f"{NUMBER}.pdf", b"x\n"))
    assert NUMBER not in json.dumps(problem)


def test_a_test_patient_s_number_is_no_flag(asking_for: Draft) -> None:
    content = f"INS {OF_A_TEST}\n".encode()
    (file,) = supplied(asking_for(ProofKind.LOG), (f"{OF_A_TEST}.log", content))
    assert (file["identifiers"], file["identifier_places"], file["remarks"]) == (0, [], [])
    assert file["filename"] == f"{OF_A_TEST}.log"


# What every way of supplying calls.


@pytest.fixture
def storage(tmp_path: Path) -> FilesystemStorage:
    return FilesystemStorage(tmp_path)


def kept(storage: ObjectStorage, content: bytes, name: str, media_type: str = "") -> StoredFile:
    stored = storage.store(io.BytesIO(content))
    return StoredFile(name, media_type or "application/octet-stream", stored.sha256, stored.size)


def test_a_file_is_the_same_with_what_is_known_of_it(storage: FilesystemStorage) -> None:
    before = kept(storage, pdf("Bonjour"), "document.pdf", "application/pdf")
    after = examined(storage, before, ProofKind.DOCUMENT)
    assert (after.filename, after.sha256, after.size) == (before.filename, before.sha256, before.size)
    assert (after.detected_type, after.remarks, after.identifiers) == ("application/pdf", (), 0)


def test_a_large_file_takes_little_memory(storage: FilesystemStorage) -> None:
    stored = storage.store(Repeated(b"2026-01-12 INFO une ligne parmi d'autres\n" * 1_000, 64 * MIB))
    file = StoredFile("serveur.log", "text/plain", stored.sha256, stored.size)
    tracemalloc.start()
    try:
        examined(storage, file, ProofKind.LOG)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12 * MIB


def test_what_the_time_does_not_suffice_for_is_remarked(
    storage: FilesystemStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "SECONDS", 0.3)
    monkeypatch.setattr(examination, "AT_ONCE", None)
    stored = storage.store(Repeated(b"2026-01-12 INFO une ligne parmi d'autres\n" * 1_000, 64 * MIB))
    file = StoredFile("serveur.log", "text/plain", stored.sha256, stored.size)
    started = monotonic()
    after = examined(storage, file, ProofKind.LOG)
    assert monotonic() - started < 2
    assert after.remarks == ("Le fichier n'a pas été parcouru en entier.",)


def test_a_large_file_is_received_without_being_searched(storage: FilesystemStorage) -> None:
    stored = storage.store(Repeated(b"2026-01-12 INFO une ligne parmi d'autres\n" * 1_000, 256 * MIB))
    started = monotonic()
    after = examined(
        storage, StoredFile("serveur.log", "text/plain", stored.sha256, stored.size), ProofKind.LOG
    )
    assert monotonic() - started < 0.5  # read whole, it takes seconds
    assert not after.examined
    assert after.remarks == (examination.UNDER_WAY,)


def test_a_large_pdf_that_a_password_protects_is_refused_at_once(
    storage: FilesystemStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "AT_ONCE", 1_000)
    with pytest.raises(Invalid, match="mot de passe"):
        examined(
            storage, kept(storage, pdf("Bonjour" * 1_000, password="secret"), "a.pdf"), ProofKind.PENTEST
        )
    assert not examined(storage, kept(storage, pdf("Bonjour" * 1_000), "a.pdf"), ProofKind.PENTEST).examined


def test_a_content_that_is_gone_is_our_error_and_not_the_file_s(storage: FilesystemStorage) -> None:
    file = kept(storage, b"x\n", "a.log")
    storage.delete(file.sha256)
    with pytest.raises(StorageFailure):
        examined(storage, file, ProofKind.LOG)


class Failing(FilesystemStorage):
    """Fails beyond the beginning of a file, as a store does that is stopped meanwhile."""

    def read(self, sha256: str, *, start: int = 0, length: int | None = None) -> Any:
        if start:
            raise Unavailable("stopped")
        return super().read(sha256, start=start, length=length)


def test_a_storage_that_fails_under_a_parser_does_not_make_the_file_damaged(tmp_path: Path) -> None:
    storage = Failing(tmp_path)
    content = picture(bytes(3 * MIB))
    with pytest.raises(Unavailable):
        examined(storage, kept(storage, content, "capture.png", "image/png"), ProofKind.DEMONSTRATION)
