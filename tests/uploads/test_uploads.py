"""A large file comes in pieces: what was acknowledged stays, and the whole becomes a proof, once."""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from threading import Barrier, Thread
from time import monotonic, sleep
from uuid import UUID, uuid4

import pytest
from flask import Flask

from referencing.base import db
from referencing.base.jobs import enqueue
from referencing.files.upkeep import GRACE, sweep
from referencing.uploads import operations, queries
from referencing.uploads.queries import held, is_unfinished
from tests.conftest import Time, parts
from tests.uploads.conftest import CONTENT, LARGEST, MIB, QUOTA, Uploads

SHA256 = hashlib.sha256(CONTENT).hexdigest()
CUTS = [0, 1, 3 * MIB, 5 * MIB, 10 * MIB - 1, len(CONTENT)]


def test_the_server_says_what_it_understands(uploads: Uploads) -> None:
    response = uploads.client.send("OPTIONS", "/uploads")
    assert response.status_code == 204
    assert response.headers["Tus-Version"] == response.headers["Tus-Resumable"] == "1.0.0"
    assert set(response.headers["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "expiration",
        "checksum",
        "termination",
    }
    assert response.headers["Tus-Max-Size"] == str(LARGEST)
    assert response.headers["Tus-Checksum-Algorithm"] == "sha256,sha1,md5"


def test_a_file_in_pieces_is_one_proof_with_its_receipt(uploads: Uploads, jobs: Callable[[], int]) -> None:
    path = uploads.begin(len(CONTENT), sha256=SHA256, filetype="text/plain")
    for start, end in pairwise(CUTS):
        assert uploads.offset(path) == start
        assert uploads.write(path, start, CONTENT[start:end]) == end

    shown = uploads.shown(path)
    assert shown["state"] == "kept"
    (file,) = shown["receipt"]["files"]
    assert (file["filename"], file["size"], file["sha256"]) == ("journal d'été.log", len(CONTENT), SHA256)
    assert shown["receipt"]["journal_position"] > 0
    assert uploads.proof()["id"] == shown["receipt"]["id"]
    jobs()
    proof = uploads.client.send("GET", f"/proofs/{shown['receipt']['id']}/files/{file['id']}")
    assert hashlib.sha256(proof.data).hexdigest() == SHA256
    assert uploads.offset(path) == len(CONTENT)


def test_a_sum_in_capitals_as_windows_prints_it_is_the_same_sum(uploads: Uploads) -> None:
    path = uploads.begin(len(CONTENT), sha256=f"{SHA256.upper()}\r\n")
    uploads.write(path, 0, CONTENT)
    assert uploads.shown(path)["state"] == "kept"
    assert uploads.proof()["files"][0]["sha256"] == SHA256


def test_the_first_bytes_may_come_with_the_creation(uploads: Uploads) -> None:
    headers = uploads.creation(len(CONTENT))
    sent = CONTENT[: 6 * MIB]
    response = uploads.client.send(
        "POST", "/uploads", headers=headers, data=sent, content_type="application/offset+octet-stream"
    )
    assert response.status_code == 201
    assert response.headers["Upload-Offset"] == str(len(sent))
    path = response.headers["Location"].removeprefix("/api/v1")
    assert uploads.write(path, len(sent), CONTENT[len(sent) :]) == len(CONTENT)
    assert uploads.proof()["files"][0]["sha256"] == SHA256


def test_head_tells_how_far_it_is_and_what_was_said(uploads: Uploads) -> None:
    path = uploads.begin(100)
    response = uploads.head(path)
    assert (response.status_code, response.data) == (200, b"")
    assert (response.headers["Upload-Offset"], response.headers["Upload-Length"]) == ("0", "100")
    assert response.headers["Upload-Metadata"] == uploads.creation(100)["Upload-Metadata"]
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Upload-Expires"] == "Tue, 03 Mar 2026 09:00:00 GMT"


def test_a_wrong_offset_is_a_conflict_that_says_the_right_one(uploads: Uploads) -> None:
    path = uploads.begin(100)
    uploads.write(path, 0, b"x" * 10)
    for offset in (0, 9, 11):
        response = uploads.patch(path, offset, b"y" * 10)
        assert response.status_code == 409
        assert "octet 10" in response.get_json()["detail"]
    assert uploads.offset(path) == 10


def checksum(content: bytes, algorithm: str) -> dict[str, str]:
    digest = b64encode(hashlib.new(algorithm, content).digest()).decode()
    return {"Upload-Checksum": f"{algorithm} {digest}"}


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "md5"])
def test_bytes_that_are_not_what_was_announced_are_not_kept(uploads: Uploads, algorithm: str) -> None:
    path = uploads.begin(len(CONTENT), sha256=SHA256)
    uploads.write(path, 0, CONTENT[: 5 * MIB], **checksum(CONTENT[: 5 * MIB], algorithm))
    response = uploads.patch(
        path, 5 * MIB, b"X" + CONTENT[5 * MIB + 1 : 6 * MIB], **checksum(b"?", algorithm)
    )
    assert response.status_code == 460
    assert response.content_type == "application/problem+json"
    assert uploads.offset(path) == 5 * MIB
    assert uploads.write(path, 5 * MIB, CONTENT[5 * MIB :]) == len(CONTENT)
    assert uploads.proof()["files"][0]["sha256"] == SHA256


