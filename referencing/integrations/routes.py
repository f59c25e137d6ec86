"""Integrations over HTTP: what an editor allows and names, and what is pushed many at once."""

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response
from flask_smorest import Blueprint

from referencing.base.batch import line_view, report_view
from referencing.base.errors import DomainError, Invalid
from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.candidatures.filing.supplying import may_supply
from referencing.certificates.operations import Words, may_enter_certificates
from referencing.certificates.queries import of_ids, whole
from referencing.certificates.schemas import CertificateIn, CertificateOut
from referencing.proofs.views import receipt_view
from referencing.web.descriptions import LOCATION, needs, tells
from referencing.web.forms import announced_file_parts, read_json
from referencing.web.idempotency import body, once, repeats_itself, unless_answered
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.problems import invalid
from referencing.web.requests import actor, answer, parts, transaction

from . import operations, queries, schemas
from .manifests import Manifest, ManifestLine
from .views import permission_view

blueprint = Blueprint(
    "integrations", __name__, url_prefix="/api/v1", description="What machines push, and what lets them"
)

_certificate_in = CertificateIn()
_reference_shape = shape(schemas.ReferenceOut)


@blueprint.route("/candidatures/<uuid:candidature>/permissions")
@needs(Right.ALLOW_INTEGRATIONS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.PermissionOut))
def list_permissions(arguments: dict[str, Page], candidature: UUID) -> Response:
    """The integrations that may see and supply a candidature, in the order of granting."""
    page = arguments["page"]
    with transaction() as session:
        rows = queries.permissions(session, actor(), candidature, id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda permission: [permission.id])
        return listing([permission_view(permission, actor()) for permission in on_page], following)


@blueprint.route("/candidatures/<uuid:candidature>/permissions", methods=["POST"])
@needs(Right.ALLOW_INTEGRATIONS)
@tells(LOCATION)
@blueprint.arguments(schemas.PermissionIn)
@blueprint.response(201, schemas.PermissionOut)
@blueprint.alt_response(200, schema=schemas.PermissionOut, description="It was allowed already", success=True)
def allow_integration(words: dict[str, UUID], candidature: UUID) -> Response:
    """Let an integration see and supply a candidature.

    It may be of another organisation: a test platform, a certification counter. Its `account` is the `id` that
    it reads at `/api/v1/me`.
    """
    with transaction() as session:
        permission, new = operations.allow(session, actor(), candidature, words["account"])
        place = f"/api/v1/candidatures/{candidature}/permissions/{permission.id}"
        return answer(permission_view(permission, actor()), 201 if new else 200, {"Location": place})


@blueprint.route("/candidatures/<uuid:candidature>/permissions/<uuid:permission>", methods=["DELETE"])
@needs(Right.ALLOW_INTEGRATIONS)
@blueprint.response(204)
def revoke(candidature: UUID, permission: UUID) -> Response:
    """Revoke a permission at once: from its next request on, the integration finds nothing here."""
    with transaction() as session:
        operations.revoke(session, actor(), candidature, permission)
    return Response(status=204)


@blueprint.route("/candidatures/<uuid:candidature>/references")
@needs(Right.READ_CANDIDATURES)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.ReferenceOut))
def list_integration_references(arguments: dict[str, Page], candidature: UUID) -> Response:
    """The items to which the editor gave its own reference, in the order of the requirements."""
    page = arguments["page"]
    cursor = page.keys(int)
    with transaction() as session:
        rows = queries.references(session, actor(), candidature, cursor, page.limit + 1)
        on_page, following = page.of(rows, lambda item: [item.position])
        return listing([_reference_shape(item) for item in on_page], following)


