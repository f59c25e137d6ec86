"""Proofs with what a query says beside them: why a finding is stale, and where else a file is."""

from collections.abc import Sequence
from typing import Any

from referencing.base.shapes import shape

from .models import Proof
from .queries import Elsewhere, Stale
from .schemas import ElsewhereOut, RecordedVerificationOut, VersionOfProofOut

_version = shape(VersionOfProofOut)
_verification = shape(RecordedVerificationOut)
_elsewhere = shape(ElsewhereOut)


def proof_view(proof: Proof, stale: Stale) -> dict[str, Any]:
    """A version with its findings, each with the reasons for which it is stale."""
    verifications = [_verification(one) | {"stale": stale.get(one.id, ())} for one in proof.verifications]
    return {**_version(proof), "verifications": verifications}


def receipt_view(proof: Proof, also_in: Sequence[Elsewhere]) -> dict[str, Any]:
    """A version that has just come, on which nothing was found yet, with the other items that carry its files."""
    return {**proof_view(proof, {}), "also_in": [_elsewhere(one) for one in also_in]}
