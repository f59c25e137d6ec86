"""Two versions of a component that are alike in a role, over HTTP, and what a changed component costs a dossier."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.base.permissions import Right, authorise
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.catalogue.proposals import ProofKind
from referencing.files.downloads import BYTES, serve
from referencing.files.examination import all_examined
from referencing.files.operations import store_file
from referencing.files.scanning import accept_unscannable
from referencing.proofs.schemas import ReasonIn
from referencing.revocations.routes import revoked
from referencing.revocations.schemas import RevocationArguments, RevocationImpactOut, RevocationIn
from referencing.web.descriptions import LOCATION, needs, tells
from referencing.web.forms import announced_file_parts, announced_words
from referencing.web.idempotency import once, repeats_itself, unless_answered
from referencing.web.pages import Page, id_cursor, listing
from referencing.web.requests import actor, answer, parts, transaction

from . import acceptance, asking, comparison, queries, revocation, schemas
from .asking import Asked
from .models import AlikeRequest

blueprint = Blueprint(
    "alike_versions", __name__, url_prefix="/api/v1", description="Versions of a component that are alike"
)

_request = shape(schemas.AlikeRequestOut)
_comparison = shape(schemas.ChangedComponentsOut)


@blueprint.route("/candidatures/<uuid:candidature>/changed-components")
@needs(Right.FOLLOW_CANDIDATURES)
@blueprint.response(200, schemas.ChangedComponentsOut)
def compare_components(candidature: UUID) -> Response:
    """What the candidature loses because its components are not those of earlier verifications, and could keep.

    An editor reads of its own verifications alone.
    """
    with transaction() as session:
        return answer(_comparison(comparison.compared(session, actor(), candidature)))


@blueprint.route("/alike-versions", methods=["POST"])
@needs(Right.ASK_ALIKE_VERSIONS)
@tells(LOCATION)
@repeats_itself
@blueprint.doc(requestBody=schemas.ALIKE_BODY)
@blueprint.response(201, schemas.AlikeRequestOut)
def ask_for_alike_version() -> Response:
    """Ask that two versions of a component be declared alike in a role, with an attestation.

    An editor for one of its softwares; a lead for none, with a file or the reference of a document.
    """
    authorise(actor(), Right.ASK_ALIKE_VERSIONS)
    announced, files = announced_file_parts("request", schemas.LONGEST_FIELD, schemas.MOST_FILES)
    asked: Asked = announced_words("request", schemas.AlikeRequestIn(), announced)
    with transaction() as session, unless_answered():
        asking.may_ask(session, actor(), asked)
    vault, limit = parts().vault, parts().settings.largest_file
    stored = [store_file(vault.storage, part.filename, part.media_type, part, limit) for part in files]
    kept = all_examined(vault.storage, stored, ProofKind.OTHER)

    def effect() -> Response:
        with transaction() as session:
            made = asking.ask(session, actor(), vault, asked, kept)
            session.expire_all()
            request = queries.request(session, actor(), made.id)
            headers = {"Location": f"/api/v1/alike-versions/{request.id}"}
            return answer(_request(request, actor()), 201, headers)

    names = [said for one in stored for said in (one.filename, one.sha256)]
    return once((announced.decode(errors="replace"), *names), effect)


@blueprint.route("/alike-versions")
@needs(Right.READ_SOLUTIONS)
@blueprint.arguments(schemas.AlikeRequestsArguments, location="query")
@blueprint.response(200, page_of(schemas.AlikeRequestOut))
def list_alike_requests(arguments: dict[str, Any]) -> Response:
    """The organisation's requests, or all of them for the agency, in the order of asking."""
    page: Page = arguments["page"]
    with transaction() as session:
        requests = queries.requests(
            session, actor(), id_cursor(page), page.limit + 1, state=arguments["state"]
        )
        page_requests, following = page.of(requests, lambda one: [one.id])
        return listing([_request(one, actor()) for one in page_requests], following)


