"""A dossier decided on reuses of several kinds, the bundle of its decision, and the key of the agency."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from referencing.base import db
from referencing.bundles.tasks import sign_for_bundles
from referencing.heads.notary import Notary
from tests.candidatures.dossiers import (
    CNDA,
    OLD_CNDA,
    OLD_IDENTITY,
    OLD_PART,
    OLD_TRAITS,
    Dossier,
    People,
)
from tests.candidatures.running import Running

#: The key of the agency, and what it tells of it.
AGENCY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = base64.b64encode(AGENCY.public_key().public_bytes_raw()).decode()


def decided(people: People) -> list[Dossier]:
    """Vague 1 is referenced, then vague 2 on it: what equals is covered, and what the CNDA looks at is confirmed."""
    first = people.draft("LGC-V1")
    first.supply_all()
    first.submit()
    first.judge()
    for code in (OLD_IDENTITY, OLD_PART, OLD_TRAITS, OLD_CNDA):
        first.find(code)
    first.decide("referenced")
    second = people.submitted("LGC-V2", first.read()["solution"])
    second.judge()
    for code in second.codes("under_review"):
        second.find(code)
    second.find(CNDA)
    second.decide("referenced")
    return [first, second]


def receipt_of(dossier: Dossier, action: str) -> str:
    """The address of the last receipt of an act."""
    receipts = dossier.people.editor.every(f"{dossier.path}/receipts")
    number = [receipt["number"] for receipt in receipts if receipt["action"] == action][-1]
    return f"{dossier.path}/receipts/{number}/bundle"


def bundle_at(people: People, address: str) -> Any:
    """What is sealed at an address, once the head that covers it is signed."""
    people.editor.send("PUT", address)
    sign(people)
    return people.editor.get(address)


def sign(people: People) -> None:
    """What the application does every few minutes."""
    with db.transaction(people.parts.sessions) as session:
        sign_for_bundles(session, notary=Notary(AGENCY))


@dataclass(frozen=True)
class Decided:
    people: People
    first: Dossier
    second: Dossier
    bundle: Any


@pytest.fixture(scope="module")
def case(running: Running) -> Iterator[Decided]:
    with running.after(decided) as (people, (first, second)):
        bundle = bundle_at(people, receipt_of(second, "candidature.decided"))
        yield Decided(people, first, second, bundle)


def copied(bundle: Any) -> Any:
    return json.loads(json.dumps(bundle))
