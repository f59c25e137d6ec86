"""Declarations of components in the trust space of Pro Santé Connect, over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.proofs.schemas import ReasonIn
from referencing.web.descriptions import needs
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, transaction

from . import declarations, queries, schemas

blueprint = Blueprint(
    "edc_psc", __name__, url_prefix="/api/v1", description="The trust space of Pro Santé Connect"
)

_declaration = shape(schemas.DeclarationOut)


@blueprint.route("/softwares/<uuid:software>/edc-psc-declarations", methods=["POST"])
@needs(Right.DECLARE_COMPONENTS)
@blueprint.arguments(schemas.DeclarationIn)
@blueprint.response(201, schemas.DeclarationOut)
def declare_edc_psc(words: dict[str, Any], software: UUID) -> Response:
    """Record that a component was declared at a counter: the editor's first, then the operator's."""
    with transaction() as session:
        step = declarations.Step(**words)
        return answer(_declaration(declarations.declare(session, actor(), software, step)), 201)


@blueprint.route("/softwares/<uuid:software>/edc-psc-declarations")
@needs(Right.READ_CERTIFICATES)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.DeclarationOut))
def list_edc_psc_declarations(arguments: dict[str, Page], software: UUID) -> Response:
    """The declarations of a software's components, those that were withdrawn included."""
    page = arguments["page"]
    with transaction() as session:
        recorded = queries.declarations(session, actor(), software, id_cursor(page), page.limit + 1)
        page_declarations, following = page.of(recorded, lambda one: [one.id])
        return listing([_declaration(one) for one in page_declarations], following)


@blueprint.route("/edc-psc-declarations/<uuid:declaration>/withdrawal", methods=["POST"])
@needs(Right.DECLARE_COMPONENTS)
@blueprint.arguments(ReasonIn)
@blueprint.response(200, schemas.DeclarationOut)
def withdraw(words: dict[str, str], declaration: UUID) -> Response:
    """Take a declaration back, with a reason: the editor's only once no operator's stands."""
    with transaction() as session:
        return answer(_declaration(declarations.withdraw(session, actor(), declaration, words["reason"])))
