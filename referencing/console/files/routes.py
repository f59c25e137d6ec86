"""Supplied files, each from a response of its own that can do nothing: shown where a browser may, else downloaded."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.alike_versions import queries as alike_versions
from referencing.audits.inquiries import queries as audits
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor
from referencing.certificates import queries as certificates
from referencing.files.downloads import serve
from referencing.files.models import KeptFile
from referencing.messages import queries as messages
from referencing.proofs import queries as proofs
from referencing.web.requests import actor, transaction

blueprint = Blueprint("files", __name__)


def _evidence(session: Session, reader: Actor, audit: UUID, file: UUID) -> KeptFile:
    """A file of this audit. Raises NotFound also for one of another audit."""
    evidence = audits.file(session, reader, file)
    if evidence.audit_id != audit:
        raise NotFound(audits.NO_EVIDENCE)
    return evidence


#: What a file may belong to, and who finds it for a reader.
_FINDERS: dict[str, Callable[[Session, Actor, UUID, UUID], KeptFile]] = {
    "preuves": proofs.file,
    "certificats": certificates.file,
    "messages": messages.file,
    "audits": _evidence,
    "versions": alike_versions.file,
}


@blueprint.get(
    "/fichiers/<any(preuves, certificats, messages, audits, versions):kind>/<uuid:owner>/<uuid:file>"
)
def read(kind: str, owner: UUID, file: UUID) -> Response:
    """A file of a proof, a certificate or another thing, in parts where asked for; `telecharger` keeps it."""
    with transaction() as session:
        kept = _FINDERS[kind](session, actor(), owner, file)
    return serve(kept, inline="telecharger" not in request.args)
