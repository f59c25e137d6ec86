"""Edits of one rule of a draft, and whole rulebooks as files, over HTTP."""

import json
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response
from flask_smorest import Blueprint

from referencing.base.errors import Conflict, FieldError, Invalid
from referencing.base.permissions import Right, authorise
from referencing.equivalence.engine import facts
from referencing.equivalence.rulebooks import editing, operations, queries, schemas
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.rulebooks.rulebooks import plain
from referencing.equivalence.rulebooks.views import (
    correspondence_of_words,
    policy_of_words,
    rulebook_view,
    rules_of_words,
)
from referencing.files.downloads import BYTES
from referencing.web.descriptions import ETAG, IF_MATCH, needs, reads, tells
from referencing.web.forms import FORM, one_file
from referencing.web.problems import invalid
from referencing.web.requests import actor, answer, etag, expected_version, transaction

from .oscal import Document, read_oscal, write_oscal
from .sheets import read_sheets, write_sheets

blueprint = Blueprint("rulebook_entries", __name__, url_prefix="/api/v1", description="Editing rulebooks")


def _answer_rulebook(rulebook: Rulebook) -> Response:
    return answer(rulebook_view(rulebook, actor()), headers=etag(rulebook.revision))


@blueprint.route("/rulebooks/<uuid:rulebook>/correspondences/<part:code>", methods=["PUT"])
@needs(Right.EDIT_RULEBOOKS)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.arguments(schemas.CorrespondenceEdit)
@blueprint.response(200, schemas.RulebookOut)
def put_correspondence(words: dict[str, Any], rulebook: UUID, code: str) -> Response:
    """Write or replace one correspondence of a draft (If-Match: its revision)."""
    with transaction() as session:
        rule = correspondence_of_words(code, words)
        return _answer_rulebook(
            editing.put_correspondence(session, actor(), rulebook, expected_version(), rule)
        )


@blueprint.route("/rulebooks/<uuid:rulebook>/correspondences/<part:code>", methods=["DELETE"])
@needs(Right.EDIT_RULEBOOKS)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.response(200, schemas.RulebookOut)
def remove_correspondence(rulebook: UUID, code: str) -> Response:
    """Remove one correspondence of a draft (If-Match: its revision)."""
    with transaction() as session:
        return _answer_rulebook(
            editing.remove_correspondence(session, actor(), rulebook, expected_version(), code)
        )


@blueprint.route("/rulebooks/<uuid:rulebook>/certificate-kinds/<part:kind>", methods=["PUT"])
@needs(Right.EDIT_RULEBOOKS)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.arguments(schemas.CertificateKindEdit)
@blueprint.response(200, schemas.RulebookOut)
def put_certificate_kind(words: dict[str, Any], rulebook: UUID, kind: str) -> Response:
    """Write or replace what a kind of certificate covers, in a draft (If-Match: its revision)."""
    with transaction() as session:
        rule = facts.CertificateKind(kind, tuple(words["covers"]))
        return _answer_rulebook(editing.put_kind(session, actor(), rulebook, expected_version(), rule))


@blueprint.route("/rulebooks/<uuid:rulebook>/certificate-kinds/<part:kind>", methods=["DELETE"])
@needs(Right.EDIT_RULEBOOKS)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.response(200, schemas.RulebookOut)
def remove_certificate_kind(rulebook: UUID, kind: str) -> Response:
    """Remove a kind of certificate from a draft (If-Match: its revision)."""
    with transaction() as session:
        return _answer_rulebook(editing.remove_kind(session, actor(), rulebook, expected_version(), kind))


@blueprint.route("/rulebooks/<uuid:rulebook>/policies/<int:position>", methods=["PUT"])
@needs(Right.EDIT_RULEBOOKS)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.arguments(schemas.PolicySchema)
@blueprint.response(200, schemas.RulebookOut)
def put_policy(words: dict[str, Any], rulebook: UUID, position: int) -> Response:
    """Replace the policy at a position from 0, or add one after the last (If-Match: the draft's revision)."""
    with transaction() as session:
        rule = policy_of_words(words)
        return _answer_rulebook(
            editing.put_policy(session, actor(), rulebook, expected_version(), position, rule)
        )


