"""The demonstration is loaded once, keeps what people did, and what it prints works."""

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from demonstration import welcome
from demonstration.loading import Accesses, load
from referencing.accounts.operations import disable_account, identify
from referencing.base import db
from referencing.base.errors import Unauthenticated
from referencing.base.permissions import Role
from referencing.base.vault import Vault
from referencing.candidatures.api.queries import dossiers, items
from referencing.candidatures.filing.operations import withdraw
from referencing.candidatures.record.states import ItemState
from referencing.config import Settings
from referencing.equivalence.grants.models import GrantSource
from referencing.journal.operations import verify
from referencing.registers import tables
from tests.clients import form
from tests.conftest import Time, parts
from tests.databases import new_database

ADDRESS = "http://127.0.0.1:8000"


class Played(NamedTuple):
    """The database that has the demonstration, and who has which key."""

    database: str
    accesses: Accesses


@pytest.fixture(scope="module")
def played(server: sa.URL, tmp_path_factory: pytest.TempPathFactory) -> Played:
    engine = db.connect(new_database(server, "demonstration"))
    with db.transaction(db.sessions(engine)) as session:
        accesses = load(session, Vault.of(Settings(data=tmp_path_factory.mktemp("played"))))
    engine.dispose()
    return Played("demonstration", accesses)


@pytest.fixture(scope="module")
def template(played: Played) -> str:
    return played.database


@pytest.fixture
def loaded(played: Played, time: Time) -> Accesses:
    """The demonstration is loaded by the machine's clock: the application goes on by it."""
    time.now = db.utc_now()
    return played.accesses


def loading(app: Flask) -> Accesses:
    with db.transaction(parts(app).sessions) as session:
        return load(session, parts(app).vault)


def standing(session: Session, accesses: Accesses) -> list[tuple[str, str, dict[str, int]]]:
    """The first editor's dossiers: of which list, where they stand, their items by state."""
    return [
        (
            one.candidature.version.dsr.code,
            one.candidature.state.value,
            {state.value: count for state, count in one.counts.items()},
        )
        for one in dossiers(session, accesses["EDITEUR"].actor, None, 10)
    ]


def sizes(session: Session) -> dict[str, int]:
    """How many rows each table has, but for fresh keys, which are written to the journal."""
    return {
        table.name: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        for table in tables().sorted_tables
        if table.name not in {"journal_entry", "account_key"}
    }


class Command(NamedTuple):
    """A printed curl command."""

    method: str
    path: str
    key: str
    body: bytes | None
    file: Path | None


def commands(text: str) -> Iterator[Command]:
    """The commands of the text, with the variables that it exports in their place."""
    variables = dict(re.findall(r"^export (\w+)=(\S+)$", text, re.MULTILINE))
    for line in re.findall(r"^curl .*?(?= \| \w+$)", text, re.MULTILINE | re.DOTALL):
        filled = re.sub(r"\$(\w+)", lambda found: variables[found[1]], line)
        words = shlex.split(filled.replace("\\\n", " "))
        options = dict(pairwise(words))
        data, file = options.get("-d"), options.get("-F")
        yield Command(
            method=options.get("-X", "POST" if data or file else "GET"),
            path=words[-1].removeprefix(ADDRESS),
            key=re.findall(r"Bearer (\S+)", filled.replace('"', " "))[0],
            body=data.encode() if data else None,
            file=Path(file.removeprefix("file=@").strip('"')) if file else None,
        )


def shown(app: Flask, accesses: Accesses, capsys: pytest.CaptureFixture[str]) -> str:
    welcome.show(parts(app).settings, parts(app).sessions, accesses, ADDRESS)
    return capsys.readouterr().out


def test_one_dossier_is_referenced_one_in_review_and_a_draft_gains_from_both(
    loaded: Accesses, session: Session
) -> None:
    assert standing(session, loaded) == [
        ("LGC-V1", "referenced", {"conform": 12}),
        ("DPI-V2", "in_review", {"covered": 3, "to_confirm": 3, "under_review": 6, "required": 1}),
        ("LGC-V2", "draft", {"covered": 8, "to_confirm": 3, "awaiting": 1, "required": 3}),
    ]
    assert list(verify(session)) == []


def test_everybody_has_a_key_and_both_editors_of_solutions_an_integration(loaded: Accesses) -> None:
    held = {(access.actor.role, access.actor.organisation_id) for access in loaded.values()}
    assert {role for role, _ in held} == set(Role)
    editors = [owner for role, owner in held if role is Role.EDITOR]
    assert len(editors) == 3
    maker = loaded["EDITEUR_3"].actor.organisation_id
    assert {owner for role, owner in held if role is Role.INTEGRATION} == {*editors} - {maker}
    assert [access.actor.role for access in loaded.values()].count(Role.VERIFIER) == 2


