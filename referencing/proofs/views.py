"""Proofs as the API shows them: plain values."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from .models import KeptFile, Proof, Verification
from .queries import Elsewhere


def proof_view(proof: Proof) -> dict[str, Any]:
    return {
        "id": proof.id,
        "number": proof.number,
        "item": proof.item_id,
        "state": proof.state,
        "supplied_at": proof.supplied_at,
        "journal_position": proof.journal_position,
        "files": [file_view(one) for one in proof.files],
        "verifications": [verification_view(one) for one in proof.verifications],
    }


def receipt_view(proof: Proof, also_in: Sequence[Elsewhere]) -> dict[str, Any]:
    return {**proof_view(proof), "also_in": [asdict(one) for one in also_in]}


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


def verification_view(verification: Verification) -> dict[str, Any]:
    return {
        "id": verification.id,
        "finding": verification.finding,
        "found_on": verification.found_on,
        "comment": verification.comment,
        "revoked_on": verification.revoked_on,
    }
