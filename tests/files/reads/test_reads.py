"""Who reads a file is noted with its reading, and told to auditors and to the organisation whose file it is."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from referencing.base import db
from referencing.base.permissions import Role
from referencing.files.models import KeptFile
from referencing.files.reads import operations
from tests.builders import changes
from tests.clients import Client
from tests.conftest import parts
from tests.console.browser import Browser
from tests.web.conftest import Dossier

As = Callable[..., Client]


@dataclass(frozen=True)
class Supplied:
    """A file of the dossier: where it is served, and where its readings are told."""

    path: str
    sha256: str

    @property
    def reads(self) -> str:
        return f"/reads?file={self.path.rpartition('/')[2]}"


@pytest.fixture
def file(dossier: Dossier) -> Supplied:
    receipt = dossier.editor.upload(dossier.slot, ("preuve.txt", b"Une preuve."))
    (kept,) = receipt["files"]
    return Supplied(f"/proofs/{receipt['id']}/files/{kept['id']}", kept["sha256"])


def test_a_reading_is_told_once_an_hour_with_who_when_and_from_where(
    dossier: Dossier, file: Supplied, as_: As
) -> None:
    for part in ({}, {"Range": "bytes=0-3"}, {"Range": "bytes=4-7"}):
        dossier.editor.send("GET", file.path, headers=part)
    (own,) = dossier.editor.get(file.reads)["items"]
    assert (own["kind"], own["role"], own["place"]) == ("proof", "editor", "127.0.0.1")
    assert own["by"].startswith("Sacha")
    assert own["filename"] == "preuve.txt"
    assert own["read_at"]
    (told,) = as_(Role.AUDITOR).get(file.reads)["items"]
    assert told == {**own, "filename": None}, "what a file of a draft is called is its editor's"


def test_an_organisation_is_told_that_the_agency_read_not_who_nor_from_where(
    dossier: Dossier, file: Supplied, as_: As
) -> None:
    dossier.editor.post(f"{dossier.path}/submission", {"incomplete": True}, 200)
    verifier = as_(Role.VERIFIER, name="Vasseur")
    for reader in (dossier.editor, verifier):
        assert reader.send("GET", file.path).status_code == 200
    by_agency, _ = dossier.editor.get(file.reads)["items"]
    assert (by_agency["by"], by_agency["role"], by_agency["place"]) == (None, "agency", None)
    auditor = as_(Role.AUDITOR)
    latest, _ = auditor.every(f"{file.reads}&limit=1")
    assert latest["by"].startswith("Vasseur")
    assert latest["place"] == "127.0.0.1"
    auditor.post("/conflicts", {"organisation": latest["organisation"], "verifier": auditor.get("/me")["id"]})
    assert auditor.get(file.reads)["items"] == []


def test_what_was_refused_or_not_sent_is_no_reading(dossier: Dossier, file: Supplied, as_: As) -> None:
    stranger = as_(Role.EDITOR, organisation="Mistral Santé")
    stranger.refused(404, "GET", file.path)
    known = dossier.editor.send("GET", file.path, headers={"If-None-Match": f'"{file.sha256}"'})
    assert known.status_code == 304
    assert dossier.editor.send("GET", file.path, headers={"Range": "bytes=999-"}).status_code == 416
    assert dossier.editor.get(file.reads)["items"] == []
    dossier.editor.send("GET", file.path)
    assert stranger.get(file.reads)["items"] == []


def test_it_is_noted_in_one_statement(app: Flask, dossier: Dossier, file: Supplied) -> None:
    with changes(parts(app).engine) as written:
        dossier.editor.send("GET", file.path)
    assert len([statement for statement in written if "file_read" in statement]) == 1


def test_a_table_that_somebody_takes_away_is_noted(as_: As, own_number: int) -> None:
    lead, auditor = as_(Role.LEAD, name="Lou"), as_(Role.AUDITOR)
    for _ in range(2):
        assert lead.send("GET", "/steering/queues?format=csv").status_code == 200
    lead.get("/steering/queues")
    (noted,) = [one for one in auditor.get("/reads")["items"] if one["by"] == f"Lou {own_number}"]
    assert (noted["kind"], noted["filename"], noted["organisation"]) == ("sheet", "files.csv", None)


def test_a_table_that_somebody_supplied_is_noted_as_the_file_it_is(dossier: Dossier) -> None:
    receipt = dossier.editor.upload(dossier.slot, ("traits.csv", "nom;prénom\nA;B\n".encode()))
    dossier.editor.send("GET", f"/proofs/{receipt['id']}/files/{receipt['files'][0]['id']}")
    assert [one["kind"] for one in dossier.editor.get("/reads")["items"]] == ["proof"]


def test_the_log_is_read_in_a_browser_too(dossier: Dossier, file: Supplied, app: Flask, as_: As) -> None:
    dossier.editor.send("GET", file.path)
    browser = Browser(app.test_client())
    browser.sign_in(dossier.editor.key)
    browser.open("/compte")
    assert "preuve.txt" in browser.follow("Qui a lu nos fichiers")
    assert "par Sacha" in browser.page.text
    control = Browser(app.test_client())
    control.sign_in(as_(Role.AUDITOR).key)
    control.open(f"/lectures?file={file.path.rpartition('/')[2]}")
    assert "Preuve" in control.page.text
    assert "preuve.txt" not in control.page.text
    verifier = Browser(app.test_client())
    verifier.sign_in(as_(Role.VERIFIER).key)
    verifier.open("/lectures", 403)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.EDITOR, Role.AUDITOR}))
def test_others_do_not_read_the_log(as_: As, role: Role) -> None:
    as_(role).refused(403, "GET", "/reads")


def test_every_file_leads_to_its_organisation(app: Flask) -> None:
    owned = operations._OWNED  # noqa: SLF001
    assert owned.keys() == {kind.__tablename__ for kind in KeptFile.__subclasses__()}
    with db.transaction(parts(app).sessions) as session:
        for kind in KeptFile.__subclasses__():
            path = owned[kind.__tablename__]
            assert path.column in sa.inspect(kind).columns
            assert session.scalar(sa.select(path.owner(uuid4()))) is None
