"""Proofs with what a query says beside them: why a finding is stale, and where else a file is."""

from typing import Any

from sqlalchemy.orm import Session

from referencing.base.permissions import Actor
from referencing.base.shapes import shape

from .models import Proof
from .queries import Stale, elsewhere, unchanged
from .schemas import ElsewhereOut, RecordedVerificationOut, VersionOfProofOut

_version = shape(VersionOfProofOut)
_verification = shape(RecordedVerificationOut)
_elsewhere = shape(ElsewhereOut)


def proof_view(proof: Proof, stale: Stale) -> dict[str, Any]:
    """A version with its findings, each with the reasons for which it is stale."""
    verifications = [_verification(one) | {"stale": stale.get(one.id, ())} for one in proof.verifications]
    return {**_version(proof), "verifications": verifications}


def receipt_view(session: Session, actor: Actor, proof: Proof) -> dict[str, Any]:
    """A version that has just come, on which nothing was found yet.

    It tells the other items that carry its files, and which files answer a complement unchanged.
    """
    repeated = unchanged(session, [proof.id]) if proof.number > 1 else {}
    return {
        **proof_view(proof, {}),
        "also_in": [_elsewhere(one) for one in elsewhere(session, actor, proof)],
        "unchanged": repeated.get(proof.id, []),
    }
