"""Proofs as the API shows them: plain values."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from referencing.files.models import KeptFile

from .models import Proof, Verification
from .queries import Elsewhere, Stale


def proof_view(proof: Proof, stale: Stale) -> dict[str, Any]:
    return {
        "id": proof.id,
        "number": proof.number,
        "item": proof.item_id,
        "state": proof.state,
        "supplied_at": proof.supplied_at,
        "performed_on": proof.performed_on,
        "journal_position": proof.journal_position,
        "files": [file_view(one) for one in proof.files],
        "verifications": [verification_view(one, stale) for one in proof.verifications],
    }


def receipt_view(proof: Proof, also_in: Sequence[Elsewhere]) -> dict[str, Any]:
    """Of a version that has just come: nothing was found on it yet."""
    return {**proof_view(proof, {}), "also_in": [asdict(one) for one in also_in]}


def file_view(file: KeptFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "filename": file.filename,
        "media_type": file.media_type,
        "detected_type": file.detected_type,
        "remarks": file.remarks,
        "identifiers": file.identifiers,
        "identifier_places": file.identifier_places,
        "size": file.content.size,
        "sha256": file.sha256,
        "scan": file.content.scan,
        "scan_detail": file.content.scan_detail,
        "accepted_reason": file.accepted_reason,
    }


def verification_view(verification: Verification, stale: Stale) -> dict[str, Any]:
    return {
        "id": verification.id,
        "finding": verification.finding,
        "found_on": verification.found_on,
        "comment": verification.comment,
        "round": verification.round,
        "file_sha256": verification.file_sha256,
        "dsr_version": verification.dsr_version,
        "rulebook": verification.rulebook_id,
        "revoked_on": verification.revoked_on,
        "stale": stale.get(verification.id, ()),
    }
