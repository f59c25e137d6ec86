"""Heads are signed when a day is over and when somebody asks; with which key is told."""

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from referencing.base import db
from referencing.base.errors import Conflict
from referencing.base.permissions import Role
from referencing.config import Settings
from referencing.heads import signing
from referencing.heads.models import Head
from referencing.heads.notary import Notary, with_own_key
from referencing.heads.queries import newest
from referencing.heads.statements import holds
from referencing.journal.models import Entry
from tests.clients import Client
from tests.conftest import Keys, Time, parts
from tests.heads.conftest import public_key, write
from tests.journal.proofs import is_consistent


def close_day(app: Flask, notary: Notary) -> int:
    """How many heads there are then."""
    with db.transaction(parts(app).sessions) as session:
        signing.close_day(session, notary)
        return len(newest(session))


def test_each_day_is_closed_once_where_something_happened(app: Flask, time: Time, notary: Notary) -> None:
    write(parts(app).sessions, 1, None)
    assert close_day(app, notary) == 1
    write(parts(app).sessions, 1, None)
    assert close_day(app, notary) == 1, "the day is not over"
    time.pass_days(1)
    assert close_day(app, notary) == 2
    time.pass_days(1)
    assert close_day(app, notary) == 2, "nothing was added: the last head says it all"
    assert close_day(app, Notary()) == 2, "without a key nothing is signed"
    with db.transaction(parts(app).sessions) as session, pytest.raises(Conflict, match="RECORD_KEY"):
        signing.sign(session, Notary())
    with db.transaction(parts(app).sessions) as session:
        assert all(map(holds, newest(session)))


def test_another_key_is_told_in_the_record_and_signs_what_goes_on(app: Flask, notary: Notary) -> None:
    write(parts(app).sessions, 1, None)
    other = Notary(Ed25519PrivateKey.generate())
    for key in (notary, notary, other):
        with db.transaction(parts(app).sessions) as session:
            signing.sign(session, key)
    with db.transaction(parts(app).sessions) as session:
        changes = session.scalars(
            sa.select(Entry).where(Entry.action == "record.key_changed").order_by(Entry.position)
        )
        first, second = [change.detail for change in changes]
        assert first == {"key": public_key(notary).hex(), "before": None}
        assert second == {"key": public_key(other).hex(), "before": public_key(notary).hex()}
        assert newest(session)[0].key == public_key(other)


def test_nobody_changes_a_head_or_gives_a_stream_away(app: Flask, notary: Notary) -> None:
    write(parts(app).sessions, 1, None)
    with db.transaction(parts(app).sessions) as session:
        signing.sign(session, notary)
    for statement in (
        "UPDATE journal_head SET size = 1",
        "DELETE FROM journal_head",
        "UPDATE journal_stream SET organisation_id = gen_random_uuid()",
        "DELETE FROM journal_stream",
        "TRUNCATE journal_stream CASCADE",
    ):
        with parts(app).sessions() as session, pytest.raises(sa.exc.DBAPIError, match="append-only"):
            session.execute(sa.text(statement))


def test_the_embedded_default_makes_its_key_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as processes:
        made = list(processes.map(lambda _: public_key(Notary.of(Settings(data=tmp_path))), range(8)))
    assert len({*made}) == 1, "of those that start together the first one's stays"
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert public_key(Notary.of(Settings(data=tmp_path))) == made[0]
    assert public_key(Notary.of(Settings(data=tmp_path, record={"RECORD_KEY": file.read_text()}))) == made[0]
    elsewhere = Settings(data=tmp_path, database_url="postgresql://elsewhere/")
    assert Notary.of(elsewhere).signer is None
    served = replace(elsewhere, record=with_own_key(Settings(data=tmp_path)))
    assert public_key(Notary.of(served)) == made[0], "who serves is told where the embedded database is"


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("RECORD_KEY", "no key", "RECORD_KEY must be a private key"),
        ("RECORD_HEADS_TO", "ftp://example.fr/", "RECORD_HEADS_TO must be addresses"),
        ("RECORD_HEADS_TO", "http://example.fr/heads", "RECORD_HEADS_TO must be addresses"),
        ("RECORD_HEADS_TO", "https://camille:secret@example.fr/", "RECORD_HEADS_TO must be addresses"),
        ("RECORD_HEADS_TO", "file://relative", "RECORD_HEADS_TO must be addresses"),
        ("RECORD_HEADS_TO", "mailto:agence@example.fr", "SMTP_URL is not set"),
        ("RECORD_TIMESTAMP_URL", "https://tsa.example.fr/", "set both"),
        ("RECORD_TIMESTAMP_CERTIFICATES", "no certificate", "set both"),
    ],
)
def test_what_cannot_be_read_is_said_by_its_variable(
    tmp_path: Path, setting: str, value: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        Notary.of(Settings.from_environment({"REFERENCING_DATA": str(tmp_path), setting: value}))
    assert "secret" not in str(refused.value)


def test_anybody_reads_heads_and_what_joins_them(
    app: Flask, time: Time, notary: Notary, key_of: Keys
) -> None:
    for _ in range(3):
        write(parts(app).sessions, 1, None, 5)
        assert close_day(app, notary)
        time.pass_days(1)
    lead = Client(app.test_client(), key_of(Role.LEAD))
    anybody = Client(app.test_client(), "")
    anybody.headers = {}
    page = anybody.get("/journal/heads?limit=2")
    onward = anybody.get(f"/journal/heads?limit=2&cursor={page['next']}")
    heads = [*page["items"], *onward["items"]]
    assert [head["size"] for head in heads] == sorted([head["size"] for head in heads], reverse=True)
    assert lead.get("/journal/heads")["items"] == heads
    last, *_, first = heads
    proof = anybody.get(f"/journal/consistency?first={first['size']}&second={last['size']}")
    before, after = bytes.fromhex(first["root"]), bytes.fromhex(last["root"])
    path = [bytes.fromhex(step) for step in proof["path"]]
    assert is_consistent(first["size"], last["size"], before, after, path)
    anybody.refused(404, "GET", f"/journal/consistency?first={first['size']}&second={last['size'] + 1}")
    anybody.refused(422, "GET", f"/journal/consistency?first={last['size']}&second={first['size']}")
    with db.transaction(parts(app).sessions) as session:
        assert session.scalars(sa.select(sa.func.count()).select_from(Head)).one() == 3