@blueprint.route("/alike-versions/<uuid:request>")
@needs(Right.READ_SOLUTIONS)
@blueprint.response(200, schemas.AlikeRequestOut)
def read_alike_request(request: UUID) -> Response:
    """A request, with the declaration that was made of it."""
    with transaction() as session:
        return _answer(queries.request(session, actor(), request))


@blueprint.route("/alike-versions/<uuid:request>/files/<uuid:file>")
@needs(Right.READ_SOLUTIONS)
@blueprint.response(200, BYTES, content_type="application/octet-stream")
@blueprint.alt_response(206, schema=BYTES, content_type="application/octet-stream", success=True)
def read_alike_file(request: UUID, file: UUID) -> Response:
    """An attestation as it was sent; serves ranges. `X-Scan` says what the antivirus found."""
    with transaction() as session:
        attestation = queries.file(session, actor(), request, file)
    return serve(attestation)


@blueprint.route("/alike-versions/<uuid:request>/files/<uuid:file>/acceptance", methods=["POST"])
@needs(Right.READ_SOLUTIONS)
@blueprint.arguments(ReasonIn)
@blueprint.response(200, schemas.AlikeRequestOut)
def accept_alike_file(words: dict[str, str], request: UUID, file: UUID) -> Response:
    """Accept, with a reason, to read an attestation that the antivirus could not scan."""
    with transaction() as session:
        accept_unscannable(session, actor(), queries.file(session, actor(), request, file), words["reason"])
        return _flushed(session, request)


@blueprint.route("/alike-versions/<uuid:request>/withdrawal", methods=["POST"])
@needs(Right.ASK_ALIKE_VERSIONS)
@blueprint.response(200, schemas.AlikeRequestOut)
def withdraw(request: UUID) -> Response:
    """Take one's request back, before it has an answer."""
    with transaction() as session:
        return _answer(asking.withdraw(session, actor(), request))


@blueprint.route("/alike-versions/<uuid:request>/refusal", methods=["POST"])
@needs(Right.JUDGE_ALIKE_VERSIONS)
@blueprint.arguments(ReasonIn)
@blueprint.response(200, schemas.AlikeRequestOut)
def refuse(words: dict[str, str], request: UUID) -> Response:
    """Refuse a request, with a reason that who asked reads. For leads."""
    with transaction() as session:
        return _answer(asking.refuse(session, actor(), request, words["reason"]))


@blueprint.route("/alike-versions/<uuid:request>/acceptance", methods=["POST"])
@needs(Right.JUDGE_ALIKE_VERSIONS)
@blueprint.arguments(RevocationArguments, location="query")
@blueprint.arguments(schemas.AlikeAcceptanceIn)
@blueprint.response(200, RevocationImpactOut)
def accept(arguments: dict[str, bool], words: dict[str, Any], request: UUID) -> Response:
    """Declare two versions alike from a day on, or only ask which items of open candidatures gain. For leads.

    What was found with one then counts with the other in this role, as the policies say. Jobs apply it.
    """
    vault = parts().vault
    with transaction() as session:
        if arguments["dry_run"]:
            effects = acceptance.what_if_accepted(session, actor(), vault, request)
        else:
            effects = acceptance.accept(session, actor(), vault, request, **words)
        return revoked(session, effects, **arguments)


@blueprint.route("/alike-versions/<uuid:request>/revocation", methods=["POST"])
@needs(Right.JUDGE_ALIKE_VERSIONS)
@blueprint.arguments(RevocationArguments, location="query")
@blueprint.arguments(RevocationIn)
@blueprint.response(200, RevocationImpactOut)
def revoke(arguments: dict[str, bool], words: dict[str, Any], request: UUID) -> Response:
    """Take a declaration back, with all that leaned on it, or only ask what that would do. For leads."""
    with transaction() as session:
        if arguments["dry_run"]:
            effects = revocation.what_if_revoked(session, actor(), request, words["reason"])
        else:
            effects = revocation.revoke(session, actor(), request, **words)
        return revoked(session, effects, **arguments)


def _flushed(session: Session, request: UUID) -> Response:
    session.flush()
    return _answer(queries.request(session, actor(), request))


def _answer(request: AlikeRequest) -> Response:
    return answer(_request(request, actor()))
