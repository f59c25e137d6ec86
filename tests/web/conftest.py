"""One application for all of these tests; each has organisations of its own, and sees nothing of the others."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import count

import pytest
from flask import Flask
from werkzeug.routing import Rule

from referencing.accounts.operations import create_account
from referencing.base import db
from referencing.base.permissions import MAY, OF_AN_ORGANISATION, Right, Role
from tests.builders import Asked, publish_dsr
from tests.clients import Client, escaped
from tests.conftest import Keys, parts

_tests = count(1)


@pytest.fixture
def app(shared_app: Flask) -> Flask:
    return shared_app


@pytest.fixture
def admitted(app: Flask, as_: Callable[..., Client]) -> Callable[[Rule], Client]:
    """Somebody who has the right that the view of a rule takes."""
    somebody = cache(as_)

    def to(rule: Rule) -> Client:
        rights = getattr(app.view_functions[rule.endpoint], "rights", [Right.READ_CATALOGUE])
        return somebody(min(MAY[rights[0]]))

    return to


@pytest.fixture
def own_number() -> int:
    return next(_tests)


@pytest.fixture
def key_of(app: Flask, own_number: int) -> Keys:
    """The key of a new account; names are made this test's own."""

    def create(role: Role, organisation: str = "Éditions Alizé", name: str = "Camille") -> str:
        owner = f"{organisation} {own_number}" if role in OF_AN_ORGANISATION else None
        with db.transaction(parts(app).sessions) as opened:
            return create_account(opened, f"{name} {own_number}", role, owner)

    return create


@dataclass(frozen=True)
class Dossier:
    """A draft of a candidature, and its editor; `path` is below /api/v1, `codes` those of its items."""

    editor: Client
    path: str
    codes: list[str]

    @property
    def slot(self) -> str:
        """Where the proofs of the first item go."""
        return f"{self.path}/items/{escaped(self.codes[0])}/proofs"


def draft(app: Flask, mark: str, *asked: Asked) -> Dossier:
    """A dossier of an organisation and on a DSR of its own."""
    with db.transaction(parts(app).sessions) as session:
        publish_dsr(session, f"T{mark}-V1", *asked)
        key = create_account(session, f"Sacha {mark}", Role.EDITOR, f"Éditions Alizé {mark}")
    editor = Client(app.test_client(), key)
    software = editor.post("/softwares", {"name": "Alizé Cabinet", "nil": "NIL-1"})
    solution = editor.post("/solutions", {"software": software["id"], "commercial_name": "Alizé"})
    words = {"dsr": f"T{mark}-V1", "solution": solution["id"], "software_version": "1.0"}
    path = f"/candidatures/{editor.post('/candidatures', words)['id']}"
    return Dossier(editor, path, [item["code"] for item in editor.every(f"{path}/items")])


@pytest.fixture
def dossier(app: Flask, own_number: int) -> Dossier:
    """Of the same organisation as this test's editors."""
    asked = Asked("INS.1", ("01.01", "01.02", "02.01")), Asked("INS.2", ("01.01", "01.02"))
    return draft(app, str(own_number), *asked)
