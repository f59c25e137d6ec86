"""Plans of reuse over HTTP."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.web.descriptions import needs
from referencing.web.requests import actor, answer, transaction

from . import operations, schemas
from .views import plans_view

blueprint = Blueprint(
    "plans", __name__, url_prefix="/api/v1", description="What to supply once so that the rest follows"
)


@blueprint.route("/reuse-plans", methods=["POST"])
@needs(Right.PREPARE_CANDIDATURES)
@blueprint.arguments(schemas.ReusePlansIn)
@blueprint.response(200, schemas.ReusePlansOut)
def plan_reuse(words: dict[str, Any]) -> Response:
    """Plan over the open candidatures and planned ones: the fewest proofs to supply so that all else follows.

    What is supplied, or is to be, is taken to be found conform. Nothing is kept or changed; the same question has the
    same answer as long as nothing changes. Where a search is cut short, `at_least` says how small it could be.
    """
    with transaction() as session:
        plans = operations.reuse_plans(session, actor(), **words)
        return answer(plans_view(plans))
