"""Revocations and flags over HTTP."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.candidatures.record.states import Action
from referencing.equivalence.engine.facts import CertificateKind, Correspondence
from referencing.equivalence.rulebooks.removals import Rule
from referencing.web.descriptions import needs
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, transaction

from . import foresight, operations, queries, removals, schemas, standings
from .consequences import Effect
from .foresight import Expiry
from .impact import impact_for, impact_of, readable_dossiers

blueprint = Blueprint(
    "audits", __name__, url_prefix="/api/v1", description="What is found false is taken back"
)

_revocation = shape(schemas.RevocationOut)
_effect = shape(schemas.EffectOut)
_impact = shape(schemas.ImpactOut)
_revocation_impact = shape(schemas.RevocationImpactOut)
_end = shape(schemas.EndOut)
_core = shape(schemas.CoreOut)
_flag = shape(schemas.FlagOut)


@blueprint.route("/certificates/<uuid:certificate>/withdrawal", methods=["POST"])
@needs(Right.ENTER_CERTIFICATES)
@blueprint.arguments(schemas.RevocationArguments, location="query")
@blueprint.arguments(schemas.RevocationIn)
@blueprint.response(200, schemas.RevocationImpactOut)
def withdraw_certificate(arguments: dict[str, bool], words: dict[str, Any], certificate: UUID) -> Response:
    """Say that its issuer took a certificate back, or only ask what that would do.

    For leads, and for the integration that entered it, which is told of the dossiers that it is allowed on alone.
    """
    with transaction() as session:
        if arguments["dry_run"]:
            effects = operations.what_if_withdrawn(session, actor(), certificate, words["reason"])
        else:
            effects = operations.withdraw_certificate(session, actor(), certificate, **words)
        return revoked(session, effects, **arguments)


def revoked(session: Session, effects: Sequence[Effect], *, dry_run: bool) -> Response:
    """The answer to a revocation, or to its dry run; `pending` are the items that a job has yet to see."""
    return answer(_revocation_impact(impact_of(session, actor(), effects, dry_run=dry_run)))


@blueprint.route("/candidatures/<uuid:candidature>/consequences")
@needs(Right.FORESEE_EXPIRIES)
@blueprint.arguments(schemas.ConsequencesArguments, location="query")
@blueprint.response(200, schemas.ImpactOut)
def foresee_decision(arguments: dict[str, schemas.Decision], candidature: UUID) -> Response:
    """The effects of a decision on a candidature for others that reuse what was verified in it.

    For leads and auditors; its editor may ask it of a withdrawal, for its own candidatures.
    """
    with transaction() as session:
        action = Action(arguments["action"].value)
        effects = standings.what_if_decided(session, actor(), candidature, action)
        return answer(_impact(impact_of(session, actor(), effects, dry_run=True)))


@blueprint.route("/certificates/<uuid:certificate>/expiry")
@needs(Right.FORESEE_EXPIRIES)
@blueprint.response(200, schemas.ExpiryOut)
def foresee_expiry(certificate: UUID) -> Response:
    """The effects of the end of a certificate on its day, for each item that will lean on it then.

    For leads and auditors, and for its editor.
    """
    with transaction() as session:
        expiry = foresight.what_if_expired(session, actor(), certificate)
        return answer(_expiry(expiry, readable_dossiers(session, actor(), expiry.effects)))


def _expiry(expiry: Expiry, visible: Collection[UUID]) -> dict[str, Any]:
    return {**_end(expiry), **_impact(impact_for(actor(), expiry.effects, visible))}


@blueprint.route("/expiries")
@needs(Right.READ_FLAGS)
@blueprint.arguments(schemas.ExpiriesArguments, location="query")
@blueprint.response(200, page_of(schemas.CoreExpiriesOut))
def list_expiries(arguments: dict[str, Any]) -> Response:
    """The expiries until a day and their effects if nothing else happens before; core by core."""
    page, until = arguments["page"], arguments["until"]
    with transaction() as session:
        cores = foresight.expiries(session, actor(), until, id_cursor(page), page.limit + 1)
        page_cores, following = page.of(cores, lambda one: [one.core])
        effects = [effect for one in page_cores for expiry in one.expiries for effect in expiry.effects]
        visible = readable_dossiers(session, actor(), effects)
        return listing(
            [
                {**_core(one), "expiries": [_expiry(expiry, visible) for expiry in one.expiries]}
                for one in page_cores
            ],
            following,
        )


@blueprint.route("/rulebooks/<uuid:rulebook>/correspondences/<part:code>/revocation", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(schemas.RevocationArguments, location="query")
@blueprint.arguments(schemas.RevocationIn)
@blueprint.response(200, schemas.RevocationImpactOut)
def revoke_correspondence(
    arguments: dict[str, bool], words: dict[str, Any], rulebook: UUID, code: str
) -> Response:
    """Take a correspondence out of the rules in force, or only ask what that would do.

    The rules are published again without it, at once; those that wait for their day lose it too.
    """
    return _revoke_rule(rulebook, (Correspondence, code), words, **arguments)


@blueprint.route("/rulebooks/<uuid:rulebook>/certificate-kinds/<part:kind>/revocation", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(schemas.RevocationArguments, location="query")
@blueprint.arguments(schemas.RevocationIn)
@blueprint.response(200, schemas.RevocationImpactOut)
def revoke_certificate_kind(
    arguments: dict[str, bool], words: dict[str, Any], rulebook: UUID, kind: str
) -> Response:
    """Take what a kind of certificate covers out of the rules in force, or only ask what that would do."""
    return _revoke_rule(rulebook, (CertificateKind, kind), words, **arguments)


def _revoke_rule(
    rulebook: UUID, rule: tuple[type[Rule], str], words: dict[str, Any], *, dry_run: bool
) -> Response:
    with transaction() as session:
        if dry_run:
            effects = removals.what_if_rule_revoked(session, actor(), rulebook, *rule, words["reason"])
        else:
            effects = removals.revoke_rule(session, actor(), rulebook, *rule, **words)
        return revoked(session, effects, dry_run=dry_run)


@blueprint.route("/revocations")
@needs(Right.READ_FLAGS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.RevocationOut))
def list_revocations(arguments: dict[str, Page]) -> Response:
    """The revocations and expiries, in the order of time."""
    page = arguments["page"]
    with transaction() as session:
        revocations = queries.revocations(session, actor(), id_cursor(page), page.limit + 1)
        page_revocations, following = page.of(revocations, lambda one: [one.id])
        return listing([_revocation(one) for one in page_revocations], following)


@blueprint.route("/revocations/<uuid:revocation>")
@needs(Right.READ_FLAGS)
@blueprint.response(200, schemas.FollowedOut)
def read_revocation(revocation: UUID) -> Response:
    """One revocation, and how many items met each fate."""
    with transaction() as session:
        chosen = queries.revocation(session, actor(), revocation)
        return answer({**_revocation(chosen), "summary": queries.summary(session, chosen.id)})


@blueprint.route("/revocations/<uuid:revocation>/effects")
@needs(Right.READ_FLAGS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.EffectOut))
def list_revocation_effects(arguments: dict[str, Page], revocation: UUID) -> Response:
    """The fate of each item that leaned on what was revoked; null as long as a job has yet to see."""
    page = arguments["page"]
    with transaction() as session:
        consequences = queries.consequences(session, actor(), revocation, id_cursor(page), page.limit + 1)
        page_consequences, following = page.of(consequences, lambda one: [one.id])
        return listing([_effect(Effect.of(one)) for one in page_consequences], following)


@blueprint.route("/flags")
@needs(Right.READ_FLAGS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.FlagOut))
def list_flags(arguments: dict[str, Page]) -> Response:
    """The items of referenced solutions that stood on what was revoked, in the order of raising."""
    page = arguments["page"]
    with transaction() as session:
        flags = queries.flags(session, actor(), id_cursor(page), page.limit + 1)
        page_flags, following = page.of(flags, lambda one: [one.id])
        return listing([_flag(one) for one in page_flags], following)
