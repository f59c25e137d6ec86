"""Commands that keep something: they bring the database up to date by themselves, and print what was asked for."""

import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from referencing.accounts.operations import identify
from referencing.base import db
from referencing.base.errors import Unauthenticated
from referencing.base.permissions import Actor
from tests.cli.conftest import Referencing, Run
from tests.databases import new_database

NOBODY_ANSWERS = "postgresql://camille:secret@127.0.0.1:1/nothing"


def who(sessions: db.Sessions, key: str) -> Actor | None:
    with db.transaction(sessions) as session:
        try:
            return identify(session, key)
        except Unauthenticated:
            return None


def printed_key(done: Run) -> str:
    assert (done.code, done.err) == (0, "")
    key = done.out.removesuffix("\n")
    assert key.startswith("ref_")
    assert key.split() == [key], "alone on standard output"
    return key


def test_an_account_is_opened_from_the_shell(shell: Referencing, url: str, sessions: db.Sessions) -> None:
    done = shell("accounts", "create", "Zoé Élan", "--role", "lead", DATABASE_URL=url)
    actor = who(sessions, printed_key(done))
    assert actor is not None
    assert (actor.name, actor.role) == ("Zoé Élan", "lead")


def test_an_account_is_opened_renewed_and_closed(on_database: Referencing, sessions: db.Sessions) -> None:
    account = ("Camille", "--role", "editor", "--organisation", "Éditions Alizé")
    first = printed_key(on_database("accounts", "create", *account))
    actor = who(sessions, first)
    assert actor is not None

    second = printed_key(on_database("accounts", "renew", *account))
    assert (who(sessions, first), who(sessions, second)) == (None, actor)

    closed = on_database("accounts", "disable", *account)
    assert (closed.code, closed.out, closed.err) == (0, "", "")
    assert who(sessions, second) is None


@pytest.fixture
def dominique(on_database: Referencing) -> None:
    """An account of that name, if it is not there yet."""
    on_database("accounts", "create", "Dominique", "--role", "lead")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("create", "Dominique", "--role", "lead"), "existe déjà"),
        (("create", "Camille", "--role", "editor"), "dites laquelle"),
        (("create", "Camille", "--role", "lead", "--organisation", "Alizé"), "est de l'agence"),
        (("create", " ", "--role", "lead"), "Donnez un nom"),
        (("renew", "Personne", "--role", "lead"), "Aucun compte « Personne »"),
        (("disable", "Dominique", "--role", "auditor"), "Aucun compte « Dominique »"),
    ],
)
def test_what_the_rules_refuse_is_said_in_one_line(
    on_database: Referencing, dominique: None, arguments: tuple[str, ...], said: str
) -> None:
    refused = on_database("accounts", *arguments)
    assert said in refused.refusal
    assert refused.out == ""


def test_a_refusal_in_the_shell_is_a_code_and_a_line(shell: Referencing, url: str) -> None:
    refused = shell("accounts", "renew", "Personne", "--role", "lead", DATABASE_URL=url)
    assert refused.refusal == "Aucun compte « Personne » avec le rôle lead."


@pytest.mark.parametrize(
    "url", [NOBODY_ANSWERS, "ceci n'est pas une adresse"], ids=["nobody answers", "no address"]
)
@pytest.mark.parametrize(
    "command", [("journal", "verify"), ("db", "upgrade"), ("serve",), ("sweep",)], ids=" ".join
)
def test_a_database_that_cannot_be_had_is_said_in_one_line(
    on_database: Referencing, command: tuple[str, ...], url: str
) -> None:
    assert "secret" not in on_database(*command, DATABASE_URL=url).refusal


@pytest.mark.parametrize(
    ("command", "setting", "value", "said"),
    [
        ("worker", "BROKER_URL", "http://127.0.0.1", "amqp:// or redis://"),
        ("serve", "STORAGE_URL", "s3://nowhere", "s3://KEY:SECRET@HOST"),
    ],
)
def test_an_address_that_is_none_is_said_in_one_line(
    on_database: Referencing, command: str, setting: str, value: str, said: str
) -> None:
    assert said in on_database(command, **{setting: value}).refusal


def test_a_journal_that_nobody_touched_is_whole(on_database: Referencing, dominique: None) -> None:
    checked = on_database("journal", "verify")
    assert (checked.code, checked.err) == (0, "")


