"""Softwares that are one technical core, over HTTP."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.catalogue.proposals import ProofKind
from referencing.files.downloads import BYTES, serve
from referencing.files.examination import all_examined
from referencing.files.operations import store_file
from referencing.files.scanning import accept_unscannable
from referencing.proofs.schemas import ReasonIn
from referencing.revocations.impact import impact_of
from referencing.revocations.routes import revoked
from referencing.revocations.schemas import (
    ConfirmationIn,
    ImpactOut,
    RevocationArguments,
    RevocationImpactOut,
    RevocationIn,
)
from referencing.web.descriptions import needs
from referencing.web.forms import announced_file_parts, announced_words
from referencing.web.idempotency import once, repeats_itself, unless_answered
from referencing.web.pages import Page, id_cursor, listing
from referencing.web.requests import actor, answer, parts, transaction

from . import acceptance, operations, queries, schemas, separation
from .models import Declaration

blueprint = Blueprint(
    "identities", __name__, url_prefix="/api/v1", description="Softwares that are one technical core"
)

_impact = shape(ImpactOut)
_revocation_impact = shape(RevocationImpactOut)
_own = shape(schemas.OwnDeclarationOut)
_software = shape(schemas.OtherOut)


def _declaration_views(session: Session, declarations: Sequence[Declaration]) -> list[dict[str, Any]]:
    if not actor().of_agency:
        return [_own(one, actor()) for one in declarations]
    others = queries.others(session, declarations)
    return [_own(one, actor()) | _other_side(others.get(one.id)) for one in declarations]


def _other_side(other: queries.Other | None) -> dict[str, Any]:
    if other is None:
        return {"other_software": None, "complete": False}
    return {"other_software": _software(other.software), "complete": other.complete}


def _declaration_answer(session: Session, declaration: Declaration, status: int = 200) -> Response:
    (view,) = _declaration_views(session, [declaration])
    return answer(view, status)


@blueprint.route("/softwares/<uuid:software>/identity-declarations", methods=["POST"])
@needs(Right.DECLARE_IDENTITIES)
@repeats_itself
@blueprint.doc(requestBody=schemas.DECLARATION_BODY)
@blueprint.response(201, schemas.IdentityDeclarationOut)
def declare_identity(software: UUID) -> Response:
    """Declare, with an attestation, that a software is one technical core with another.

    Where the other is of another organisation, that one declares it too. The answer is the same whether it exists
    or not.
    """
    announced, files = announced_file_parts("declaration", schemas.LONGEST_FIELD, schemas.MOST_FILES)
    words = announced_words("declaration", schemas.IdentityDeclarationIn(), announced)
    with transaction() as session, unless_answered():
        operations.may_declare(session, actor(), software, words["other"])
    vault, limit = parts().vault, parts().settings.largest_file
    stored = [store_file(vault.storage, part.filename, part.media_type, part, limit) for part in files]
    kept = all_examined(vault.storage, stored, ProofKind.OTHER)

    def effect() -> Response:
        with transaction() as session:
            made = operations.declare(session, actor(), vault, software, files=kept, **words)
            session.expire_all()
            return _declaration_answer(session, queries.declaration(session, actor(), made.id), 201)

    received = (
        announced.decode(errors="replace"),
        *(said for one in stored for said in (one.filename, one.sha256)),
    )
    return once(received, effect)


@blueprint.route("/identity-declarations")
@needs(Right.READ_SOLUTIONS)
@blueprint.arguments(schemas.DeclarationsArguments, location="query")
@blueprint.response(200, page_of(schemas.IdentityDeclarationOut))
def list_identity_declarations(arguments: dict[str, Any]) -> Response:
    """The organisation's declarations, or all of them for the agency, in the order of declaring."""
    page: Page = arguments["page"]
    with transaction() as session:
        declarations = queries.declarations(
            session, actor(), id_cursor(page), page.limit + 1, state=arguments["state"]
        )
        page_declarations, following = page.of(declarations, lambda one: [one.id])
        return listing(_declaration_views(session, page_declarations), following)


@blueprint.route("/identity-declarations/<uuid:declaration>")
@needs(Right.READ_SOLUTIONS)
@blueprint.response(200, schemas.IdentityDeclarationOut)
def read_identity_declaration(declaration: UUID) -> Response:
    """One declaration."""
    with transaction() as session:
        return _declaration_answer(session, queries.declaration(session, actor(), declaration))


