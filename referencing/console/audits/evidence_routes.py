"""What an audit leans on and how it went: its files, its draw and its events, the archive for the decision."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.audits.export.routes import archived
from referencing.audits.inquiries import evidence, queries, schemas
from referencing.audits.inquiries.views import draw_again
from referencing.base.errors import DomainError
from referencing.console.files.sent import sent_files
from referencing.console.pages import page
from referencing.console.typed import load, refused, words
from referencing.journal.disclosure import disclosed
from referencing.web.requests import actor, parts, transaction

from .routes import audit_page

blueprint = Blueprint("audit_files", __name__)

MOST = 100


@blueprint.post("/audits/<uuid:audit>/pieces")
def add(audit: UUID) -> Response:
    """Add files to an audit, about the part of it that the form names."""
    try:
        kind, _, part = request.form.get("about", "").partition(":")
        said = load(schemas.EvidenceIn(), {**words("comment"), **({kind: part} if kind else {})})
        comment, about = said.pop("comment"), evidence.About(**said)
        with transaction() as session:
            evidence.may_add(session, actor(), audit, about)
        files = sent_files(schemas.MOST_FILES, required=True)
        with transaction() as session:
            evidence.add(session, actor(), parts().vault, audit, about, comment, files)
    except DomainError as error:
        return audit_page(audit, refused(error), error.status)
    return redirect(url_for("console.audits.show", audit=audit, _anchor="evidence"), 303)


@blueprint.get("/audits/<uuid:audit>/journal")
def show(audit: UUID) -> Response:
    """How the sample was drawn, and what happened, in the order of time."""
    after = request.args.get("apres", 0, type=int)
    with transaction() as session:
        entries = queries.timeline(session, actor(), audit, after, MOST + 1)
        about = queries.audit(session, actor(), audit)
        following = entries[MOST - 1].number if len(entries) > MOST else None
        return page(
            "audits/journal.html",
            audit=about,
            draw=draw_again(about),
            events=[disclosed(entry, actor()) for entry in entries[:MOST]],
            following=following and url_for(".show", audit=audit, apres=following),
        )


@blueprint.get("/audits/<uuid:audit>/dossier.zip")
def download(audit: UUID) -> Response:
    """The file for the decision on measures, as one archive."""
    return archived(audit)
