"""Revoking a fact over HTTP, for itself or by an audit."""

from typing import Any
from uuid import UUID

from flask import Response

from referencing.base.permissions import Right
from referencing.proofs.models import Verification
from referencing.revocations import schemas
from referencing.revocations.routes import blueprint, revoked
from referencing.solutions.models import Certificate
from referencing.web.descriptions import needs
from referencing.web.requests import actor, transaction

from . import inquiries


@blueprint.route("/verifications/<uuid:verification>/revocation", methods=["POST"])
@needs(Right.REVOKE)
@blueprint.arguments(schemas.RevocationArguments, location="query")
@blueprint.arguments(schemas.FactRevocationIn)
@blueprint.response(200, schemas.RevocationImpactOut)
def revoke_verification(arguments: dict[str, bool], words: dict[str, Any], verification: UUID) -> Response:
    """Revoke a verification, or only ask what that would do: what leaned on it, directly or by a reuse."""
    return _revoke(Verification, verification, **words, dry_run=arguments["dry_run"])


@blueprint.route("/certificates/<uuid:certificate>/revocation", methods=["POST"])
@needs(Right.REVOKE)
@blueprint.arguments(schemas.RevocationArguments, location="query")
@blueprint.arguments(schemas.FactRevocationIn)
@blueprint.response(200, schemas.RevocationImpactOut)
def revoke_certificate(arguments: dict[str, bool], words: dict[str, Any], certificate: UUID) -> Response:
    """Revoke a certificate, or only ask what that would do."""
    return _revoke(Certificate, certificate, **words, dry_run=arguments["dry_run"])


def _revoke(
    kind: type[Verification] | type[Certificate],
    fact: UUID,
    *,
    reason: str,
    audit: UUID | None,
    digest: str | None,
    dry_run: bool,
) -> Response:
    with transaction() as session:
        if dry_run:
            effects = inquiries.what_if_taken_back(session, actor(), audit, kind, fact, reason)
        else:
            effects = inquiries.take_back(session, actor(), audit, kind, fact, reason, digest)
        return revoked(session, effects, dry_run=dry_run)
