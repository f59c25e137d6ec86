"""Declarations to the EDC PSC as the API shows them."""

from typing import Any

from .models import EdcPscDeclaration


def declaration_view(one: EdcPscDeclaration) -> dict[str, Any]:
    keys = (
        "id",
        "component",
        "counter",
        "operator",
        "number",
        "declared_on",
        "withdrawn_at",
        "withdrawn_reason",
    )
    return {**{key: getattr(one, key) for key in keys}, "software": one.software_id}