def test_a_whole_file_that_is_not_what_was_announced_is_no_proof(
    uploads: Uploads, jobs: Callable[[], int]
) -> None:
    path = uploads.begin(3, sha256=SHA256)
    response = uploads.patch(path, 0, b"abc")
    assert response.status_code == 460
    assert SHA256 in response.get_json()["detail"]
    assert uploads.proof() is None
    assert uploads.shown(path)["state"] == "refused"
    assert uploads.shown(path)["refusal"]["kind"] == "checksum-mismatch"
    assert uploads.head(path).status_code == 410
    assert uploads.patch(path, 3, b"").status_code == 410
    jobs()
    assert_nothing_is_left(uploads)


def assert_nothing_is_left(uploads: Uploads) -> None:
    vault = parts(uploads.client.http.application).vault
    with db.transaction(parts(uploads.client.http.application).sessions) as session:
        moment = db.now(session)
    assert vault.storage.discard_unfinished(moment + timedelta(days=1000)) == 0


def test_what_the_item_does_not_take_any_more_is_refused_at_the_end(uploads: Uploads) -> None:
    path = uploads.begin(10)
    uploads.write(path, 0, b"12345")
    uploads.client.post(f"/candidatures/{uploads.candidature}/withdrawal", status=200)
    response = uploads.patch(path, 5, b"67890")
    assert response.status_code == 409
    assert "retirée" in response.get_json()["detail"]
    assert uploads.shown(path)["refusal"]["detail"] == response.get_json()["detail"]


@pytest.mark.parametrize(("length", "status"), [(LARGEST + 1, 413), (0, 422)])
def test_what_is_too_large_or_empty_is_refused_before_it_is_sent(
    uploads: Uploads, length: int, status: int
) -> None:
    uploads.client.refused(status, "POST", "/uploads", headers=uploads.creation(length))


