"""Revoking a fact over HTTP, for itself or by an audit."""

from typing import Any
from uuid import UUID

from flask import Response

from referencing.proofs.models import Verification
from referencing.revocations import operations, schemas
from referencing.revocations.routes import blueprint, impact
from referencing.solutions.models import Certificate
from referencing.web.requests import actor, transaction

from . import inquiries


@blueprint.route("/verifications/<uuid:verification>/revocation", methods=["POST"])
@blueprint.arguments(schemas.RevocationArguments, location="query")
@blueprint.arguments(schemas.FactRevocationIn)
@blueprint.response(200, schemas.ImpactOut)
def revoke_verification(arguments: dict[str, bool], words: dict[str, Any], verification: UUID) -> Response:
    """Revoke a verification, or only ask what that would do: what leaned on it, directly or by a reuse."""
    return _revoke(Verification, verification, **words, only_ask=arguments["dry_run"])


@blueprint.route("/certificates/<uuid:certificate>/revocation", methods=["POST"])
@blueprint.arguments(schemas.RevocationArguments, location="query")
@blueprint.arguments(schemas.FactRevocationIn)
@blueprint.response(200, schemas.ImpactOut)
def revoke_certificate(arguments: dict[str, bool], words: dict[str, Any], certificate: UUID) -> Response:
    """Revoke a certificate, or only ask what that would do."""
    return _revoke(Certificate, certificate, **words, only_ask=arguments["dry_run"])


def _revoke(
    kind: type[Verification] | type[Certificate],
    fact: UUID,
    *,
    reason: str,
    audit: UUID | None,
    only_ask: bool,
) -> Response:
    with transaction() as session:
        if audit is not None:
            decide = inquiries.what_if_taken_back if only_ask else inquiries.take_back
            effects = decide(session, actor(), audit, kind, fact, reason)
        else:
            effects = (operations.what_if_revoked if only_ask else operations.revoke)(
                session, actor(), kind, fact, reason
            )
        return impact(effects, only_ask=only_ask)
