"""Large files from a page of the console: the resumable uploads of the API (tus 1.0.0), with a browser's cookie."""

from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from referencing.candidatures.filing import supplying
from referencing.console.prepare.receiving import refuse_unseen
from referencing.proofs.queries import versions
from referencing.uploads import routes, tus
from referencing.web.requests import actor, transaction

blueprint = Blueprint("uploads", __name__)


@blueprint.post("/dossiers/<uuid:candidature>/preuves/<uuid:item>/envois")
def begin(candidature: UUID, item: UUID) -> Response:
    """Begin an upload for an item of which the page showed the version `vue` (0: none)."""
    with transaction() as session:
        asked = supplying.asked(session, actor(), candidature, str(item))
        refuse_unseen(versions(session, actor(), asked.id, most=1), request.args.get("vue", "0"))
    begun = routes.begin()
    if begun.status_code == 201:
        upload = begun.headers["Location"].rpartition("/")[2]
        begun.headers["Location"] = url_for(".write", upload=upload)
    return _spoken(begun)


@blueprint.route("/envois/<uuid:upload>", methods=["HEAD", "PATCH", "DELETE"])
def write(upload: UUID) -> Response:
    """Say how far it is, bring what follows, or forget it."""
    views = {"HEAD": routes.read_upload, "PATCH": routes.write, "DELETE": routes.terminate}
    return _spoken(views[request.method](upload))


def _spoken(response: Response) -> Response:
    response.headers["Tus-Resumable"] = tus.VERSION
    return response
