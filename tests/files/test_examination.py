"""A large file is received at once; it is searched for people's numbers afterwards, and nobody reads it before."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask

from referencing.base.permissions import Role
from referencing.files import examination
from referencing.files.examination import UNDER_WAY
from referencing.files.scanning import UNEXAMINED
from storage.port import Unavailable
from tests.clients import Client, escaped
from tests.conftest import Time, parts
from tests.files.inspection.numbers import with_key
from tests.files.inspection.samples import zipped
from tests.files.scanning.dossier import Dossier, draft

#: Bytes, less than in use: the whole search of a larger file is left to the job.
AT_ONCE = 64 * 1024
NUMBER = with_key("1840588321025")
LINE = b"2026-03-02T09:00:00Z INFO patient lu\n"
LOG = LINE * (2 * AT_ONCE // len(LINE)) + f"matricule {NUMBER}\n".encode() + LINE * 100
MASKED = f"1{'*' * 12}{NUMBER[-2:]}"


@pytest.fixture
def dossier(app: Flask, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> Dossier:
    monkeypatch.setattr(examination, "AT_ONCE", AT_ONCE)
    return draft(as_)


def file_of(dossier: Dossier) -> Any:
    (file,) = dossier.editor.get(f"/candidatures/{dossier.id}/items/{escaped(dossier.item)}")["proof"][
        "files"
    ]
    return file


def address(receipt: dict[str, Any]) -> str:
    return f"/proofs/{receipt['id']}/files/{receipt['files'][0]['id']}"


def events(dossier: Dossier) -> list[Any]:
    lines = dossier.editor.get(f"/events?candidature={dossier.id}")["items"]
    return [line for line in lines if line["action"] == "proof.examined"]


def test_a_large_file_is_received_then_examined_then_read(
    dossier: Dossier, as_: Callable[..., Client], jobs: Callable[[], int]
) -> None:
    receipt = dossier.supply(LOG)
    (file,) = receipt["files"]
    assert (file["examined"], file["identifiers"], file["sha256"]) == (False, 0, sha256(LOG).hexdigest())
    assert UNDER_WAY in file["remarks"]
    dossier.editor.post(f"/candidatures/{dossier.id}/submission", {"incomplete": True}, 200)
    for reader in (dossier.editor, as_(Role.LEAD)):
        assert reader.refused(409, "GET", address(receipt))["detail"] == UNEXAMINED

    jobs()
    file = file_of(dossier)
    assert (file["examined"], file["identifiers"]) == (True, 1)
    (place,) = file["identifier_places"]
    assert place["masked"] == MASKED
    assert place["where"] == f"ligne {2 * AT_ONCE // len(LINE) + 1}"
    assert UNDER_WAY not in file["remarks"]
    assert any("patients fictifs : 1" in remark for remark in file["remarks"])
    assert dossier.editor.send("GET", address(receipt)).data == LOG


def test_what_is_found_after_the_receipt_is_told_in_the_timeline(
    dossier: Dossier, jobs: Callable[[], int]
) -> None:
    dossier.supply(LOG)
    jobs()
    (event,) = events(dossier)
    assert event["detail"]["identifiers"] == 1
    assert NUMBER not in str(event)
    dossier.supply(LOG.replace(NUMBER.encode(), b""))
    jobs()
    assert len(events(dossier)) == 1  # of nobody's number there is nothing to tell
    assert file_of(dossier)["examined"]


def test_a_small_file_is_examined_when_it_is_received(dossier: Dossier) -> None:
    receipt = dossier.supply(LOG[-AT_ONCE // 2 :])
    (file,) = receipt["files"]
    assert (file["examined"], file["identifiers"]) == (True, 1)
    assert dossier.editor.send("GET", address(receipt)).status_code == 200


def test_what_the_job_finds_is_what_is_found_at_once(
    dossier: Dossier, jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = zipped({"a/journal.log": LOG, "b.txt": NUMBER.encode()})
    dossier.supply(content)
    jobs()
    later = file_of(dossier)
    monkeypatch.setattr(examination, "AT_ONCE", None)
    at_once = dossier.supply(content)["files"][0]
    assert at_once["examined"]
    told = ("identifiers", "identifier_places", "remarks", "detected_type")
    assert [later[name] for name in told] == [at_once[name] for name in told]
    assert at_once["identifiers"] == 1


def test_the_same_content_supplied_twice_is_examined_in_both_places(
    dossier: Dossier, jobs: Callable[[], int]
) -> None:
    first, second = dossier.supply(LOG), dossier.supply(LOG)
    jobs()
    for receipt in (first, second):
        assert dossier.editor.send("GET", address(receipt)).status_code == 200


def test_a_name_that_holds_a_number_is_masked_at_the_receipt(dossier: Dossier) -> None:
    path = f"/candidatures/{dossier.id}/items/{escaped(dossier.item)}/proofs"
    (file,) = dossier.editor.upload(path, (f"{NUMBER}.txt", LOG))["files"]
    assert NUMBER not in str(file)
    assert (file["examined"], file["identifiers"]) == (True, 1)


def test_while_the_storage_does_not_answer_a_file_stays_closed(
    dossier: Dossier, app: Flask, jobs: Callable[[], int], time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = dossier.supply(LOG)
    with no_storage(app, monkeypatch):
        jobs()
    assert not file_of(dossier)["examined"]
    assert dossier.editor.send("GET", address(receipt)).status_code == 409
    time.now += timedelta(hours=1)
    jobs()
    assert file_of(dossier)["identifiers"] == 1


@contextmanager
def no_storage(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fail(*_: object, **__: object) -> None:
        raise Unavailable

    with monkeypatch.context() as broken:
        broken.setattr(type(parts(app).vault.storage), "read", fail)
        yield
