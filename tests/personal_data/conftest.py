"""A verifier who left traces of every kind, in the application with the tiny referential."""

from itertools import count
from typing import NamedTuple
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.accounts.openid.models import ExternalIdentity, IdentityLink
from referencing.accounts.operations import actor_of
from referencing.accounts.sessions.elsewhere import SignedInElsewhere
from referencing.accounts.sessions.operations import open_session
from referencing.base import db
from referencing.base.db import new_id, now
from referencing.base.permissions import Role
from referencing.invitations.models import Invitation
from referencing.mail.models import Outcome
from referencing.mail.operations import write
from referencing.registers import tables
from tests.candidatures.conftest import people
from tests.candidatures.dossiers import IDENTITY, Dossier, People, verdict
from tests.clients import Client

__all__ = ["people"]

NAME, ADDRESS, SUBJECT, AGENT, PLACE = (
    "Apolline Quatremère",
    "apolline.quatremere@agence.example",
    "sujet-3f9c2a",
    "Navigateur d'Apolline",
    "198.51.100.77",
)
ISSUER = "https://identite.example"
SAID, WRITTEN = "Le badge se voit page 3.", "Bonjour, merci pour la page 3."
_numbers = count(1)


class Somebody(NamedTuple):
    client: Client
    id: str
    name: str
    dossier: Dossier


@pytest.fixture
def somebody(people: People) -> Somebody:
    """A verifier who judged, wrote, read, signed in and was written to."""
    name = f"{NAME} {next(_numbers)}"
    client = people(Role.VERIFIER, name)
    account = client.get("/me", environ_overrides={"REMOTE_ADDR": PLACE})["id"]
    client.put("/me/email", {"address": ADDRESS})
    client.post("/me/keys", {"name": f"portable de {name}"}, headers={"Idempotency-Key": account})
    dossier = people.in_review()
    (task,) = [one for one in dossier.tasks("proof_review") if one["code"] == IDENTITY]
    taken = client.post(f"/tasks/{task['id']}/claim", status=200)
    proof = taken["subject"]["proof"]
    client.send(
        "GET",
        f"/proofs/{proof['id']}/files/{proof['files'][0]['id']}",
        environ_overrides={"REMOTE_ADDR": PLACE},
    )
    client.post(f"/tasks/{task['id']}/verdict", verdict(taken, comment=SAID), status=200)
    client.post(f"{dossier.path}/messages", {"text": WRITTEN})
    with db.transaction(people.parts.sessions) as session:
        _come_in(session, UUID(account), name)
    return Somebody(client, account, name, dossier)


def _come_in(session: Session, account: UUID, name: str) -> None:
    """By an issuer, in a browser, after an invitation; and a letter waits for them."""
    moment = now(session)
    actor = actor_of(session, session.get_one(Account, account))
    open_session(session, actor, AGENT, SignedInElsewhere(ISSUER, SUBJECT, f"jeton {SUBJECT}"))
    identity = ExternalIdentity(
        id=new_id(), issuer=ISSUER, subject=f"{SUBJECT} {account}", name=name, email=ADDRESS, machine=False,
        first_seen_at=moment, seen_at=moment, waiting=False, linked=True,
    )  # fmt: skip
    session.add(identity)
    session.flush()
    session.add(IdentityLink(identity_id=identity.id, account_id=account, linked_at=moment))
    session.add(
        Invitation(
            address=ADDRESS, role=Role.VERIFIER, invited_by=account, sendings=1, asked_at=moment, attempts=0,
            outcome=Outcome.SENT, expires_at=moment, accepted_at=moment, account_id=account,
        )
    )  # fmt: skip
    write(session, account, "essai", "Une séance", f"Bonjour {name}, une séance vous attend.")


def held(people: People, *words: str) -> dict[str, list[str]]:
    """Every row of the database in which one of these words stands, by its table."""
    found: dict[str, list[str]] = {}
    with people.parts.engine.connect() as connection:
        for table in tables().tables.values():
            rows = connection.scalars(sa.text(f'SELECT "{table.name}"::text FROM "{table.name}"'))
            if hits := [row for row in rows if any(word in row for word in words)]:
                found[table.name] = hits
    return found
