"""Revocations and flags over HTTP."""

from collections import Counter
from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.http import Page, PageArguments, actor, answer, id_cursor, listing, transaction
from referencing.proofs.models import Verification
from referencing.schemas import page_of
from referencing.solutions.models import Certificate

from . import operations, queries, schemas
from .inquiries import take_back
from .models import Flag

blueprint = Blueprint(
    "audits", __name__, url_prefix="/api/v1", description="What is found false is taken back"
)


@blueprint.route("/verifications/<uuid:verification>/revocation", methods=["POST"])
@blueprint.arguments(schemas.RevocationArguments, location="query")
@blueprint.arguments(schemas.RevocationIn)
@blueprint.response(200, schemas.ImpactOut)
def revoke_verification(arguments: dict[str, bool], words: dict[str, Any], verification: UUID) -> Response:
    """Revoke a verification, or only ask what that would do: what leaned on it, directly or by a reuse."""
    return _revoke(Verification, verification, **words, only_ask=arguments["dry_run"])


@blueprint.route("/certificates/<uuid:certificate>/revocation", methods=["POST"])
@blueprint.arguments(schemas.RevocationArguments, location="query")
@blueprint.arguments(schemas.RevocationIn)
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
        attempt = session.begin_nested()
        if audit is None:
            effects = operations.revoke(session, actor(), kind, fact, reason)
        else:
            effects = take_back(session, actor(), audit, kind, fact, reason)
        if only_ask:
            attempt.rollback()
    shown = [asdict(effect) for effect in effects]
    summary = Counter(effect.fate.value for effect in effects)
    return answer({"dry_run": only_ask, "effects": shown, "summary": summary})


@blueprint.route("/flags")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.FlagOut))
def list_flags(arguments: dict[str, Page]) -> Response:
    """The items of referenced solutions that stood on what was revoked, in the order of raising."""
    page = arguments["page"]
    with transaction() as session:
        found = queries.flags(session, actor(), id_cursor(page), page.limit + 1)
        shown, following = page.of(found, lambda one: [one.id])
        return listing([_flag(one) for one in shown], following)


def _flag(flag: Flag) -> dict[str, Any]:
    candidature = flag.candidature
    return {
        "id": flag.id,
        "candidature": candidature.id,
        "dsr": candidature.version.dsr.code,
        "organisation": candidature.organisation.name,
        "commercial_name": candidature.configuration.solution.commercial_name,
        "item": flag.item_id,
        "code": flag.item.expected_proof.code,
        "reason": flag.revocation.reason,
        "raised_at": flag.raised_at,
    }
