"""Who verifies a session, and who comes instead, over HTTP."""

from dataclasses import asdict
from uuid import UUID

from flask import Response

from referencing.base.permissions import Right
from referencing.duo.conduct import schemas
from referencing.duo.conduct.routes import blueprint, session_answer
from referencing.duo.conduct.views import whole
from referencing.duo.sessions import hindrances
from referencing.web.descriptions import ETAG, IF_MATCH, needs, reads, tells
from referencing.web.requests import (
    actor,
    answer,
    expected_version,
    transaction,
)

from . import replacing


@blueprint.route("/sessions/<uuid:live>/verifiers")
@needs(Right.STAFF_SESSIONS)
@blueprint.response(200, schemas.SessionVerifiersOut)
def list_session_verifiers(live: UUID) -> Response:
    """Who verifies a session, and who of them cannot come: for leads."""
    with transaction() as session:
        return answer({"items": [asdict(one) for one in hindrances.verifiers(session, actor(), live)]})


@blueprint.route("/sessions/<uuid:live>/verifiers", methods=["POST"])
@needs(Right.STAFF_SESSIONS)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.arguments(schemas.ReplacementIn)
@blueprint.response(200, schemas.WholeSessionOut)
def replace_verifier(words: dict[str, UUID], live: UUID) -> Response:
    """Have another verifier come instead of one who is expected (If-Match: the session's revision)."""
    with transaction() as session:
        changed = replacing.replace_verifier(session, actor(), live, **words, revision=expected_version())
        return session_answer(changed, whole(session, actor(), live))
