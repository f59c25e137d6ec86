"""Permissions, references and reports as the API shows them: plain values."""

from typing import Any

from referencing.accounts.models import Permission
from referencing.candidatures.record.models import Item


def permission_view(permission: Permission) -> dict[str, Any]:
    account = permission.account
    return {
        "id": permission.id,
        "account": account.id,
        "name": account.name,
        "organisation": account.organisation.name if account.organisation else None,
        "created_at": permission.created_at,
    }


def reference_view(item: Item) -> dict[str, Any]:
    return {"item": item.id, "code": item.expected_proof.code, "reference": item.external_reference}
