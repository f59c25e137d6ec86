"""Issuers of certificates and their lists over HTTP."""

from collections.abc import Sequence
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.certificates.kinds import kind_remarks
from referencing.certificates.models import Issuer
from referencing.certificates.queries import kinds_read
from referencing.web.descriptions import ETAG, IF_MATCH_IF_ANY, needs, reads, tells
from referencing.web.forms import FORM, one_file
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, etag, expected_version, transaction

from . import lists, queries, schemas
from .lists import IssuerWords

blueprint = Blueprint("issuers", __name__, url_prefix="/api/v1", description="Who certifies, and their lists")

_issuer = shape(schemas.IssuerRowOut)
_list = shape(schemas.IssuerListOut)
_line = shape(schemas.ListedOut)
_report = shape(schemas.IssuerListReportOut)


@blueprint.route("/issuers")
@needs(Right.READ_ISSUERS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.IssuerOut))
def list_issuers(arguments: dict[str, Page]) -> Response:
    """The issuers of certificates, by code."""
    page = arguments["page"]
    with transaction() as session:
        issuers = queries.issuers(session, actor(), page.keys(str), page.limit + 1)
        page_issuers, following = page.of(issuers, lambda one: [one.code])
        return listing(_views(session, page_issuers), following)


@blueprint.route("/issuers/<issuer>")
@needs(Right.READ_ISSUERS)
@tells(ETAG)
@blueprint.response(200, schemas.IssuerOut)
def read_issuer(issuer: str) -> Response:
    """An issuer with the kinds that it delivers; its ETag is what a change is made on."""
    with transaction() as session:
        existing = queries.issuer(session, actor(), issuer)
        (view,) = _views(session, [existing])
        return answer(view, headers=etag(existing.revision))


@blueprint.route("/issuers/<issuer>", methods=["PUT"])
@needs(Right.EDIT_ISSUERS)
@reads(IF_MATCH_IF_ANY)
@tells(ETAG)
@blueprint.arguments(schemas.IssuerIn)
@blueprint.response(200, schemas.IssuerOut)
@blueprint.alt_response(201, schema=schemas.IssuerOut, description="It is new", success=True)
def define_issuer(words: dict[str, Any], issuer: str) -> Response:
    """Name an issuer and the kinds of certificates that it delivers, or change them (If-Match)."""
    with transaction() as session:
        revision = expected_version() if "If-Match" in request.headers else None
        defined, new = lists.define_issuer(session, actor(), issuer, IssuerWords(**words), revision=revision)
        (view,) = _views(session, [defined])
        return answer(view, 201 if new else 200, etag(defined.revision))


def _views(session: Session, issuers: Sequence[Issuer]) -> list[dict[str, Any]]:
    read = kinds_read(session)
    return [
        _issuer(one, actor()) | {"remarks": [*kind_remarks([kind.kind for kind in one.kinds], read)]}
        for one in issuers
    ]


@blueprint.route("/issuers/<issuer>/list", methods=["PUT"])
@needs(Right.EDIT_ISSUERS)
@blueprint.doc(requestBody=FORM)
@blueprint.arguments(schemas.ListArguments, location="query")
@blueprint.response(200, schemas.IssuerListReportOut)
def import_issuer_list(arguments: dict[str, Any], issuer: str) -> Response:
    """Import the list of what an issuer has certified (CSV), in the place of the one before, or ask what that would do.

    Columns `type;numero;titulaire;debut;dernier_jour`, as a spreadsheet saves it: the last day is included. Where
    certificates that served by themselves would no longer, 409 tells how many, and the digest that confirms it.
    """
    words = (issuer, one_file(), arguments["as_of"])
    with transaction() as session:
        if arguments["dry_run"]:
            return answer(_report(lists.what_if_imported(session, actor(), *words)))
        return answer(_report(lists.import_list(session, actor(), *words, arguments["digest"])))


@blueprint.route("/issuers/<issuer>/lists")
@needs(Right.READ_ISSUERS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.IssuerListOut))
def list_issuer_lists(arguments: dict[str, Page], issuer: str) -> Response:
    """The lists that were imported of an issuer, oldest first."""
    page = arguments["page"]
    cursor = page.keys(int)
    with transaction() as session:
        imported = queries.lists(session, actor(), issuer, cursor, page.limit + 1)
        page_lists, following = page.of(imported, lambda one: [one.number])
        return listing([_list(one) for one in page_lists], following)


@blueprint.route("/issuers/<issuer>/lists/<int:number>")
@needs(Right.READ_ISSUERS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.ListedOut))
def list_listed_certificates(arguments: dict[str, Page], issuer: str, number: int) -> Response:
    """The certificates of one list of an issuer."""
    page = arguments["page"]
    with transaction() as session:
        listed = queries.listed(session, actor(), issuer, number, id_cursor(page), page.limit + 1)
        page_lines, following = page.of(listed, lambda one: [one.id])
        return listing([_line(one) for one in page_lines], following)
