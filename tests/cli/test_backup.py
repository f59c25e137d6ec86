"""`referencing backup` and `restore`: what they print, and how they end."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.conftest import Referencing
from tests.databases import new_database


@pytest.fixture
def empty(server: sa.URL) -> str:
    made = new_database(server, "commands_restored", template="template1")
    return made.set(drivername="postgresql").render_as_string(hide_password=False)


def test_a_backup_is_made_listed_and_restored(
    on_database: Referencing, url: str, empty: str, tmp_path: Path
) -> None:
    places = {"STORAGE_URL": str(tmp_path / "files")}
    on_database("accounts", "create", "Backed Up", "--role", "lead")
    made = on_database("backup", tmp_path / "backups", **places)
    assert (made.code, made.err) == (0, "")
    name = made.out.partition(":")[0]

    listed = on_database("restore", "--list", tmp_path / "backups", **places)
    assert (listed.code, listed.out) == (0, f"{name}\n")

    restored = on_database("restore", tmp_path / "backups", **{**places, "DATABASE_URL": empty})
    assert (restored.code, restored.err) == (0, "")
    assert restored.out.startswith(f"{name}: restored")
    assert restored.out.endswith("the record is whole\n")
    assert "Backed Up" in on_database("accounts", "list", DATABASE_URL=empty).out


def test_what_cannot_be_is_one_line(on_database: Referencing, empty: str, tmp_path: Path) -> None:
    assert "there is no backup" in on_database("restore", tmp_path, DATABASE_URL=empty).refusal
    assert on_database("backup", tmp_path, STORAGE_URL=str(tmp_path / "f")).code == 0
    assert "not empty" in on_database("restore", tmp_path).refusal
    (tmp_path / "erased").write_text("Camille\n")
    assert "no account's id" in on_database("restore", tmp_path, "--erased", tmp_path / "erased").refusal
    unknown = on_database("restore", tmp_path, "--name", "backup-19990101T000000Z", DATABASE_URL=empty)
    assert "there are backup-2" in unknown.refusal
    assert "an S3 storage is" in on_database("backup", "s3://camille:secret@h").refusal
