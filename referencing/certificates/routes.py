"""Certificates over HTTP."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.catalogue.proposals import ProofKind
from referencing.files.downloads import BYTES, serve
from referencing.files.examination import all_examined
from referencing.files.operations import StoredFile, store_file
from referencing.files.scanning import accept_unscannable
from referencing.proofs.schemas import ReasonIn
from referencing.web.descriptions import LOCATION, needs, tells
from referencing.web.forms import FORM, announced_file_parts, announced_words, file_parts
from referencing.web.idempotency import body, once, repeats_itself, unless_answered
from referencing.web.pages import Page, id_cursor, listing
from referencing.web.problems import invalid
from referencing.web.requests import actor, answer, parts, transaction

from . import operations, queries, schemas
from .operations import Words

blueprint = Blueprint("certificates", __name__, url_prefix="/api/v1", description="What others certified")

_certificate = shape(schemas.CertificateOut)


@blueprint.route("/softwares/<uuid:software>/certificates", methods=["POST"])
@needs(Right.ENTER_CERTIFICATES)
@tells(LOCATION)
@repeats_itself
@blueprint.doc(requestBody=schemas.CERTIFICATE_BODY)
@blueprint.response(201, schemas.CertificateOut)
def enter_certificate(software: UUID) -> Response:
    """Record a certificate that another counter issued to the software or to a component of it.

    Without files, JSON; with files, a form whose first field `certificate` is that JSON. They stream to the storage.
    An integration does so for the softwares of the candidatures that an editor allowed it on.
    """
    if request.mimetype == "multipart/form-data":
        announced, files = announced_file_parts("certificate", schemas.LONGEST_FIELD, schemas.MOST_FILES)
        words = Words(**announced_words("certificate", schemas.CertificateIn(), announced))
        received = [announced.decode(errors="replace")]
    else:
        words, received, files = _words(_json()), [*body()], iter(())
    with transaction() as session:
        operations.may_enter_certificates(session, actor(), software)
    kept = _kept(files)

    def effect() -> Response:
        with transaction() as session:
            entered = operations.enter_certificate(session, actor(), software, words, parts().vault, kept)
            return _certificate_answer(session, entered.id, 201)

    return once([*received, *_names(kept)], effect)


def _json() -> Any:
    """No body at all, of no type, is an object without fields: the schema says which ones are missing."""
    return {} if not request.mimetype and not request.get_data() else request.get_json()


def _words(sent: Any) -> Words:
    try:
        return Words(**schemas.CertificateIn().load(sent))
    except ma.ValidationError as error:
        raise invalid({"json": error.messages}) from error


def _kept(files: Any) -> list[StoredFile]:
    vault, limit = parts().vault, parts().settings.largest_file
    stored = [store_file(vault.storage, part.filename, part.media_type, part, limit) for part in files]
    return all_examined(vault.storage, stored, ProofKind.CERTIFICATE)


def _names(files: Sequence[StoredFile]) -> list[str]:
    return [said for one in files for said in (one.filename, one.sha256)]


def _certificate_answer(session: Session, certificate_id: UUID, status: int = 200) -> Response:
    session.flush()
    session.expire_all()
    (certificate,) = queries.whole(session, [queries.certificate(session, actor(), certificate_id)])
    return answer(
        _certificate(certificate, actor()), status, {"Location": f"/api/v1/certificates/{certificate_id}"}
    )


@blueprint.route("/certificates")
@needs(Right.READ_CERTIFICATES)
@blueprint.arguments(schemas.CertificatesArguments, location="query")
@blueprint.response(200, page_of(schemas.CertificateOut))
def list_certificates(arguments: dict[str, Any]) -> Response:
    """Certificates in the order of entering, each as it stands against its issuer's list.

    All of them for the agency, an editor's own, and for an integration those that it entered.
    """
    page: Page = arguments.pop("page")
    with transaction() as session:
        checked = queries.certificates(session, actor(), id_cursor(page), page.limit + 1, **arguments)
        page_certificates, following = page.of(checked, lambda one: [one.certificate.id])
        return listing(
            [_certificate(one, actor()) for one in queries.whole(session, page_certificates)], following
        )


@blueprint.route("/certificates/<uuid:certificate>")
@needs(Right.READ_CERTIFICATES)
@blueprint.response(200, schemas.CertificateOut)
def read_certificate(certificate: UUID) -> Response:
    """One certificate, with its files and how it stands against its issuer's list."""
    with transaction() as session:
        (whole,) = queries.whole(session, [queries.certificate(session, actor(), certificate)])
        return answer(_certificate(whole, actor()))


