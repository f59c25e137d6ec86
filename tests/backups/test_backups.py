"""What was backed up comes back whole, elsewhere; what is not whole is told, and changes nothing."""

from collections.abc import Iterable
from io import BytesIO

import pytest
import sqlalchemy as sa

from referencing.accounts.models import Account
from referencing.accounts.operations import create_account
from referencing.backups import contents as copying
from referencing.backups import making, manifest
from referencing.backups.making import back_up
from referencing.backups.programs import Failed, _place
from referencing.backups.restoring import restore
from referencing.base import db
from referencing.base.permissions import Role
from referencing.journal.operations import SYSTEM
from referencing.personal_data.erasure import erase_account
from storage.port import ObjectStorage
from tests.backups.conftest import Place, connected


def back(place: Place, backups: ObjectStorage, keep: int | None = None) -> making.Made:
    return back_up(place.url, place.files, backups, keep)


def contents(place: Place) -> dict[str, bytes]:
    return {digest: b"".join(place.files.read(digest)) for digest, _ in place.files.digests()}


def test_all_of_it_comes_back(at_work: Place, elsewhere: Place, backups: ObjectStorage) -> None:
    made = back(at_work, backups)
    before, files = at_work.rows(), contents(at_work)
    at_work.keep(b"later than the backup")

    restored = restore(elsewhere.url, elsewhere.files, backups)
    assert elsewhere.rows() == before
    assert contents(elsewhere) == files
    assert (restored.name, restored.sample, restored.unnamed) == (made.name, 2, 0)
    assert (restored.copied.missing, restored.altered, restored.breaches) == ([], [], [])


def test_a_content_is_copied_once(at_work: Place, backups: ObjectStorage) -> None:
    assert back(at_work, backups).copied.copied == 2
    at_work.keep(b"another proof")
    again = back(at_work, backups).copied
    assert (again.named, again.copied, again.size) == (3, 1, len(b"another proof"))