@blueprint.route("/candidatures/<uuid:candidature>/references", methods=["PUT"])
@needs(Right.PREPARE_CANDIDATURES)
@blueprint.arguments(schemas.ReferencesIn)
@blueprint.response(200, page_of(schemas.ReferenceOut))
def name_integration_items(words: dict[str, Any], candidature: UUID) -> Response:
    """Give items the editor's own references; items that are not named here have none any more.

    Wherever an item is named, `ref:` and its reference can stand for its code.
    """
    names = [(line["item"], line["reference"]) for line in words["references"]]
    with transaction() as session:
        items = operations.name_items(session, actor(), candidature, names)
        named_items = [item for item in items if item.external_reference is not None]
        return listing([_reference_shape(item) for item in named_items], None)


@blueprint.route("/candidatures/<uuid:candidature>/manifests", methods=["POST"])
@needs(Right.SUPPLY_PROOFS)
@repeats_itself
@blueprint.doc(requestBody=schemas.MANIFEST_FORM)
@blueprint.response(200, schemas.ReportOut)
def supply_manifest(candidature: UUID) -> Response:
    """Supply many items with one form: first the field `manifest` (JSON), then the files, streamed to the storage.

    Every line has its outcome in the report; one that is refused prevents no other. When the form is cut short,
    nothing is supplied.
    """
    with unless_answered(), transaction() as session:
        may_supply(session, actor(), candidature)
    announced, files = announced_file_parts("manifest", schemas.LONGEST_MANIFEST, schemas.MOST_FILES)
    manifest, vault = _read_manifest(announced), parts().vault
    with transaction() as session:
        kinds = operations.proof_kinds(session, actor(), candidature)
    operations.receive(manifest, vault.storage, files, parts().settings.largest_file, kinds)

    def effect() -> Response:
        with transaction() as session:
            outcomes = operations.supply_lines(session, actor(), vault, candidature, manifest.lines)
            receipts = [
                outcome if isinstance(outcome, DomainError) else receipt_view(session, actor(), outcome)
                for outcome in outcomes
            ]
            lines = [
                {"item": line.item, **line_view("supplied", "receipt", receipt)}
                for line, receipt in zip(manifest.lines, receipts, strict=True)
            ]
            return answer({**report_view("supplied", lines), "unexpected_files": manifest.unexpected})

    return once([announced.decode(errors="replace"), *manifest.received], effect)


def _read_manifest(announced: bytes) -> Manifest:
    try:
        words = schemas.ManifestIn().load(read_json(announced, "Le champ « manifest »"))
    except ma.ValidationError as error:
        raise invalid({"manifest": error.messages}) from error
    return Manifest(ManifestLine(**line) for line in words["lines"])


@blueprint.route("/softwares/<uuid:software>/certificates/manifests", methods=["POST"])
@needs(Right.ENTER_CERTIFICATES)
@repeats_itself
@blueprint.arguments(schemas.CertificatesIn)
@blueprint.response(200, schemas.CertificatesReportOut)
def enter_certificates(words: dict[str, Any], software: UUID) -> Response:
    """Record many certificates of a software; one that is refused prevents no other."""
    with transaction() as session:
        may_enter_certificates(session, actor(), software)
    sent = words["certificates"]

    def effect() -> Response:
        with transaction() as session:
            outcomes = operations.enter_certificates(
                session, actor(), software, [*map(_read_certificate, sent)]
            )
            session.flush()
            ids = [outcome.id for outcome in outcomes if not isinstance(outcome, DomainError)]
            views = {
                entered.certificate.id: shape(CertificateOut)(entered, actor())
                for entered in whole(session, of_ids(session, ids))
            }
            answers = [
                outcome if isinstance(outcome, DomainError) else views[outcome.id] for outcome in outcomes
            ]
            lines = [
                {"number": line.get("number"), **line_view("entered", "certificate", outcome)}
                for line, outcome in zip(sent, answers, strict=True)
            ]
            return answer(report_view("entered", lines))

    return once(body(), effect)


def _read_certificate(words: dict[str, Any]) -> Words | Invalid:
    try:
        return Words(**_certificate_in.load(words))
    except ma.ValidationError as error:
        return invalid({"json": error.messages})
