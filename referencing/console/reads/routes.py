"""Who read which file, for auditors, and for an organisation what is its own."""

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from referencing.console.pages import page
from referencing.console.typed import load, narrowing
from referencing.files.reads import queries
from referencing.files.reads.models import ReadKind
from referencing.files.reads.schemas import ReadsArguments
from referencing.files.reads.views import read_view
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, transaction

blueprint = Blueprint("reads", __name__)

#: How many are on a page.
MOST = 100
KINDS = {
    ReadKind.PROOF: "preuve",
    ReadKind.CERTIFICATE: "certificat",
    ReadKind.MESSAGE: "pièce d'un message",
    ReadKind.COMPONENT: "attestation de versions équivalentes",
    ReadKind.ATTESTATION: "attestation d'identité de logiciels",
    ReadKind.CAPTURE: "capture d'une séance",
    ReadKind.EVIDENCE: "pièce d'un audit",
    ReadKind.EXPORT: "dossier d'audit complet",
    ReadKind.MINUTES: "procès-verbal d'une séance",
    ReadKind.RECORDING: "enregistrements d'une séance",
    ReadKind.SHEET: "tableau exporté",
}


@blueprint.get("/lectures")
def find() -> Response:
    """The read log, the latest first; of one file where it is named."""
    chosen = narrowing("file")
    arguments = load(ReadsArguments(), {**chosen, "limit": MOST, "cursor": request.args.get("cursor")})
    asked = arguments["page"]
    with transaction() as session:
        rows = queries.reads(session, actor(), id_cursor(asked), MOST + 1, file=arguments["file"])
        kept, following = asked.of(rows, lambda row: [row.id])
        return page(
            "reads/list.html",
            reads=[read_view(row, actor()) for row in kept],
            kinds=KINDS,
            chosen=chosen,
            following=following and url_for(".find", cursor=following, **chosen),
        )
