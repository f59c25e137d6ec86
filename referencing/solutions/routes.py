"""Softwares, solutions and certificates over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.http import Page, PageArguments, actor, answer, id_cursor, listing, transaction
from referencing.idempotency import body, once, repeatable

from . import operations, queries, schemas
from .models import Certificate

blueprint = Blueprint("solutions", __name__, url_prefix="/api/v1", description="What is referenced")

_software = schemas.SoftwareOut()
_solution = schemas.SolutionOut()
_certificate = schemas.CertificateOut()


@blueprint.route("/softwares", methods=["POST"])
@repeatable
@blueprint.arguments(schemas.SoftwareIn)
@blueprint.response(201, schemas.SoftwareOut)
def register_software(words: dict[str, Any]) -> Response:
    """Register a software with its NIL."""
    with transaction() as session:
        return answer(_software.dump(operations.register_software(session, actor(), **words)), 201)


@blueprint.route("/softwares")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, schemas.SoftwareOut(many=True))
def list_softwares(arguments: dict[str, Page]) -> Response:
    """The organisation's softwares with their commercial names; all of them for the agency."""
    page = arguments["page"]
    with transaction() as session:
        found = queries.softwares(session, actor(), id_cursor(page), page.limit + 1)
        shown, following = page.of(found, lambda one: [one.id])
        return listing([_software.dump(one) for one in shown], following)


@blueprint.route("/solutions", methods=["POST"])
@repeatable
@blueprint.arguments(schemas.SolutionIn)
@blueprint.response(201, schemas.SolutionOut)
def register_solution(words: dict[str, Any]) -> Response:
    """Put a commercial name on a software."""
    with transaction() as session:
        return answer(_solution.dump(operations.register_solution(session, actor(), **words)), 201)


@blueprint.route("/softwares/<uuid:software>/certificates", methods=["POST"])
@blueprint.arguments(schemas.CertificateIn)
@blueprint.response(201, schemas.CertificateOut)
def enter_certificate(words: dict[str, Any], software: UUID) -> Response:
    """Record a certificate that another counter issued to the software or to a component of it.

    An integration does so for the softwares of the candidatures that an editor allowed it on.
    """
    with transaction() as session:
        operations.may_enter_certificates(session, actor(), software)

    def effect() -> Response:
        with transaction() as session:
            certificate: Certificate = operations.enter_certificate(session, actor(), software, **words)
            return answer(_certificate.dump(certificate), 201)

    return once(body(), effect)
