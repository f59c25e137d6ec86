"""Nothing is read before it is scanned, where a scanner is configured: against a real clamd."""

import io
import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from referencing.base.jobs import MOST_ATTEMPTS, schedule
from referencing.base.outgoing.clamd import Clamd, ScannerUnavailable, ScanVerdict
from referencing.base.permissions import Role
from referencing.registers import periods
from tests.clients import Client, escaped
from tests.conftest import Time, parts
from tests.files.scanning.dossier import Dossier, draft, drafted_by
from tests.messages.exchange import form

pytestmark = pytest.mark.services

#: In two halves, so that the source of this test is not itself taken for the test virus.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*"
MIB = 1024**2


@pytest.fixture
def clamd() -> Clamd:
    url = os.environ.get("REFERENCING_TEST_CLAMD_URL")
    if url is None:
        pytest.skip("no clamd is started: REFERENCING_TEST_CLAMD_URL is not set")
    return Clamd.of(url)


@pytest.fixture
def scanned(app: Flask, clamd: Clamd) -> Flask:
    """The application, with a scanner."""
    vault = replace(parts(app).vault, scanner=clamd)
    app.extensions["referencing"] = replace(parts(app), vault=vault)
    return app


@pytest.fixture
def dossier(scanned: Flask, as_: Callable[..., Client]) -> Dossier:
    return draft(as_)