@blueprint.route("/rulebooks/<uuid:rulebook>/policies/<int:position>", methods=["DELETE"])
@needs(Right.EDIT_RULEBOOKS)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.response(200, schemas.RulebookOut)
def remove_policy(rulebook: UUID, position: int) -> Response:
    """Remove a policy of a draft; those after it move up (If-Match: the draft's revision)."""
    with transaction() as session:
        return _answer_rulebook(
            editing.remove_policy(session, actor(), rulebook, expected_version(), position)
        )


@blueprint.route("/rulebooks/<uuid:rulebook>/export")
@needs(Right.READ_RULEBOOKS)
@blueprint.arguments(schemas.ExportArguments, location="query")
@blueprint.response(200, {"type": "object", "description": "the rules, or OSCAL's mapping collection"})
@blueprint.alt_response(200, schema=BYTES, content_type="application/zip")
def export_rulebook(arguments: dict[str, Any], rulebook: UUID) -> Response:
    """A rulebook as JSON that can be posted again, as CSV sheets in a zip, or as an OSCAL mapping collection."""
    with transaction() as session:
        exported = queries.visible_rulebook(session, actor(), rulebook)
        kind = arguments["format"]
        if kind is schemas.Format.CSV:
            content: Any = Response(write_sheets(queries.rules_of(exported)), content_type="application/zip")
        elif kind is schemas.Format.OSCAL:
            content = answer(_oscal_document(exported))
        else:
            content = answer({"label": exported.label, **plain(queries.rules_of(exported))})
        extension = "zip" if kind is schemas.Format.CSV else "json"
        name = f"regles-{exported.id}.{extension}"
        content.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        response: Response = content
        return response


def _oscal_document(rulebook: Rulebook) -> dict[str, Any]:
    rules = queries.rules_of(rulebook)
    if not rules.correspondences:
        raise Conflict(
            "Un document OSCAL a au moins une correspondance : exportez ces règles en JSON ou en CSV."
        )
    return write_oscal(
        rulebook.id,
        rulebook.label,
        rules,
        at=rulebook.published_at or rulebook.created_at,
        version=str(rulebook.revision),
        final=rulebook.frozen,
    )


@blueprint.route("/rulebooks/imports", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@tells(ETAG)
@blueprint.doc(requestBody=FORM)
@blueprint.arguments(schemas.RulebookImportArguments, location="query")
@blueprint.response(201, schemas.RulebookImportOut)
def import_rulebook(arguments: dict[str, Any]) -> Response:
    """Write a draft from CSV sheets in a zip or an OSCAL mapping collection; answers what was left out of it."""
    authorise(actor(), Right.EDIT_RULEBOOKS)  # before a file is read
    document = _read_document(arguments["format"])
    label = arguments["label"] or document.label
    if not label:
        raise Invalid("Donnez un titre à ces règles.", [FieldError("/query/label", "Ce champ est requis.")])
    try:
        words = schemas.RulebookIn().load({"label": label, **plain(document.rules)})
    except ma.ValidationError as error:
        raise invalid({"json": error.messages}) from error
    with transaction() as session:
        rulebook = operations.write_rulebook(
            session, actor(), words["label"], rules_of_words(words), arguments["format"].value
        )
        left_out = [{"pointer": left.pointer, "detail": left.detail} for left in document.left_out]
        unknown = operations.unknown_dsrs(session, document.rules)
        body = {"rulebook": rulebook_view(rulebook, actor()), "left_out": left_out, "unknown_dsrs": unknown}
        return answer(body, 201, etag(rulebook.revision))


def _read_document(kind: schemas.ImportFormat) -> Document:
    file = one_file()
    if kind is schemas.ImportFormat.CSV:
        return Document("", read_sheets(file))
    try:
        return read_oscal(json.load(file))
    except (ValueError, RecursionError) as error:
        raise Invalid("Ce fichier n'est pas du JSON lisible : exportez-le de nouveau.") from error
