"""Supplied files, each from a response of its own that can do nothing: shown where a browser may, else downloaded."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.audits.inquiries import queries as audits
from referencing.base.permissions import Actor
from referencing.certificates import queries as certificates
from referencing.files.downloads import serve
from referencing.files.models import KeptFile
from referencing.messages import queries as messages
from referencing.proofs import queries as proofs
from referencing.web.requests import actor, transaction

blueprint = Blueprint("files", __name__)

#: What a file may belong to, and who finds it for a reader.
_FINDERS: dict[str, Callable[[Session, Actor, UUID, UUID], KeptFile]] = {
    "preuves": proofs.file,
    "certificats": certificates.file,
    "messages": messages.file,
    "audits": lambda session, reader, _, file: audits.file(session, reader, file),
}


@blueprint.get("/fichiers/<any(preuves, certificats, messages, audits):kind>/<uuid:owner>/<uuid:file>")
def read(kind: str, owner: UUID, file: UUID) -> Response:
    """A file that belongs to something, in parts where it is asked for; `telecharger` keeps it."""
    with transaction() as session:
        kept = _FINDERS[kind](session, actor(), owner, file)
    return serve(kept, inline="telecharger" not in request.args)
