"""Which right an operation takes: said below its address, asked before its request is read, told in the description.

The verb that it calls asks once more, for whoever comes by another way.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from apispec import BasePlugin
from flask import current_app, g, request
from flask_smorest import Blueprint

from referencing.base.permissions import MAY, Right, authorise, may

View = TypeVar("View", bound=Callable[..., Any])

_RIGHTS = "x-rights"


def needs(*rights: Right) -> Callable[[View], View]:
    """Have a view take one of these rights; one without serves whoever is known."""

    def marked(view: View) -> View:
        described: View = Blueprint.doc(**{_RIGHTS: rights})(view)
        described.rights = rights  # type: ignore[attr-defined]
        return described

    return marked


def refuse_without_right() -> None:
    """Raises Forbidden for who has none of the rights that the view takes, whatever the request says."""
    rights = getattr(current_app.view_functions.get(request.endpoint or ""), "rights", ())
    if rights and not any(may(g.actor, right) for right in rights):
        authorise(g.actor, rights[0])


class Rights(BasePlugin):
    """Tells of each operation the right it takes, as the roles of its key's security, and in words with who has it."""

    def operation_helper(
        self,
        path: str | None = None,  # noqa: ARG002 - apispec's signature
        operations: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        for operation in (operations or {}).values():
            rights = operation.pop(_RIGHTS, ())
            if rights:
                words = " or ".join(f"`{right}` ({', '.join(sorted(MAY[right]))})" for right in rights)
                operation["security"] = [{"key": [right.value]} for right in rights]
                operation["description"] = f"{operation.get('description', '')}\n\nRight: {words}.".strip()
