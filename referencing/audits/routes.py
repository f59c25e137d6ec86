"""Revocations and flags over HTTP."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.http import Page, PageArguments, actor, answer, id_cursor, listing, transaction
from referencing.proofs.models import Verification
from referencing.schemas import page_of
from referencing.solutions.models import Certificate

from . import operations, queries, schemas
from .models import Flag

blueprint = Blueprint(
    "audits", __name__, url_prefix="/api/v1", description="What is found false is taken back"
)


@blueprint.route("/verifications/<uuid:verification>/revocation", methods=["POST"])
@blueprint.arguments(schemas.RevocationArguments, location="query")
@blueprint.arguments(schemas.RevocationIn)
@blueprint.response(200, schemas.ImpactOut)
def revoke_verification(arguments: dict[str, bool], words: dict[str, str], verification: UUID) -> Response:
    """Revoke a verification, or only ask what that would do: what leaned on it, directly or by a reuse."""
    return _revoke(Verification, verification, words["reason"], only_ask=arguments["dry_run"])


@blueprint.route("/certificates/<uuid:certificate>/revocation", methods=["POST"])
@blueprint.arguments(schemas.RevocationArguments, location="query")
@blueprint.arguments(schemas.RevocationIn)
@blueprint.response(200, schemas.ImpactOut)
def revoke_certificate(arguments: dict[str, bool], words: dict[str, str], certificate: UUID) -> Response:
    """Revoke a certificate, or only ask what that would do."""
    return _revoke(Certificate, certificate, words["reason"], only_ask=arguments["dry_run"])


@blueprint.route("/certificates/<uuid:certificate>/withdrawal", methods=["POST"])
@blueprint.arguments(schemas.RevocationArguments, location="query")
@blueprint.arguments(schemas.RevocationIn)
@blueprint.response(200, schemas.ImpactOut)
def withdraw_certificate(arguments: dict[str, bool], words: dict[str, str], certificate: UUID) -> Response:
    """Say that its issuer took a certificate back, or only ask what that would do.

    For leads, and for the integration that entered it, which is told of the dossiers that it is allowed on alone.
    """
    return _answered(
        lambda session: operations.withdraw_certificate(session, actor(), certificate, words["reason"]),
        only_ask=arguments["dry_run"],
    )


def _revoke(
    kind: type[Verification] | type[Certificate], fact: UUID, reason: str, *, only_ask: bool
) -> Response:
    return _answered(
        lambda session: operations.revoke(session, actor(), kind, fact, reason), only_ask=only_ask
    )


def _answered(effect: Callable[[Session], Sequence[operations.Effect]], *, only_ask: bool) -> Response:
    with transaction() as session:
        attempt = session.begin_nested()
        effects = effect(session)
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