def test_a_draft_gains_from_a_component_that_it_embeds(
    app: Flask, loaded: Accesses, session: Session
) -> None:
    of_maker, of_embedder = (
        [
            one
            for one in dossiers(session, loaded[who].actor, None, 10)
            if one.candidature.version.dsr.code == "LGC-V2"
        ]
        for who in ("EDITEUR_3", "EDITEUR_2")
    )
    (made,), (embedding,) = of_maker, of_embedder
    assert {state.value: count for state, count in made.counts.items()} == {"conform": 3}
    mail = [
        view
        for view in items(session, embedding.candidature.id)
        if view.item.expected_proof.code.startswith("LGC-V2:MSS/va1")
    ]
    assert {view.item.state for view in mail} == {ItemState.COVERED}
    grants = session.scalars(sa.select(GrantSource.embedding_id).join(GrantSource.grant))
    assert {*grants} - {None}


def test_loading_twice_changes_nothing_but_the_keys(app: Flask, loaded: Accesses, session: Session) -> None:
    before = standing(session, loaded), sizes(session)
    again = loading(app)
    assert (standing(session, again), sizes(session)) == before
    assert {variable: access.actor for variable, access in again.items()} == {
        variable: access.actor for variable, access in loaded.items()
    }
    assert identify(session, again["EDITEUR"].key) == loaded["EDITEUR"].actor
    with pytest.raises(Unauthenticated):
        identify(session, loaded["EDITEUR"].key)


def test_what_a_person_did_in_between_stays(app: Flask, loaded: Accesses) -> None:
    editor = loaded["EDITEUR"]
    with db.transaction(parts(app).sessions) as session:
        draft = dossiers(session, editor.actor, None, 10)[-1].candidature
        withdraw(session, editor.actor, draft.id)
        disable_account(session, "Maxime Perrin", Role.VERIFIER)
    again = loading(app)
    with db.transaction(parts(app).sessions) as session:
        assert [state for _, state, _ in standing(session, again)] == ["referenced", "in_review", "withdrawn"]
    assert set(loaded) - set(again) == {"VERIFICATEUR"}


def test_the_printed_commands_work(app: Flask, loaded: Accesses, capsys: pytest.CaptureFixture[str]) -> None:
    client = app.test_client()
    text = shown(app, loaded, capsys)
    found = list(commands(text))
    assert text.count('"$API/') == len(found)  # zsh takes a bare `?` for a pattern of file names
    assert [(command.method, command.path.rpartition("/")[2]) for command in found] == [
        ("GET", "candidatures"),
        ("GET", "equivalence"),
        ("POST", "proofs"),
        ("POST", "claims"),
        ("POST", "verdict"),
        ("POST", "certificates"),
        ("GET", "timeline"),
        ("POST", "opening"),
        ("POST", "claims"),
        ("POST", "answer"),
        ("GET", "audits"),
        ("GET", "candidatures?state=suspended"),
    ]
    for command in found:
        sent = form((command.file.name, command.file.read_bytes())) if command.file else command.body
        response = client.open(
            command.path,
            method=command.method,
            headers={"Authorization": f"Bearer {command.key}"},
            data=sent,
            content_type="application/json" if command.body else None,
        )
        assert response.status_code in {200, 201}, (command, response.get_data(as_text=True))


def test_what_makes_no_sense_any_more_is_not_printed(
    app: Flask, loaded: Accesses, capsys: pytest.CaptureFixture[str]
) -> None:
    with db.transaction(parts(app).sessions) as session:
        for one in dossiers(session, loaded["EDITEUR"].actor, None, 10)[1:]:
            withdraw(session, loaded["EDITEUR"].actor, one.candidature.id)
    found = commands(shown(app, loaded, capsys))
    assert [command.path.rpartition("/")[2] for command in found] == [
        "candidatures",
        "equivalence",
        "timeline",
        "opening",
        "audits",
        "candidatures?state=suspended",
    ]


def test_the_text_fits_a_terminal(app: Flask, loaded: Accesses, capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(app, loaded, capsys).splitlines()
    assert [line for line in lines if len(line) > 110 and "/" not in line] == []
    assert len(lines) < 130
    assert "\x1b" not in "".join(lines)
    assert {access.key for access in loaded.values()} <= set(re.findall(r"=(ref_\S+)", "\n".join(lines)))