def test_the_snapshot_and_not_what_comes_meanwhile_is_backed_up(
    at_work: Place, elsewhere: Place, backups: ObjectStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = at_work.rows()

    def copy_late(source: ObjectStorage, target: ObjectStorage, wanted: Iterable[str]) -> copying.Copied:
        at_work.keep(b"while it is copied")
        return copying.copy(source, target, wanted)

    monkeypatch.setattr(making, "copy", copy_late)
    assert back(at_work, backups).copied.named == 2
    restore(elsewhere.url, elsewhere.files, backups)
    assert elsewhere.rows() == before


def test_what_is_missing_or_altered_is_told_and_the_rest_is_backed_up(
    at_work: Place, elsewhere: Place, backups: ObjectStorage
) -> None:
    gone, altered = at_work.keep(b"gone", b"altered")
    at_work.files.delete(gone)
    path = at_work.files._path(altered)  # type: ignore[attr-defined] # noqa: SLF001 - as a failing disk does
    path.write_bytes(b"other")

    made = back(at_work, backups)
    assert {*made.copied.missing, *made.manifest.missing} == {gone, altered}
    assert made.copied.copied == 2
    restored = restore(elsewhere.url, elsewhere.files, backups)
    assert {*restored.copied.missing} == {gone, altered}


def test_a_content_that_became_another_one_takes_nothing_of_that_away(
    at_work: Place, elsewhere: Place, backups: ObjectStorage
) -> None:
    (first,) = at_work.keep(b"first")
    back(at_work, backups)
    third = at_work.keep(b"third")[0]
    at_work.files._path(third).write_bytes(b"first")  # type: ignore[attr-defined] # noqa: SLF001 - as a failing disk does
    assert back(at_work, backups).copied.missing == [third]
    restored = restore(elsewhere.url, elsewhere.files, backups)
    assert restored.copied.missing == [third]
    assert b"".join(elsewhere.files.read(first)) == b"first"


def test_contents_that_no_row_names_are_counted_and_left(
    at_work: Place, elsewhere: Place, backups: ObjectStorage
) -> None:
    back(at_work, backups)
    elsewhere.files.store(BytesIO(b"of nobody"))
    assert restore(elsewhere.url, elsewhere.files, backups).unnamed == 1


@pytest.mark.parametrize("by_list", [False, True], ids=["a later backup tells", "a list tells"])
def test_who_was_erased_after_a_backup_is_erased_again(
    at_work: Place,
    elsewhere: Place,
    backups: ObjectStorage,
    monkeypatch: pytest.MonkeyPatch,
    by_list: bool,
) -> None:
    with connected(at_work.url) as sessions, db.transaction(sessions) as session:
        create_account(session, "Apolline Quatremère", Role.LEAD, None)
    first = back(at_work, backups).name
    with connected(at_work.url) as sessions, db.transaction(sessions) as session:
        account = session.scalars(sa.select(Account).where(Account.role == Role.LEAD)).one()
        erase_account(session, SYSTEM, account, "Demande du 2 mars.")
        listed = [account.id] if by_list else []
    if not by_list:
        monkeypatch.setattr(making, "_moment", lambda: "2126-03-02T09:00:00+00:00")
        back(at_work, backups)
    restored = restore(elsewhere.url, elsewhere.files, backups, first, listed)
    assert (restored.erased, restored.breaches) == ([account.id], [])
    assert "Quatremère" not in str(elsewhere.rows())


def test_a_later_backup_that_cannot_be_read_is_told_before_anything_is_changed(
    at_work: Place, elsewhere: Place, backups: ObjectStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = back(at_work, backups).name
    monkeypatch.setattr(making, "_moment", lambda: "2126-03-02T09:00:00+00:00")
    later = back(at_work, backups).name
    backups.delete(backups.labels()[later])
    with pytest.raises(Failed, match=f"{later}, .* who was erased"):
        restore(elsewhere.url, elsewhere.files, backups, first)
    assert elsewhere.rows() == {}
    backups.unlabel(later)
    assert restore(elsewhere.url, elsewhere.files, backups, first).name == first


def test_a_database_is_backed_up_before_it_is_migrated(at_work: Place, backups: ObjectStorage) -> None:
    with connected(at_work.url) as sessions, db.transaction(sessions) as session:
        session.execute(sa.text("DROP TABLE erasure"))  # as before 0.2
    assert back(at_work, backups).manifest.erased == []


def test_a_broken_record_is_told(at_work: Place, elsewhere: Place, backups: ObjectStorage) -> None:
    with connected(at_work.url) as sessions, db.transaction(sessions) as session:
        session.execute(sa.text("ALTER TABLE journal_entry DISABLE TRIGGER ALL"))
        session.execute(sa.text("UPDATE journal_entry SET action = 'x'"))
    back(at_work, backups)
    assert restore(elsewhere.url, elsewhere.files, backups).breaches


def test_a_database_that_is_not_empty_is_left_as_it_is(at_work: Place, backups: ObjectStorage) -> None:
    back(at_work, backups)
    at_work.keep(b"since")
    before = at_work.rows()
    with pytest.raises(Failed, match="not empty"):
        restore(at_work.url, at_work.files, backups)
    assert at_work.rows() == before


def test_an_altered_archive_is_refused_before_anything_is_read(
    at_work: Place, elsewhere: Place, backups: ObjectStorage
) -> None:
    archive = back(at_work, backups).manifest.archive
    path = backups._path(archive)  # type: ignore[attr-defined] # noqa: SLF001 - as a failing disk does
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(Failed, match="altered"):
        restore(elsewhere.url, elsewhere.files, backups)
    assert elsewhere.rows() == {}


def test_a_backup_of_a_newer_schema_is_refused(
    at_work: Place, elsewhere: Place, backups: ObjectStorage
) -> None:
    with connected(at_work.url) as sessions, db.transaction(sessions) as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    back(at_work, backups)
    with pytest.raises(Failed, match="newer version"):
        restore(elsewhere.url, elsewhere.files, backups)
    assert elsewhere.rows() == {}


def test_a_database_that_cannot_be_dumped_leaves_no_backup(
    at_work: Place, backups: ObjectStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c default_transaction_isolation=nonsense")
    with pytest.raises(Failed, match="nonsense"):
        back(at_work, backups)
    assert manifest.names(backups) == []
    assert [*backups.digests()] == []


def test_a_database_that_takes_nothing_is_left_empty(
    at_work: Place, elsewhere: Place, backups: ObjectStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    back(at_work, backups)
    monkeypatch.setenv("PGOPTIONS", "-c default_transaction_read_only=on")
    with pytest.raises(Failed, match="read-only"):
        restore(elsewhere.url, elsewhere.files, backups)
    assert elsewhere.rows() == {}


def test_so_many_stay(at_work: Place, backups: ObjectStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(1, 5):
        monkeypatch.setattr(making, "_moment", lambda day=day: f"2026-03-0{day}T09:00:00+00:00")
        at_work.keep(str(day).encode())
        made = back(at_work, backups, keep=2)
    assert manifest.names(backups) == ["backup-20260303T090000Z", "backup-20260304T090000Z"]
    assert made.forgotten == ["backup-20260302T090000Z"]
    held = {digest for digest, _ in backups.digests()}
    documents = {*backups.labels().values()}
    archives = {manifest.read(backups, name).archive for name in manifest.names(backups)}
    assert len(held - documents - archives) == 6, (
        "contents stay, archives and manifests of old backups do not"
    )


def test_a_password_is_in_no_argument() -> None:
    place, variables = _place(sa.make_url("postgresql+psycopg://camille:secret@h:5/d?sslmode=require"))
    assert place == "postgresql://camille@h:5/d?sslmode=require"
    assert variables["PGPASSWORD"] == "secret"
