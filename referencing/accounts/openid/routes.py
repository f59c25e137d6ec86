"""Who waits to be accepted, over HTTP, for those who manage people."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.accounts.people.schemas import AccountOut
from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.descriptions import needs
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, transaction

from . import operations, queries, schemas

blueprint = Blueprint("newcomers", __name__, url_prefix="/api/v1", description="Who waits to be accepted")

_newcomer = shape(schemas.NewcomerOut)
_account = shape(AccountOut)


@blueprint.route("/newcomers")
@needs(Right.MANAGE_PEOPLE)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.NewcomerOut))
def list_newcomers(arguments: dict[str, Page]) -> Response:
    """Who signed in at an issuer and has no account yet: for a lead all, for a mandataire the organisation's."""
    page = arguments["page"]
    with transaction() as session:
        rows = queries.newcomers(session, actor(), id_cursor(page), page.limit + 1)
        shown, following = page.of(rows, lambda row: [row.id])
        return listing([_newcomer(row) for row in shown], following)


@blueprint.route("/newcomers/<uuid:newcomer>/acceptance", methods=["POST"])
@needs(Right.MANAGE_PEOPLE)
@blueprint.arguments(schemas.NewcomerAcceptanceIn)
@blueprint.response(200, AccountOut)
def accept_newcomer(words: dict[str, Any], newcomer: UUID) -> Response:
    """Give somebody who waits an account: one that is there, or a new one."""
    with transaction() as session:
        return answer(_account(operations.accept(session, actor(), newcomer, **words), actor()))


@blueprint.route("/newcomers/<uuid:newcomer>/refusal", methods=["POST"])
@needs(Right.MANAGE_PEOPLE)
@blueprint.arguments(schemas.NewcomerRefusalIn)
@blueprint.response(204)
def refuse_newcomer(words: dict[str, str], newcomer: UUID) -> Response:
    """Say no to somebody who waits, and why."""
    with transaction() as session:
        operations.refuse(session, actor(), newcomer, words["reason"])
        return Response(status=204)
