"""Past referencings over HTTP."""

from flask import Response
from flask_smorest import Blueprint

from referencing.base.shapes import shape
from referencing.web.forms import FORM, one_file
from referencing.web.requests import actor, answer, transaction

from . import checking, schemas

blueprint = Blueprint(
    "takeover", __name__, url_prefix="/api/v1", description="What was referenced before this service"
)

_report = shape(schemas.TakeoverReportOut)


@blueprint.route("/takeovers/checks", methods=["POST"])
@blueprint.doc(requestBody=FORM)
@blueprint.response(200, schemas.TakeoverReportOut)
def check_takeover() -> Response:
    """Look at a file of past referencings (CSV or workbook) line by line: what could be taken over, what is wrong.

    Nothing is kept of it. The layout is in `docs/takeover.md`.
    """
    with transaction() as session:
        return answer(_report(checking.check(session, actor(), one_file())))
