"""Templates of comments over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.descriptions import ETAG, IF_MATCH, needs, reads, tells
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, etag, expected_version, transaction

from . import schemas, templates
from .models import CommentTemplate

blueprint = Blueprint("templates", __name__, url_prefix="/api/v1", description="Comments to begin from")

_shape = shape(schemas.TemplateOut)


def _answer_template(template: CommentTemplate, status: int = 200) -> Response:
    return answer(_shape(template, actor()), status, etag(template.revision))


@blueprint.route("/comment-templates")
@needs(Right.READ_QUEUES)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.TemplateOut))
def list_comment_templates(arguments: dict[str, Page]) -> Response:
    """The templates of comments, in the order of writing."""
    page = arguments["page"]
    with transaction() as session:
        rows = templates.templates(session, actor(), id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda template: [template.id])
        return listing([_shape(template, actor()) for template in on_page], following)


@blueprint.route("/comment-templates", methods=["POST"])
@needs(Right.STEER_QUEUES)
@tells(ETAG)
@blueprint.arguments(schemas.TemplateIn)
@blueprint.response(201, schemas.TemplateOut)
def write_comment_template(words: dict[str, Any]) -> Response:
    """Write a template of a comment, for an outcome or a chapter, or for any."""
    with transaction() as session:
        return _answer_template(templates.write(session, actor(), **words), 201)


@blueprint.route("/comment-templates/<uuid:template>")
@needs(Right.READ_QUEUES)
@tells(ETAG)
@blueprint.response(200, schemas.TemplateOut)
def read_comment_template(template: UUID) -> Response:
    """One template, with its ETag."""
    with transaction() as session:
        return _answer_template(templates.template(session, actor(), template))


@blueprint.route("/comment-templates/<uuid:template>", methods=["PATCH"])
@needs(Right.STEER_QUEUES)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.arguments(schemas.TemplatePatch)
@blueprint.response(200, schemas.TemplateOut)
def correct_comment_template(words: dict[str, Any], template: UUID) -> Response:
    """Change a template (If-Match: its revision); verdicts already given keep their words."""
    with transaction() as session:
        return _answer_template(templates.correct(session, actor(), template, expected_version(), words))


@blueprint.route("/comment-templates/<uuid:template>", methods=["DELETE"])
@needs(Right.STEER_QUEUES)
@reads(IF_MATCH)
@blueprint.response(204)
def remove_comment_template(template: UUID) -> Response:
    """Remove a template (If-Match: its revision)."""
    with transaction() as session:
        templates.remove(session, actor(), template, expected_version())
        return Response(status=204)
