"""A record of some hundred entries in a database of its own, and the key that signs its heads."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from referencing.base import db
from referencing.heads.notary import Notary
from referencing.journal.operations import SYSTEM, record
from tests.conftest import Time
from tests.databases import new_database

#: Streams, and entries of each: more than one tile together.
STREAMS, LONG = 30, 10


@pytest.fixture(scope="module")
def engine(server: sa.URL) -> Iterator[sa.Engine]:
    engine = db.connect(new_database(server, "heads"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def clock() -> Time:
    return Time()


@pytest.fixture(scope="module")
def sessions(engine: sa.Engine, clock: Time) -> db.Sessions:
    return db.sessions(engine, clock)


@pytest.fixture(scope="module")
def notary() -> Notary:
    return Notary(Ed25519PrivateKey.generate())


def public_key(notary: Notary) -> bytes:
    assert notary.signer is not None
    return notary.signer.public_key().public_bytes_raw()


def write(sessions: db.Sessions, number: int, owner: UUID | None, count: int = 1) -> None:
    """Some entries at the end of a stream, in a transaction of their own."""
    with db.transaction(sessions) as session:
        for _ in range(count):
            detail = {"references": {str(uuid4()): "dossier"}}
            record(
                session,
                SYSTEM,
                "items.named",
                f"candidature:{UUID(int=number)}",
                detail,
                organisation_id=owner,
            )


@pytest.fixture(scope="module")
def written(sessions: db.Sessions) -> None:
    """The entries of every second stream are of an organisation; those of different streams lie between each other."""
    for _ in range(LONG):
        for number in range(STREAMS):
            write(sessions, number, UUID(int=1_000 + number) if number % 2 else None)