@blueprint.route("/identity-declarations/<uuid:declaration>/files/<uuid:file>")
@needs(Right.READ_SOLUTIONS)
@blueprint.response(200, BYTES, content_type="application/octet-stream")
@blueprint.alt_response(206, schema=BYTES, content_type="application/octet-stream", success=True)
def read_declaration_file(declaration: UUID, file: UUID) -> Response:
    """An attestation as it was sent; serves ranges. `X-Scan` says what the antivirus found."""
    with transaction() as session:
        attestation = queries.file(session, actor(), declaration, file)
    return serve(attestation)


@blueprint.route("/identity-declarations/<uuid:declaration>/files/<uuid:file>/acceptance", methods=["POST"])
@needs(Right.READ_SOLUTIONS)
@blueprint.arguments(ReasonIn)
@blueprint.response(200, schemas.IdentityDeclarationOut)
def accept_declaration_file(words: dict[str, str], declaration: UUID, file: UUID) -> Response:
    """Accept, with a reason, to read an attestation that the antivirus could not scan."""
    with transaction() as session:
        accept_unscannable(
            session, actor(), queries.file(session, actor(), declaration, file), words["reason"]
        )
        session.flush()
        return _declaration_answer(session, queries.declaration(session, actor(), declaration))


@blueprint.route("/identity-declarations/<uuid:declaration>/withdrawal", methods=["POST"])
@needs(Right.DECLARE_IDENTITIES)
@blueprint.arguments(RevocationArguments, location="query")
@blueprint.arguments(ConfirmationIn)
@blueprint.response(200, schemas.WithdrawnDeclarationOut)
def withdraw(arguments: dict[str, bool], words: dict[str, Any], declaration: UUID) -> Response:
    """Take one's declaration back, or only ask what that would do.

    Accepted before, what stood on it falls as by a revocation; what items of one's own lose is confirmed likewise.
    """
    with transaction() as session:
        if arguments["dry_run"]:
            effects = operations.what_if_withdrawn(session, actor(), declaration)
            impact = _revocation_impact(impact_of(session, actor(), effects, dry_run=True))
            shown = queries.declaration(session, actor(), declaration)
        else:
            impact, shown = None, operations.withdraw(session, actor(), declaration, **words)
        (view,) = _declaration_views(session, [shown])
        return answer(view | {"impact": impact})


@blueprint.route("/identity-declarations/<uuid:declaration>/refusal", methods=["POST"])
@needs(Right.JUDGE_IDENTITIES)
@blueprint.arguments(ReasonIn)
@blueprint.response(200, schemas.IdentityDeclarationOut)
def refuse(words: dict[str, str], declaration: UUID) -> Response:
    """Refuse a declaration, with a reason that its editor reads."""
    with transaction() as session:
        return _declaration_answer(session, operations.refuse(session, actor(), declaration, words["reason"]))


@blueprint.route("/identity-declarations/<uuid:declaration>/acceptance", methods=["POST"])
@needs(Right.JUDGE_IDENTITIES)
@blueprint.arguments(RevocationArguments, location="query")
@blueprint.response(200, ImpactOut)
def accept(arguments: dict[str, bool], declaration: UUID) -> Response:
    """Accept that the two softwares are one, or only ask which items would gain by it."""
    only_ask = arguments["dry_run"]
    decide = acceptance.what_if_accepted if only_ask else acceptance.accept
    with transaction() as session:
        effects = decide(session, actor(), parts().vault, declaration)
        return answer(_impact(impact_of(session, actor(), effects, dry_run=only_ask)))


@blueprint.route("/identities/<uuid:identity>/revocation", methods=["POST"])
@needs(Right.REVOKE)
@blueprint.arguments(RevocationArguments, location="query")
@blueprint.arguments(RevocationIn)
@blueprint.response(200, RevocationImpactOut)
def revoke(arguments: dict[str, bool], words: dict[str, Any], identity: UUID) -> Response:
    """Take back that two softwares are one, or only ask what that would do."""
    with transaction() as session:
        if arguments["dry_run"]:
            effects = separation.what_if_revoked(session, actor(), identity, words["reason"])
        else:
            effects = separation.revoke_identity(session, actor(), identity, **words)
        return revoked(session, effects, **arguments)
