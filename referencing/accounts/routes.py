"""Who a key speaks for, over HTTP."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.base.permissions import Right, may
from referencing.web.descriptions import needs
from referencing.web.requests import actor, answer, parts, transaction

from . import operations, queries, schemas

blueprint = Blueprint("accounts", __name__, url_prefix="/api/v1", description="Who asks")


@blueprint.route("/me")
@blueprint.response(200, schemas.MeOut)
def read_own_account() -> Response:
    """The account that this key speaks for.

    An integration gives this `id` to an editor, who allows it on a candidature.
    """
    with transaction() as session:
        return answer(_me(session))


@blueprint.route("/me/email", methods=["PUT"])
@needs(Right.RECEIVE_MAIL)
@blueprint.arguments(schemas.EmailIn)
@blueprint.response(200, schemas.MeOut)
def set_own_email(words: dict[str, str]) -> Response:
    """Say where one wants to receive invitations and reminders."""
    with transaction() as session:
        operations.set_email(session, actor(), words["address"])
        return answer(_me(session))


@blueprint.route("/me/email", methods=["DELETE"])
@needs(Right.RECEIVE_MAIL)
@blueprint.response(204)
def remove_own_email() -> Response:
    """Receive no e-mail any more."""
    with transaction() as session:
        operations.remove_email(session, actor())
        return Response(status=204)


def _me(session: Session) -> dict[str, Any]:
    account = queries.account(session, actor())
    return {
        "id": account.id,
        "name": account.name,
        "role": account.role,
        "function": account.function,
        "delegated_from": account.delegated_from,
        "delegated_until": account.delegated_until,
        "rights": [right.value for right in sorted(Right) if may(actor(), right)],
        "organisation": account.organisation.name if account.organisation else None,
        "email": queries.email_address(session, account.id),
        "email_is_sent": parts().settings.smtp_url is not None,
    }
