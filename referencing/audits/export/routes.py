"""The file of an audit over HTTP."""

from uuid import UUID

from flask import Response, request, stream_with_context

from referencing.audits.inquiries.routes import blueprint
from referencing.base.permissions import Right
from referencing.files.downloads import BYTES
from referencing.files.reads.operations import note_export
from referencing.web.descriptions import needs
from referencing.web.requests import actor, parts, transaction

from .archive import zipped
from .export import gathered, members

ZIP = "application/zip"


@blueprint.route("/audits/<uuid:audit>/export")
@needs(Right.READ_AUDIT_FILES)
@blueprint.response(200, BYTES, content_type=ZIP)
def export(audit: UUID) -> Response:
    """The file for the decision on sanctions, as one ZIP: record, summary, journal with its seals, evidence.

    The same state gives the same bytes. Who signalled is not in it.
    """
    return archived(audit)


def archived(audit: UUID) -> Response:
    """The archive of an audit for who asks, sent as it is read."""
    filename = f"audit-{audit}.zip"
    with transaction() as session:
        gathered_export = gathered(session, actor(), parts().vault, audit)
        note_export(session, actor(), request.remote_addr, audit, filename)
    archive = zipped(members(gathered_export, parts().sessions, parts().vault))
    headers = {
        "Content-Disposition": f'attachment; filename="{filename}"',
        "Cache-Control": "private, no-store",
    }
    return Response(stream_with_context(archive), headers=headers, content_type=ZIP)
