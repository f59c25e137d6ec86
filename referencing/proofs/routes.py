"""Proofs and their files over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.base.permissions import Right
from referencing.files import scanning
from referencing.files.downloads import BYTES, serve
from referencing.web.descriptions import needs
from referencing.web.requests import actor, answer, transaction

from . import queries, schemas
from .queries import stale
from .views import proof_view

blueprint = Blueprint("proofs", __name__, url_prefix="/api/v1", description="What was supplied")


@blueprint.route("/proofs/<uuid:proof>")
@needs(Right.READ_CANDIDATURES)
@blueprint.response(200, schemas.ProofOut)
def read_proof(proof: UUID) -> Response:
    """One version of what was supplied for an item, and what was found on it."""
    with transaction() as session:
        return answer(_view(session, proof))


@blueprint.route("/proofs/<uuid:proof>/files/<uuid:file>")
@needs(Right.READ_CANDIDATURES)
@blueprint.arguments(schemas.FileArguments, location="query")
@blueprint.response(200, BYTES, content_type="application/octet-stream")
@blueprint.alt_response(206, schema=BYTES, content_type="application/octet-stream", success=True)
def read_proof_file(arguments: dict[str, bool], proof: UUID, file: UUID) -> Response:
    """A file as it was sent; serves ranges. `X-Scan` says what the antivirus found."""
    with transaction() as session:
        proof_file = queries.file(session, actor(), proof, file)
    return serve(proof_file, inline=arguments["inline"])


@blueprint.route("/proofs/<uuid:proof>/files/<uuid:file>/acceptance", methods=["POST"])
@needs(Right.READ_CANDIDATURES)
@blueprint.arguments(schemas.ReasonIn)
@blueprint.response(200, schemas.ProofOut)
def accept_proof_file(words: dict[str, str], proof: UUID, file: UUID) -> Response:
    """Accept, with a reason, to read a file that the antivirus could not scan."""
    with transaction() as session:
        proof_file = queries.file(session, actor(), proof, file)
        scanning.accept_unscannable(session, actor(), proof_file, words["reason"])
        session.flush()
        return answer(_view(session, proof))


def _view(session: Session, proof_id: UUID) -> dict[str, Any]:
    version = queries.proof(session, actor(), proof_id)
    return proof_view(version, stale(session, [version.id]))
