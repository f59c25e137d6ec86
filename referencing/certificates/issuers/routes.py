"""Issuers of certificates and their lists over HTTP."""

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from referencing.base.schemas import page_of
from referencing.web.forms import FORM, one_file
from referencing.web.pages import Page, PageArguments, id_cursor, key_as, listing
from referencing.web.requests import actor, answer, etag, expected_version, transaction

from . import lists, queries, schemas
from .views import issuer_view, list_view, listed_view, report_view

blueprint = Blueprint("issuers", __name__, url_prefix="/api/v1", description="Who certifies, and their lists")


@blueprint.route("/issuers")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.IssuerOut))
def list_issuers(arguments: dict[str, Page]) -> Response:
    """Who delivers certificates, by code."""
    page = arguments["page"]
    with transaction() as session:
        found = queries.issuers(session, actor(), page.after, page.limit + 1)
        shown, following = page.of(found, lambda one: [one.code])
        return listing([issuer_view(one) for one in shown], following)


@blueprint.route("/issuers/<issuer>")
@blueprint.response(200, schemas.IssuerOut)
def read_issuer(issuer: str) -> Response:
    """An issuer with the kinds that it delivers; its ETag is what a change is made on."""
    with transaction() as session:
        found = queries.issuer(session, actor(), issuer)
        return answer(issuer_view(found), headers=etag(found.revision))


@blueprint.route("/issuers/<issuer>", methods=["PUT"])
@blueprint.arguments(schemas.IssuerIn)
@blueprint.response(200, schemas.IssuerOut)
@blueprint.alt_response(201, schema=schemas.IssuerOut, description="It is new", success=True)
def define_issuer(words: dict[str, Any], issuer: str) -> Response:
    """Name an issuer and the kinds of certificates that it delivers, or change them (If-Match)."""
    with transaction() as session:
        revision = expected_version() if "If-Match" in request.headers else None
        found, new = lists.define_issuer(session, actor(), issuer, **words, revision=revision)
        return answer(issuer_view(found), 201 if new else 200, etag(found.revision))


@blueprint.route("/issuers/<issuer>/list", methods=["PUT"])
@blueprint.doc(requestBody=FORM)
@blueprint.arguments(schemas.ListArguments, location="query")
@blueprint.response(200, schemas.IssuerListReportOut)
def import_list(arguments: dict[str, Any], issuer: str) -> Response:
    """Import the list of what an issuer has certified (CSV), in the place of the one before, or ask what that would do.

    Columns `type;numero;titulaire;debut;dernier_jour`, as a spreadsheet saves it: the last day is included.
    """
    only_ask = arguments["dry_run"]
    with transaction() as session:
        attempt = session.begin_nested()
        report = lists.import_list(session, actor(), issuer, one_file(), arguments["as_of"])
        view = report_view(report, dry_run=only_ask)
        if only_ask:
            attempt.rollback()
    return answer(view)


@blueprint.route("/issuers/<issuer>/lists")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.IssuerListOut))
def list_lists(arguments: dict[str, Page], issuer: str) -> Response:
    """The lists that were imported of an issuer, oldest first."""
    page = arguments["page"]
    cursor = None if page.after is None else (key_as(int, page.after[0]),)
    with transaction() as session:
        found = queries.lists(session, actor(), issuer, cursor, page.limit + 1)
        shown, following = page.of(found, lambda one: [one.number])
        return listing([list_view(one) for one in shown], following)


@blueprint.route("/issuers/<issuer>/lists/<int:number>")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.ListedOut))
def list_listed(arguments: dict[str, Page], issuer: str, number: int) -> Response:
    """The certificates of one of these lists."""
    page = arguments["page"]
    with transaction() as session:
        found = queries.listed(session, actor(), issuer, number, id_cursor(page), page.limit + 1)
        shown, following = page.of(found, lambda one: [one.id])
        return listing([listed_view(one) for one in shown], following)
