"""Permissions as an editor reads them."""

from typing import Any

from referencing.accounts.models import Permission
from referencing.base.permissions import Actor
from referencing.base.shapes import shape

from .schemas import PermissionOut

_permission = shape(PermissionOut)


def permission_view(permission: Permission, reader: Actor) -> dict[str, Any]:
    """A permission; the account of another organisation keeps its name: who knows its id learns nothing more."""
    own = permission.account.organisation_id == reader.organisation_id
    return _permission(permission) | ({} if own else {"name": None, "organisation": None})