def test_a_head_is_printed_and_checked_against(
    on_database: Referencing, dominique: None, tmp_path: Path, sessions: db.Sessions
) -> None:
    refused = on_database("journal", "head")
    assert "RECORD_KEY" in refused.refusal
    generate = ("openssl", "genpkey", "-algorithm", "ed25519")
    key = subprocess.run(generate, capture_output=True, check=True, text=True).stdout
    printed = on_database("journal", "head", RECORD_KEY=key)
    assert (printed.code, printed.err, printed.out.count("\n")) == (0, "", 1)
    file = tmp_path / "heads.jsonl"
    file.write_text(printed.out)
    assert on_database("journal", "verify", "--heads", file) == Run(0, "", "")
    with db.transaction(sessions) as session:
        session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        session.execute(sa.text("UPDATE journal_tile SET hashes = ''::bytea"))
        session.execute(sa.text("UPDATE journal_head SET size = size + 1000"))
    checked = on_database("journal", "verify", "--heads", file)
    assert (checked.code, "was changed" in checked.err) == (1, True)
    for content, said in (("", "no head in this file"), (printed.out[:-9], "line 1")):
        file.write_text(content)
        assert said in on_database("journal", "verify", "--heads", file).refusal
    with db.transaction(sessions) as session:
        session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        session.execute(sa.text("DELETE FROM journal_tile"))
        session.execute(sa.text("DELETE FROM journal_head"))


def test_a_journal_that_was_changed_is_told_stream_by_stream(
    on_database: Referencing, dominique: None, sessions: db.Sessions
) -> None:
    with sessions() as session:
        session.execute(sa.text("ALTER TABLE journal_entry DISABLE TRIGGER ALL"))
        stream = session.execute(
            sa.text(
                """UPDATE journal_entry SET detail = jsonb_set(detail, '{role}', '"expert"') WHERE number = 1
                   AND stream = (SELECT 'account:' || id FROM account WHERE name = 'Dominique')
                   RETURNING stream"""
            )
        ).scalar_one()
        session.commit()
    checked = on_database("journal", "verify")
    assert checked.code == 1
    assert checked.err == f"{stream} #1: the entry was changed after it was written\n"
    with sessions() as session:
        session.execute(
            sa.text("""UPDATE journal_entry SET detail = jsonb_set(detail, '{role}', '"lead"')
                       WHERE stream = :stream AND number = 1"""),
            {"stream": stream},
        )
        session.execute(sa.text("ALTER TABLE journal_entry ENABLE TRIGGER ALL"))
        session.commit()


def test_the_schema_is_brought_up_to_date(on_database: Referencing, sessions: db.Sessions) -> None:
    for _ in range(2):
        done = on_database("db", "upgrade")
        assert (done.code, done.out, done.err) == (0, "", "")
    with sessions() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM alembic_version")) == 1


def test_a_schema_is_left_alone_where_the_settings_say_so(referencing: Referencing, server: sa.URL) -> None:
    made = new_database(server, "unmigrated", template="template1")
    address = made.set(drivername="postgresql").render_as_string(hide_password=False)
    listed = referencing("accounts", "list", DATABASE_URL=address, MIGRATE="never")
    assert "account" in listed.refusal
    assert (referencing("db", "upgrade", DATABASE_URL=address, MIGRATE="never").code) == 0
    assert referencing("accounts", "list", DATABASE_URL=address, MIGRATE="never").code == 0


def test_a_file_of_past_referencings_is_looked_at_and_not_kept(
    on_database: Referencing, tmp_path: Path
) -> None:
    file = tmp_path / "stock.csv"
    file.write_text(
        "Organisation;NIL;Solution;DSR;Référencée le;Preuve;Résultat\n"
        "Inconnue SAS;N1;Alpha;LGC-V1;2024-02-15;INS.01#01.01;conforme\n",
        encoding="utf-8",
    )
    checked = on_database("takeover", "check", file)
    *problems, figures = checked.out.splitlines()
    assert [line.split("\t")[:2] for line in problems] == [
        ["2", "organisation_unknown"],
        ["2", "dsr_unknown"],
    ]
    assert figures == "rows: 1, usable: 0, outcomes: 0, left aside: 1, problems: 2"
    assert checked.code == 1
    file.write_text("", encoding="utf-8")
    assert on_database("takeover", "check", file).refusal == "Le fichier est vide."


def test_a_file_of_past_referencings_is_taken_over_listed_and_taken_back(
    on_database: Referencing, tmp_path: Path
) -> None:
    file = tmp_path / "ancien.csv"
    file.write_text(
        "Organisation;NIL;Solution;DSR;Référencée le;Preuve;Résultat\n"
        "Inconnue SAS;N1;Alpha;X;2024-02-15;A#1;conforme\n",
        encoding="utf-8",
    )
    first, again = (on_database("takeover", "run", file) for _ in range(2))
    assert (first.code, first.err) == (0, "")
    assert first.out == again.out
    takeover, state, _, name, told = first.out.rstrip("\n").split("\t")
    assert (state, name, told) == ("running", "ancien.csv", "")
    assert first.out in on_database("takeover", "list").out
    undone = on_database("takeover", "take-back", takeover, "--reason", "Essai.")
    assert undone.out.split("\t")[:2] == [takeover, "taking_back"]
    twice = on_database("takeover", "take-back", takeover, "--reason", "Essai.")
    assert twice.refusal.startswith("La reprise est en cours de retrait")
