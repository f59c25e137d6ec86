"""Softwares and solutions over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.descriptions import needs
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, transaction

from . import nil_queries, operations, ownership, queries, schemas

blueprint = Blueprint("solutions", __name__, url_prefix="/api/v1", description="What is referenced")

_software = shape(schemas.SoftwareOut)
_claim = shape(schemas.NilClaimOut)
_claiming = shape(schemas.ClaimingSoftwareOut)
_solution = shape(schemas.SolutionOut)
_listed_solution = shape(schemas.ListedSolutionOut)


@blueprint.route("/softwares", methods=["POST"])
@needs(Right.REGISTER_SOLUTIONS)
@blueprint.arguments(schemas.SoftwareIn)
@blueprint.response(201, schemas.SoftwareOut)
def register_software(words: dict[str, Any]) -> Response:
    """Register a software with its NIL."""
    with transaction() as session:
        return answer(_software(operations.register_software(session, actor(), **words)), 201)


@blueprint.route("/softwares")
@needs(Right.READ_SOLUTIONS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.SoftwareOut))
def list_softwares(arguments: dict[str, Page]) -> Response:
    """The organisation's softwares with their commercial names; all of them for the agency."""
    page = arguments["page"]
    with transaction() as session:
        visible = queries.softwares(session, actor(), id_cursor(page), page.limit + 1)
        page_softwares, following = page.of(visible, lambda one: [one.id])
        return listing([_software(one) for one in page_softwares], following)


@blueprint.route("/softwares/<uuid:software>/nil", methods=["PUT"])
@needs(Right.REGISTER_SOLUTIONS)
@blueprint.arguments(schemas.NilIn)
@blueprint.response(200, schemas.SoftwareOut)
def correct_nil(words: dict[str, str], software: UUID) -> Response:
    """Correct the NIL of a software that the agency has not confirmed."""
    with transaction() as session:
        return answer(_software(ownership.correct_nil(session, actor(), software, words["nil"])))


@blueprint.route("/nil-claims")
@needs(Right.JUDGE_NILS)
@blueprint.arguments(schemas.NilClaimsArguments, location="query")
@blueprint.response(200, page_of(schemas.NilClaimOut))
def list_nil_claims(arguments: dict[str, Any]) -> Response:
    """The softwares of all organisations by whether their NIL is their own, each beside those that look alike."""
    page: Page = arguments.pop("page")
    with transaction() as session:
        claims = nil_queries.claims(session, actor(), id_cursor(page), page.limit + 1, **arguments)
        page_claims, following = page.of(claims, lambda claim: [claim.software.id])
        return listing([_claim(claim) for claim in page_claims], following)


@blueprint.route("/softwares/<uuid:software>/nil-confirmation", methods=["POST"])
@needs(Right.JUDGE_NILS)
@blueprint.arguments(schemas.NilJudgementIn)
@blueprint.response(200, schemas.ClaimingSoftwareOut)
def confirm_nil(words: dict[str, str], software: UUID) -> Response:
    """Say, with a reason, that a NIL is this software's: certificates of it count from now on."""
    with transaction() as session:
        return answer(_claiming(ownership.confirm_nil(session, actor(), software, words["reason"])))


@blueprint.route("/softwares/<uuid:software>/nil-refusal", methods=["POST"])
@needs(Right.JUDGE_NILS)
@blueprint.arguments(schemas.NilJudgementIn)
@blueprint.response(200, schemas.ClaimingSoftwareOut)
def refuse_nil(words: dict[str, str], software: UUID) -> Response:
    """Say, with a reason, that a NIL is not this software's: no certificate of it counts any more."""
    with transaction() as session:
        return answer(_claiming(ownership.refuse_nil(session, actor(), software, words["reason"])))


@blueprint.route("/solutions", methods=["POST"])
@needs(Right.REGISTER_SOLUTIONS)
@blueprint.arguments(schemas.SolutionIn)
@blueprint.response(201, schemas.SolutionOut)
def register_solution(words: dict[str, Any]) -> Response:
    """Put a commercial name on a software."""
    with transaction() as session:
        return answer(_solution(operations.register_solution(session, actor(), **words)), 201)


@blueprint.route("/solutions")
@needs(Right.READ_SOLUTIONS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.ListedSolutionOut))
def list_solutions(arguments: dict[str, Page]) -> Response:
    """The commercial names that one may know of, each with its software."""
    page = arguments["page"]
    with transaction() as session:
        visible = queries.solutions(session, actor(), id_cursor(page), page.limit + 1)
        page_solutions, following = page.of(visible, lambda one: [one.id])
        return listing([_listed_solution(one) for one in page_solutions], following)
