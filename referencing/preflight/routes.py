"""What is asked before a dossier is filed, over HTTP."""

from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.shapes import shape
from referencing.web.descriptions import needs
from referencing.web.requests import actor, answer, transaction

from . import checks, schemas
from .planned import Planned

blueprint = Blueprint(
    "preflight", __name__, url_prefix="/api/v1", description="What submission would say, before it is asked"
)
_preflight = shape(schemas.PreflightOut)


@blueprint.route("/candidatures/<uuid:candidature>/preflight", methods=["POST"])
@needs(Right.FILE_CANDIDATURES)
@blueprint.response(200, schemas.PreflightOut)
def preflight_candidature(candidature: UUID) -> Response:
    """Say what submission would say, all of it at once, and what else stands in the way; nothing is filed.

    Tests and certificates are looked at up to the day on which a decision can be expected.
    """
    with transaction() as session:
        return answer(_preflight(checks.preflight(session, actor(), candidature)))


@blueprint.route("/preflights", methods=["POST"])
@needs(Right.PREPARE_CANDIDATURES)
@blueprint.arguments(schemas.PlannedIn)
@blueprint.response(200, schemas.PreflightOut)
def preflight_planned_candidature(planned: Planned) -> Response:
    """Say what submission would say of a candidature that is not drafted; nothing of it is kept."""
    with transaction() as session:
        return answer(_preflight(checks.preflight_planned(session, actor(), planned)))
