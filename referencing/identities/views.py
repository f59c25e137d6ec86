"""Declarations as the API shows them: to the agency, with the other software."""

from typing import Any

from referencing.proofs.views import file_view

from .models import Declaration
from .queries import Other


def declaration_view(found: Declaration) -> dict[str, Any]:
    return {
        "id": found.id,
        "software": found.software_id,
        "name": found.software.name,
        "nil": found.software.nil,
        "organisation": found.software.organisation.name,
        "other": found.other_id,
        "comment": found.comment,
        "state": found.state,
        "declared_at": found.declared_at,
        "ended_at": found.ended_at,
        "refusal": found.refusal,
        "identity": found.identity_id,
        "files": [file_view(file) for file in found.files],
    }


def agency_view(found: Declaration, other: Other | None) -> dict[str, Any]:
    software = other.software if other else None
    return {
        **declaration_view(found),
        "other_software": software
        and {
            "id": software.id,
            "name": software.name,
            "nil": software.nil,
            "organisation": software.organisation.name,
        },
        "complete": other is not None and other.complete,
    }
