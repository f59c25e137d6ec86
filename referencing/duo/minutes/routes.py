"""The minutes of a session over HTTP, as JSON or as PDF."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.base.errors import Stale
from referencing.base.permissions import Right
from referencing.base.shapes import shape
from referencing.duo.sessions.phases import Phase
from referencing.files.reads.models import ReadKind
from referencing.files.reads.operations import note_session_read
from referencing.web.descriptions import needs, refuses
from referencing.web.requests import actor, answer, transaction

from . import operations, queries, schemas
from .pdf import render

blueprint = Blueprint(
    "duo_minutes", __name__, url_prefix="/api/v1/duo/sessions", description="What a live session found"
)

JSON, PDF = "application/json", "application/pdf"
FILENAME = "proces-verbal-duo.pdf"


@blueprint.route("/<uuid:session>/minutes")
@needs(Right.FOLLOW_SESSIONS)
@blueprint.doc(responses=schemas.AS_ASKED)
def read_minutes(session: UUID) -> Response:
    """The minutes and their signatures; as pages to print with `Accept: application/pdf`."""
    with transaction() as opened:
        body = _minutes(opened, session)
        note_session_read(opened, actor(), request.remote_addr, ReadKind.MINUTES, session, FILENAME)
    if request.accept_mimetypes.best_match([JSON, PDF], default=JSON) == PDF:
        pages = render(body["minutes"], body["sha256"], body["signatures"])
        headers = {"Content-Disposition": f'inline; filename="{FILENAME}"', "Vary": "Accept"}
        return Response(pages, headers=headers, content_type=PDF)
    return answer(body, headers={"Vary": "Accept"})


@blueprint.route("/<uuid:session>/signatures", methods=["POST"])
@needs(Right.SIGN_MINUTES)
@refuses(Stale)
@blueprint.arguments(schemas.SignatureIn)
@blueprint.response(201, schemas.MinutesOut)
def sign_minutes(words: dict[str, Any], session: UUID) -> Response:
    """Sign the minutes that one has read for one's side, or refuse to and say why."""
    with transaction() as opened:
        operations.sign(opened, actor(), session, **words)
        return answer(_minutes(opened, session), 201)


def _minutes(session: Session, session_id: UUID) -> dict[str, Any]:
    live, written = operations.read(session, actor(), session_id)
    return {
        "sha256": written.sha256,
        "fixed": written.fixed,
        "signed": live.phase is Phase.SIGNED,
        "minutes": orjson.loads(written.document),
        "signatures": [*map(shape(schemas.SignatureOut), queries.signatures(session, live.id))],
    }