@blueprint.route("/certificates/<uuid:certificate>/correction", methods=["POST"])
@needs(Right.ENTER_CERTIFICATES)
@tells(LOCATION)
@blueprint.arguments(schemas.CertificateCorrectionIn)
@blueprint.response(200, schemas.CertificateOut)
def correct_certificate(words: dict[str, Any], certificate: UUID) -> Response:
    """Correct what was entered: another certificate takes its place, with its files but the wrong ones."""
    reason, wrong_files = words.pop("reason"), words.pop("without_files")
    with transaction() as session:
        corrected = operations.correct_certificate(
            session, actor(), certificate, Words(**words), reason, wrong_files
        )
        return _certificate_answer(session, corrected.id)


@blueprint.route("/certificates/<uuid:certificate>/confirmation", methods=["POST"])
@needs(Right.CONFIRM_CERTIFICATES)
@tells(LOCATION)
@blueprint.response(200, schemas.CertificateOut)
def confirm_certificate(certificate: UUID) -> Response:
    """Answer for what an editor's side entered: it serves without a verifier's look, unless a list says otherwise."""
    with transaction() as session:
        confirmed = operations.confirm_certificate(session, actor(), certificate)
        return _certificate_answer(session, confirmed.id)


@blueprint.route("/certificates/<uuid:certificate>/files", methods=["POST"])
@needs(Right.ENTER_CERTIFICATES)
@tells(LOCATION)
@repeats_itself
@blueprint.doc(requestBody=FORM)
@blueprint.response(201, schemas.CertificateOut)
def add_certificate_files(certificate: UUID) -> Response:
    """Add files to a certificate. They stream to the storage as they come."""
    with unless_answered(), transaction() as session:
        operations.may_change(session, actor(), certificate)
    kept = _kept(file_parts())

    def effect() -> Response:
        with transaction() as session:
            operations.add_files(session, actor(), parts().vault, certificate, kept)
            return _certificate_answer(session, certificate, 201)

    return once(_names(kept), effect)


@blueprint.route("/certificates/<uuid:certificate>/files/<uuid:file>")
@needs(Right.READ_CERTIFICATES)
@blueprint.response(200, BYTES, content_type="application/octet-stream")
@blueprint.alt_response(206, schema=BYTES, content_type="application/octet-stream", success=True)
def read_certificate_file(certificate: UUID, file: UUID) -> Response:
    """A file of a certificate as it was sent; serves ranges. `X-Scan` says what the antivirus found."""
    with transaction() as session:
        certificate_file = queries.file(session, actor(), certificate, file)
    return serve(certificate_file)


@blueprint.route("/certificates/<uuid:certificate>/files/<uuid:file>/acceptance", methods=["POST"])
@needs(Right.READ_CERTIFICATES)
@tells(LOCATION)
@blueprint.arguments(ReasonIn)
@blueprint.response(200, schemas.CertificateOut)
def accept_certificate_file(words: dict[str, str], certificate: UUID, file: UUID) -> Response:
    """Accept, with a reason, to read a file that the antivirus could not scan."""
    with transaction() as session:
        accept_unscannable(
            session, actor(), queries.file(session, actor(), certificate, file), words["reason"]
        )
        return _certificate_answer(session, certificate)
