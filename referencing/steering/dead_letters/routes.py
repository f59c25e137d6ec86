"""Dead letters over HTTP."""

from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.descriptions import needs
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, transaction

from . import operations, schemas

blueprint = Blueprint(
    "dead_letters", __name__, url_prefix="/api/v1", description="Jobs that failed too often"
)

_job_shape = shape(schemas.JobOut)


@blueprint.route("/dead-letters")
@needs(Right.REPLAY_JOBS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.JobOut))
def list_dead_letters(arguments: dict[str, Page]) -> Response:
    """The jobs that failed too often, with their last error."""
    page = arguments["page"]
    with transaction() as session:
        rows = operations.dead_jobs(session, actor(), id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda job: [job.id])
        return listing([_job_shape(job) for job in on_page], following)


@blueprint.route("/dead-letters/<uuid:job>/replay", methods=["POST"])
@needs(Right.REPLAY_JOBS)
@blueprint.response(200, schemas.JobOut)
def replay(job: UUID) -> Response:
    """Try a job again."""
    with transaction() as session:
        return answer(_job_shape(operations.replay(session, actor(), job)))
