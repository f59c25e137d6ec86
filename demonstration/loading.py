"""The demonstration in a database: its accounts with fresh keys, and its contents when they are not there yet.

All of it is one transaction that begins with a lock, so it is there whole or not at all, and once.
"""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from demonstration.cast import PEOPLE, Person
from demonstration.contents import play
from demonstration.stage import Stage
from referencing.accounts.operations import create_account, identify, renew_key
from referencing.base.errors import Conflict, NotFound
from referencing.base.permissions import Actor
from referencing.base.vault import Vault
from referencing.catalogue.models import Dsr
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.journal.operations import SYSTEM, record
from referencing.journal.queries import stream

STREAM = "demonstration"
_LOCK = 0x5E6112  # any number that nothing else locks


class Access(NamedTuple):
    """What a person comes in with: the key, shown this once, and who it speaks for."""

    person: Person
    key: str
    actor: Actor


#: By the name of the person's variable.
Accesses = dict[str, Access]


def load(session: Session, vault: Vault) -> Accesses:
    """Answer a fresh key for everybody whose account is open, after playing the first history where there is none.

    What people did since the last time stays as it is. Raises Conflict in a database that serves something else.
    """
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    loaded = bool(stream(session, STREAM, limit=1))
    if not loaded:
        _refuse_foreign(session)
    accesses = {person.variable: access for person in PEOPLE if (access := _access(session, person))}
    if not loaded:
        play(Stage(session, vault, {variable: access.actor for variable, access in accesses.items()}))
        record(session, SYSTEM, "demonstration.loaded", STREAM, {})
    return accesses


def _refuse_foreign(session: Session) -> None:
    """Raise Conflict where a catalogue or rules exist: the demonstration's would take their place."""
    if session.scalar(sa.select(sa.exists(sa.select(Dsr.id)) | sa.exists(sa.select(Rulebook.id)))):
        raise Conflict(
            "Cette base contient déjà un catalogue ou des règles qui ne sont pas ceux de la démonstration : "
            "donnez-lui un autre dossier (REFERENCING_DATA) ou une autre base (DATABASE_URL)."
        )


def _access(session: Session, person: Person) -> Access | None:
    """A fresh key; None for an account that somebody has closed since."""
    account = (person.name, person.role, person.organisation)
    try:
        key = renew_key(session, *account)
    except NotFound:
        key = create_account(session, *account)
    except Conflict:
        return None
    return Access(person, key, identify(session, key))
