"""Who a key speaks for, over HTTP."""

from flask import Response
from flask_smorest import Blueprint

from referencing.http import actor, answer, transaction

from . import queries, schemas

blueprint = Blueprint("accounts", __name__, url_prefix="/api/v1", description="Who asks")


@blueprint.route("/me")
@blueprint.response(200, schemas.MeOut)
def read_me() -> Response:
    """The account that this key speaks for.

    An integration gives this `id` to an editor, who allows it on a candidature.
    """
    with transaction() as session:
        account = queries.account(session, actor())
        return answer(
            {
                "id": account.id,
                "name": account.name,
                "role": account.role,
                "organisation": account.organisation.name if account.organisation else None,
            }
        )