def test_an_organisation_has_a_quota_which_ending_an_upload_gives_back(
    uploads: Uploads, stranger: Uploads
) -> None:
    first = uploads.begin(QUOTA // 2)
    uploads.begin(QUOTA // 2)
    problem = uploads.client.refused(413, "POST", "/uploads", headers=uploads.creation(1))
    assert str(QUOTA) in problem["detail"]
    assert uploads.client.send("DELETE", first, headers=uploads.headers).status_code == 204
    uploads.begin(1)


@pytest.mark.parametrize("bound", ["MOST_OF_AN_ACCOUNT", "MOST_OF_AN_ORGANISATION"])
def test_no_more_than_so_many_uploads_are_begun_at_once(
    uploads: Uploads, bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, bound, 2)
    first = uploads.begin(3)
    uploads.begin(3)
    problem = uploads.client.refused(409, "POST", "/uploads", headers=uploads.creation(3))
    assert problem["detail"].startswith("Trop d'envois sont en cours (2 des vôtres, 2 de votre organisation)")
    uploads.write(first, 0, b"abc")  # a finished one is none of them
    uploads.begin(3)


def test_more_than_was_announced_is_refused(uploads: Uploads) -> None:
    path = uploads.begin(10)
    assert uploads.patch(path, 0, b"x" * 11).status_code == 413
    assert uploads.offset(path) == 0


def test_an_upload_expires_a_day_after_its_last_byte(
    uploads: Uploads, time: Time, jobs: Callable[[], int], app: Flask
) -> None:
    path = uploads.begin(10)
    time.now += timedelta(hours=23)
    uploads.write(path, 0, b"12345")
    time.now += timedelta(hours=23)
    assert uploads.offset(path) == 5
    time.now += timedelta(hours=2)
    assert uploads.head(path).status_code == 410
    assert uploads.patch(path, 5, b"67890").status_code == 410
    with db.transaction(parts(app).sessions) as session:
        enqueue(session, "expire_uploads")
    jobs()
    assert uploads.shown(path)["state"] == "expired"
    assert_nothing_is_left(uploads)


def test_an_upload_that_is_ended_is_gone(uploads: Uploads, jobs: Callable[[], int]) -> None:
    path = uploads.begin(len(CONTENT))
    uploads.write(path, 0, CONTENT[: 6 * MIB])
    assert uploads.client.send("DELETE", path, headers=uploads.headers).status_code == 204
    assert uploads.head(path).status_code == 410
    assert uploads.client.send("DELETE", path, headers=uploads.headers).status_code == 410
    jobs()
    assert_nothing_is_left(uploads)


def test_a_proof_is_not_ended_as_an_upload(uploads: Uploads) -> None:
    path = uploads.begin(3)
    uploads.write(path, 0, b"abc")
    assert uploads.client.send("DELETE", path, headers=uploads.headers).status_code == 409


def test_who_cannot_send_patch_says_so_in_a_post(uploads: Uploads) -> None:
    path = uploads.begin(3)
    headers = {**uploads.headers, "X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0"}
    response = uploads.client.send(
        "POST", path, headers=headers, data=b"abc", content_type="application/offset+octet-stream"
    )
    assert response.status_code == 204
    assert uploads.client.send("POST", path, headers=uploads.headers).status_code == 405


@pytest.mark.parametrize("version", [None, "0.2.2"])
def test_another_version_of_tus_is_refused(uploads: Uploads, version: str | None) -> None:
    headers = uploads.creation(3) | {"Tus-Resumable": version or ""}
    response = uploads.client.send("POST", "/uploads", headers=headers)
    assert response.status_code == 412
    assert response.headers["Tus-Version"] == "1.0.0"


def test_bytes_have_their_media_type(uploads: Uploads) -> None:
    path = uploads.begin(3)
    headers = {**uploads.headers, "Upload-Offset": "0"}
    uploads.client.refused(415, "PATCH", path, headers=headers, data=b"abc", content_type="text/plain")


@pytest.mark.parametrize(
    ("metadata", "pointer"),
    [
        ({"candidature": "x"}, "/candidature"),
        ({"item": ""}, "/item"),
        ({"sha256": "ABC"}, "/sha256"),
        ({"filename": " "}, "/filename"),
    ],
)
def test_metadata_are_told_what_to_correct(uploads: Uploads, metadata: dict[str, str], pointer: str) -> None:
    problem = uploads.client.refused(422, "POST", "/uploads", headers=uploads.creation(3, **metadata))
    assert [one["pointer"] for one in problem["errors"]] == [pointer]


def test_pairs_that_clients_add_are_no_error(uploads: Uploads) -> None:
    uploads.begin(3, relativePath="null", name="a.log")


@pytest.mark.parametrize("metadata", [{"item": "INS.99"}, {"candidature": str(uuid4())}])
def test_an_upload_is_for_an_item_that_is_there(uploads: Uploads, metadata: dict[str, str]) -> None:
    uploads.client.refused(404, "POST", "/uploads", headers=uploads.creation(3, **metadata))


def test_others_do_not_learn_that_an_upload_exists(uploads: Uploads, stranger: Uploads, app: Flask) -> None:
    path = uploads.begin(10)
    unknown = f"/uploads/{uuid4()}"
    with held(parts(app).engine, uuid_of(path)):  # and somebody writes to it
        for asked in (path, unknown):
            assert stranger.head(asked).status_code == 404
            assert stranger.patch(asked, 0, b"abc").status_code == 404
            assert stranger.client.send("DELETE", asked, headers=stranger.headers).status_code == 404
            assert stranger.client.send("GET", asked).status_code == 404
    stranger.client.refused(404, "POST", "/uploads", headers=stranger.creation(3))
    assert uploads.offset(path) == 0


def test_who_writes_can_tell_that_another_one_waits_and_lets_it_go_on(uploads: Uploads, app: Flask) -> None:
    path = uploads.begin(10)
    written: list[int] = []
    waiting = Thread(target=lambda: written.append(uploads.write(path, 0, b"abcdefghij")))
    with held(parts(app).engine, uuid_of(path)) as is_wanted:
        waiting.start()
        until = monotonic() + 4
        while not is_wanted() and monotonic() < until:
            sleep(0.01)
        assert is_wanted()
        assert not written
    waiting.join()
    assert written == [10]


def uuid_of(path: str) -> UUID:
    return UUID(path.rpartition("/")[2])


def test_while_somebody_writes_others_are_told_to_wait(
    uploads: Uploads, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = uploads.begin(10)
    monkeypatch.setattr(queries, "PATIENCE", "100ms")
    with held(parts(app).engine, uuid_of(path)) as is_wanted:
        assert not is_wanted()
        response = uploads.patch(path, 0, b"abcdefghij")
        assert (response.status_code, response.get_json()["type"]) == (423, "urn:referencing:problem:locked")
        assert uploads.offset(path) == 0
    assert uploads.write(path, 0, b"abcdefghij") == 10


def test_many_that_write_at_once_make_one_content(uploads: Uploads) -> None:
    path = uploads.begin(10)
    together = Barrier(6)
    answers: list[int] = []

    def write(letter: bytes) -> None:
        together.wait()
        answers.append(uploads.patch(path, 0, letter * 5).status_code)

    threads = [Thread(target=write, args=(bytes([97 + number]),)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(204) == 1
    assert set(answers) <= {204, 409, 423}
    assert uploads.offset(path) == 5


def test_what_another_process_wrote_over_is_hashed_again(
    uploads: Uploads, again: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes whose checksum is wrong do not count, and others may come in their place, to another process."""
    path, half = uploads.begin(len(CONTENT)), 3 * MIB
    wrong = {"Upload-Checksum": f"sha256 {b64encode(hashlib.sha256(b'others').digest()).decode()}"}
    monkeypatch.setattr(operations, "this_process", lambda: "first")
    uploads.write(path, 0, CONTENT[:MIB])
    assert uploads.patch(path, MIB, bytes(half - MIB), **wrong).status_code == 460
    monkeypatch.setattr(operations, "this_process", lambda: "second")
    uploads.on(again).write(path, MIB, CONTENT[MIB:half])
    monkeypatch.setattr(operations, "this_process", lambda: "first")
    uploads.write(path, half, CONTENT[half:])
    assert uploads.shown(path)["state"] == "kept"
    assert uploads.proof()["files"][0]["sha256"] == SHA256


def test_another_process_goes_on_where_this_one_was(uploads: Uploads, again: Flask) -> None:
    path = uploads.begin(len(CONTENT), sha256=SHA256)
    uploads.write(path, 0, CONTENT[: 7 * MIB])
    restarted = uploads.on(again)
    assert restarted.offset(path) == 7 * MIB
    assert restarted.write(path, 7 * MIB, CONTENT[7 * MIB :]) == len(CONTENT)
    assert restarted.proof()["files"][0]["sha256"] == SHA256


def test_a_file_whose_last_answer_was_lost_becomes_a_proof_by_a_job(
    uploads: Uploads, app: Flask, time: Time, jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = uploads.begin(3)
    with monkeypatch.context() as killed:
        killed.setattr("referencing.uploads.routes.operations.finish", die)
        with pytest.raises(Killed):
            uploads.patch(path, 0, b"abc")
    assert uploads.shown(path)["state"] == "received"
    time.now += timedelta(minutes=1)
    jobs()
    assert uploads.shown(path)["state"] == "kept"
    assert uploads.write(path, 3, b"") == 3
    assert uploads.proof()["number"] == 1


class Killed(BaseException):
    """As a process that is killed: nothing handles it."""


def die(*_: object) -> None:
    raise Killed


def test_an_upload_under_way_is_not_swept_and_an_ended_one_is(
    uploads: Uploads, app: Flask, time: Time
) -> None:
    path, other = uploads.begin(10), uploads.begin(10)
    uploads.write(path, 0, b"12345")
    uploads.write(other, 0, b"12345")
    uploads.client.send("DELETE", other, headers=uploads.headers)  # whose job was not done yet
    storage = parts(app).vault.storage
    began = time.now
    time.now = db.utc_now() + GRACE + timedelta(hours=1)
    assert sweep(parts(app).sessions, storage, is_unfinished).unfinished >= 1
    time.now = began
    assert uploads.write(path, 5, b"67890") == 10


def test_one_s_own_uploads_that_may_go_on_are_listed(uploads: Uploads, stranger: Uploads, time: Time) -> None:
    """Not those of others, of another dossier, those that are a proof, were ended or have expired."""
    uploads.begin(1000)
    time.pass_days(1)
    uploads.write(uploads.begin(len(CONTENT)), 0, CONTENT)
    assert uploads.client.send("DELETE", uploads.begin(10), headers=uploads.headers).status_code == 204
    begun = [uploads.begin(1000, sha256=SHA256) for _ in range(2)]
    uploads.write(begun[0], 0, CONTENT[:7])
    about = f"/uploads?candidature={uploads.candidature}&limit=1"
    listed = list(uploads.client.every(about))
    assert [(f"/uploads/{one['id']}", one["offset"]) for one in listed] == [(begun[0], 7), (begun[1], 0)]
    assert {(one["sha256"], one["length"]) for one in listed} == {(SHA256, 1000)}
    assert list(uploads.client.every(f"/uploads?candidature={uuid4()}")) == []
    assert list(stranger.client.every(about)) == list(stranger.client.every("/uploads")) == []
