"""Permissions, references and reports as the API shows them: plain values."""

from collections.abc import Sequence
from typing import Any

from referencing.accounts.models import Permission
from referencing.candidatures.models import Item
from referencing.errors import DomainError
from referencing.problems import problem_view


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


def line_view(done: str, what: str, outcome: dict[str, Any] | DomainError) -> dict[str, Any]:
    """A line of a report: `done` is what it is called when it succeeded, `what` where the result then is."""
    if isinstance(outcome, DomainError):
        return {"outcome": "refused", "problem": problem_view(outcome)}
    return {"outcome": done, what: outcome}


def report_view(done: str, lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    count = sum(line["outcome"] == done for line in lines)
    return {done: count, "refused": len(lines) - count, "lines": lines}