def zipped(content: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("journal.txt", content)
    return archive.getvalue()


def scan_of(dossier: Dossier, proof: dict[str, Any]) -> str:
    found: str = dossier.editor.get(f"/proofs/{proof['id']}")["files"][0]["scan"]
    return found


def enclosed(dossier: Dossier, content: bytes) -> str:
    """The address of a file that came with a message."""
    request = form({"text": "Ci-joint."}, ("journal.txt", content))
    response = dossier.editor.send("POST", f"/candidatures/{dossier.id}/messages", **request)
    message = dossier.editor.expect(201, response)
    return f"/messages/{message['id']}/files/{message['attachments'][0]['id']}"


def test_a_clean_file_is_read_once_it_was_scanned(dossier: Dossier, jobs: Callable[[], int]) -> None:
    proof = dossier.supply(b"un journal de tests")
    path = f"/proofs/{proof['id']}/files/{proof['files'][0]['id']}"
    assert "n'est pas terminée" in dossier.editor.refused(409, "GET", path)["detail"]
    jobs()
    assert scan_of(dossier, proof) == "clean"
    response = dossier.editor.send("GET", path)
    assert (response.data, response.headers["X-Scan"]) == (b"un journal de tests", "clean")


@pytest.mark.parametrize("content", [EICAR, zipped(EICAR)], ids=["plain", "zipped"])
def test_malware_is_quarantined_and_the_editor_told(
    dossier: Dossier, jobs: Callable[[], int], content: bytes
) -> None:
    proof = dossier.supply(content)
    jobs()
    assert scan_of(dossier, proof) == "malware"
    path = f"/proofs/{proof['id']}/files/{proof['files'][0]['id']}"
    assert "quarantaine" in dossier.editor.refused(409, "GET", path)["detail"]
    item = dossier.editor.get(f"/candidatures/{dossier.id}/items/{escaped(dossier.item)}")
    assert item["state"] == "required"
    told = [event["action"] for event in dossier.editor.every(f"/candidatures/{dossier.id}/timeline")]
    assert told[-1] == "proof.quarantined"


def test_malware_in_a_message_is_shown_as_such_and_not_served(
    dossier: Dossier, jobs: Callable[[], int], as_: Callable[..., Client]
) -> None:
    sent = enclosed(dossier, EICAR)
    dossier.submit()
    jobs()
    (message,) = as_(Role.VERIFIER).get(f"/candidatures/{dossier.id}/messages")["items"]
    assert message["attachments"][0]["scan"] == "malware"
    problem = as_(Role.LEAD).refused(409, "GET", sent)
    assert "quarantaine" in problem["detail"]


def test_an_attachment_is_read_once_it_was_scanned(dossier: Dossier, jobs: Callable[[], int]) -> None:
    sent = enclosed(dossier, b"un journal de tests")
    assert "n'est pas terminée" in dossier.editor.refused(409, "GET", sent)["detail"]
    jobs()
    response = dossier.editor.send("GET", sent)
    assert (response.data, response.headers["X-Scan"]) == (b"un journal de tests", "clean")


def test_what_is_larger_than_the_scanner_reads_waits_for_a_verifier(
    scanned: Flask, dossier: Dossier, jobs: Callable[[], int], as_: Callable[..., Client]
) -> None:
    vault = replace(parts(scanned).vault, largest_scanned=1000)
    scanned.extensions["referencing"] = replace(parts(scanned), vault=vault)
    proof = dossier.supply(b"x" * 1001)
    jobs()
    assert scan_of(dossier, proof) == "unscannable"
    path = f"/proofs/{proof['id']}/files/{proof['files'][0]['id']}"
    assert "accepter" in dossier.editor.refused(409, "GET", path)["detail"]
    dossier.editor.refused(403, "POST", f"{path}/acceptance", json={"reason": "Vidéo de 2 Go."})
    dossier.submit()
    verifier = as_(Role.VERIFIER)
    verifier.refused(422, "POST", f"{path}/acceptance", json={"reason": " "})
    verifier.post(f"{path}/acceptance", {"reason": "Vidéo de 2 Go, source connue."}, status=200)
    assert verifier.send("GET", path).headers["X-Scan"] == "unscannable"


def test_a_scanner_that_stays_down_makes_a_file_unscannable_never_clean(
    scanned: Flask, dossier: Dossier, jobs: Callable[[], int], time: Time
) -> None:
    vault = replace(parts(scanned).vault, scanner=Clamd(("127.0.0.1", 1)))
    scanned.extensions["referencing"] = replace(parts(scanned), vault=vault)
    proof = dossier.supply(b"un journal")
    seen = []
    for _ in range(MOST_ATTEMPTS):
        jobs()
        seen.append(scan_of(dossier, proof))
        time.pass_days(1)
    assert seen == ["pending"] * (MOST_ATTEMPTS - 1) + ["unscannable"]


def test_what_came_before_there_was_a_scanner_is_scanned_in_its_turn(
    app: Flask, clamd: Clamd, as_: Callable[..., Client], jobs: Callable[[], int]
) -> None:
    dossier = draft(as_)
    proof = dossier.supply(b"un journal")
    assert scan_of(dossier, proof) == "unscanned"
    app.extensions["referencing"] = replace(parts(app), vault=replace(parts(app).vault, scanner=clamd))
    path = f"/proofs/{proof['id']}/files/{proof['files'][0]['id']}"
    dossier.editor.refused(409, "GET", path)
    schedule(parts(app).sessions, periods())
    jobs()
    assert dossier.editor.send("GET", path).headers["X-Scan"] == "clean"


def test_what_came_again_while_there_was_no_scanner_is_scanned_in_its_turn(
    scanned: Flask, dossier: Dossier, jobs: Callable[[], int]
) -> None:
    dossier.supply(b"un journal")
    jobs()
    without = replace(parts(scanned), vault=replace(parts(scanned).vault, scanner=None))
    with_scanner, scanned.extensions["referencing"] = parts(scanned), without
    proof = dossier.supply(b"un journal")
    jobs()
    scanned.extensions["referencing"] = with_scanner
    path = f"/proofs/{proof['id']}/files/{proof['files'][0]['id']}"
    dossier.editor.refused(409, "GET", path)
    schedule(parts(scanned).sessions, periods())
    jobs()
    assert dossier.editor.send("GET", path).headers["X-Scan"] == "clean"


@pytest.mark.parametrize(("content", "state"), [(b"un journal commun", "clean"), (EICAR, "malware")])
def test_who_sends_what_another_has_waits_as_for_what_nobody_has(
    dossier: Dossier, jobs: Callable[[], int], as_: Callable[..., Client], content: bytes, state: str
) -> None:
    first = dossier.supply(content)
    jobs()
    rival = drafted_by(as_(Role.EDITOR, organisation="Logiciels Mistral"))
    second = rival.supply(content)
    assert [scan_of(rival, second), scan_of(dossier, first)] == ["pending", state]
    path = f"/proofs/{second['id']}/files/{second['files'][0]['id']}"
    assert "n'est pas terminée" in rival.editor.refused(409, "GET", path)["detail"]
    jobs()
    assert [scan_of(rival, second), scan_of(dossier, first)] == [state, state]


def test_clamd_says_what_is_beyond_its_own_limits(clamd: Clamd) -> None:
    piece = b"x" * MIB
    assert clamd.scan([piece] * 25).verdict is ScanVerdict.UNSCANNABLE
    assert clamd.scan([piece] * 40).verdict is ScanVerdict.UNSCANNABLE


def test_nobody_at_the_address_is_not_an_answer() -> None:
    with pytest.raises(ScannerUnavailable):
        Clamd(("127.0.0.1", 1)).scan([b"x"])
