"""Contents that no row names go after a time of grace; the others are read again in turn."""

import hashlib
import io
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from referencing.base import db
from referencing.base.errors import Unavailable
from referencing.base.permissions import Role
from referencing.candidatures.tasks.holders import BUDGET
from referencing.files.models import Content
from referencing.files.upkeep import CYCLE, GRACE, check_fixity, hold_stored, sweep
from referencing.journal.models import Entry
from referencing.uploads.queries import is_unfinished
from tests.clients import Client
from tests.conftest import Time, parts
from tests.files.scanning.dossier import Dossier, draft


@pytest.fixture
def dossier(app: Flask, as_: Callable[..., Client]) -> Dossier:
    return draft(as_)


@pytest.fixture
def folder(app: Flask) -> Path:
    """The folder of the files; these tests reach behind the storage, as a fault would."""
    if os.environ.get("REFERENCING_TEST_S3_URL"):
        pytest.skip("the files are in a store of objects")
    return Path(parts(app).settings.files)


def file_of(folder: Path, sha256: str) -> Path:
    return next(folder.rglob(sha256))


def grow_old(file: Path, moment: datetime) -> None:
    seconds = (moment - GRACE - timedelta(hours=1)).timestamp()
    os.utime(file, (seconds, seconds))


def test_an_orphan_goes_after_the_time_of_grace(app: Flask, folder: Path, time: Time) -> None:
    storage = parts(app).vault.storage
    stored = storage.store(io.BytesIO(b"orphan"))
    time.now = datetime.now(UTC)
    assert sweep(parts(app).sessions, storage, is_unfinished).orphans == 0
    grow_old(file_of(folder, stored.sha256), time.now)
    assert sweep(parts(app).sessions, storage, is_unfinished).orphans == 1
    assert storage.size(stored.sha256) is None


def test_a_file_that_a_row_names_stays(app: Flask, dossier: Dossier, folder: Path, time: Time) -> None:
    sha256 = dossier.supply(b"kept")["files"][0]["sha256"]
    time.now = datetime.now(UTC)
    grow_old(file_of(folder, sha256), time.now)
    assert sweep(parts(app).sessions, parts(app).vault.storage, is_unfinished).orphans == 0
    assert parts(app).vault.storage.size(sha256) == 4


def test_what_was_swept_between_its_upload_and_its_row_is_not_acknowledged(app: Flask) -> None:
    with (
        db.transaction(parts(app).sessions) as session,
        pytest.raises(Unavailable, match="envoyez-le de nouveau"),
    ):
        hold_stored(session, parts(app).vault.storage, hashlib.sha256(b"gone").hexdigest())


@pytest.mark.parametrize(
    ("harm", "fault"),
    [(lambda file: file.unlink(), "missing"), (lambda file: file.write_bytes(b"kepT"), "altered")],
    ids=["missing", "altered"],
)
def test_a_difference_is_found_within_the_cycle_and_journalled(
    app: Flask, dossier: Dossier, folder: Path, time: Time, harm: Callable[[Path], object], fault: str
) -> None:
    sha256 = dossier.supply(b"kept")["files"][0]["sha256"]
    file = file_of(folder, sha256)
    file.chmod(0o600)
    harm(file)
    time.now += CYCLE + timedelta(hours=1)
    with db.transaction(parts(app).sessions) as session:
        assert check_fixity(session, parts(app).vault.storage) == 1
    with db.transaction(parts(app).sessions) as session:
        assert session.get_one(Content, sha256).fault == fault
        entry = session.scalars(sa.select(Entry).where(Entry.stream == f"content:{sha256}")).one()
        assert entry.detail == {"sha256": sha256, "fault": fault}


def test_a_content_is_not_read_again_before_its_turn(app: Flask, dossier: Dossier, time: Time) -> None:
    dossier.supply(b"kept")
    time.now += CYCLE - timedelta(hours=1)
    with db.transaction(parts(app).sessions) as session:
        assert check_fixity(session, parts(app).vault.storage) == 0


def test_a_deposit_answers_a_receipt_with_its_place_in_the_record(app: Flask, dossier: Dossier) -> None:
    receipt = dossier.supply(b"kept")
    with db.transaction(parts(app).sessions) as session:
        place = (Entry.stream.startswith("candidature:"), Entry.number == receipt["journal_position"])
        entry = session.scalars(sa.select(Entry).where(*place)).one()
        assert entry.action == "proof.supplied"
        assert entry.detail["files"][0]["sha256"] == hashlib.sha256(b"kept").hexdigest()
    assert receipt["files"][0]["size"] == 4


def test_the_same_file_twice_says_where_else_it_is(dossier: Dossier) -> None:
    first = dossier.supply(b"same")
    second = dossier.supply(b"same", "LGC-V1:DMP.02#01.02")
    assert first["also_in"] == []
    assert [(one["code"], one["proof"]) for one in second["also_in"]] == [(dossier.item, first["id"])]


def test_another_organisation_with_the_same_file_is_not_told(
    dossier: Dossier, as_: Callable[..., Client]
) -> None:
    dossier.supply(b"same")
    other = as_(Role.EDITOR, organisation="Brise Logiciels")
    software = other.post("/softwares", {"name": "Brise", "nil": "NIL-1"})
    solution = other.post("/solutions", {"software": software["id"], "commercial_name": "Brise"})
    words = {"dsr": "LGC-V1", "solution": solution["id"], "software_version": "1"}
    theirs = Dossier(other, other.post("/candidatures", words)["id"], dossier.item)
    assert theirs.supply(b"same")["also_in"] == []


def test_the_clock_runs_while_the_agency_holds_the_ball(
    dossier: Dossier, as_: Callable[..., Client], time: Time
) -> None:
    lead = as_(Role.LEAD)
    path = f"/candidatures/{dossier.id}"
    assert (dossier.editor.get(path)["due_on"], dossier.editor.get(path)["working_days_used"]) == (None, 0)
    dossier.editor.post(f"{path}/submission", {"incomplete": True}, 200)  # Monday 2 March 2026
    assert dossier.editor.get(path)["due_on"] == "2026-03-23"
    assert BUDGET == 15
    time.pass_days(4)
    lead.post(f"{path}/admissibility", {"outcome": "incomplete", "comment": "Il manque tout."}, status=200)
    time.pass_days(10)
    found = dossier.editor.get(path)
    assert (found["holder"], found["due_on"], found["working_days_used"]) == ("editor", None, 4)
    dossier.editor.post(
        f"{path}/submission", {"incomplete": True}, 200
    )  # Monday 16 March: 11 working days are left
    assert dossier.editor.get(path)["due_on"] == "2026-03-31"
