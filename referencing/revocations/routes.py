"""Revocations and flags over HTTP."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.schemas import page_of
from referencing.candidatures.record.states import Action
from referencing.equivalence.engine.facts import CertificateKind, Correspondence
from referencing.equivalence.rulebooks.removals import Rule
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, transaction

from . import foresight, operations, queries, removals, schemas, standings
from .consequences import Effect
from .models import Flag

blueprint = Blueprint(
    "audits", __name__, url_prefix="/api/v1", description="What is found false is taken back"
)

_revocation = schemas.RevocationOut()


@blueprint.route("/certificates/<uuid:certificate>/withdrawal", methods=["POST"])
@blueprint.arguments(schemas.RevocationArguments, location="query")
@blueprint.arguments(schemas.RevocationIn)
@blueprint.response(200, schemas.ImpactOut)
def withdraw_certificate(arguments: dict[str, bool], words: dict[str, str], certificate: UUID) -> Response:
    """Say that its issuer took a certificate back, or only ask what that would do.

    For leads, and for the integration that entered it, which is told of the dossiers that it is allowed on alone.
    """
    only_ask = arguments["dry_run"]
    decide = operations.what_if_withdrawn if only_ask else operations.withdraw_certificate
    with transaction() as session:
        return impact(decide(session, actor(), certificate, words["reason"]), only_ask=only_ask)


def impact(effects: Sequence[Effect], *, only_ask: bool) -> Response:
    """What a revocation, or its dry run, answers; `pending` are the items that a job has yet to see."""
    return answer(_impact(effects, only_ask=only_ask))


def _impact(effects: Sequence[Effect], *, only_ask: bool) -> dict[str, Any]:
    summary = Counter(effect.fate.value if effect.fate else "pending" for effect in effects)
    return {"dry_run": only_ask, "effects": [asdict(effect) for effect in effects], "summary": summary}


@blueprint.route("/candidatures/<uuid:candidature>/consequences")
@blueprint.arguments(schemas.ConsequencesArguments, location="query")
@blueprint.response(200, schemas.ImpactOut)
def foresee_decision(arguments: dict[str, schemas.Decision], candidature: UUID) -> Response:
    """What a decision on a candidature would do to others that reuse what was verified in it.

    For leads and auditors; its editor may ask it of a withdrawal, for its own candidatures.
    """
    with transaction() as session:
        action = Action(arguments["action"].value)
        effects = standings.what_if_decided(session, actor(), candidature, action)
        return impact(effects, only_ask=True)


@blueprint.route("/certificates/<uuid:certificate>/expiry")
@blueprint.response(200, schemas.ExpiryOut)
def foresee_expiry(certificate: UUID) -> Response:
    """What the end of a certificate will do on its day, to each item that will lean on it then.

    For leads and auditors, and for its editor.
    """
    with transaction() as session:
        return answer(_expiry(foresight.what_if_expired(session, actor(), certificate)))


@blueprint.route("/expiries")
@blueprint.arguments(schemas.ExpiriesArguments, location="query")
@blueprint.response(200, page_of(schemas.CoreExpiriesOut))
def list_expiries(arguments: dict[str, Any]) -> Response:
    """What will expire until a day, and what that will do if nothing else happens before; core by core."""
    page, until = arguments["page"], arguments["until"]
    with transaction() as session:
        found = foresight.expiries(session, actor(), until, id_cursor(page), page.limit + 1)
        shown, following = page.of(found, lambda one: [one.core])
        return listing([_of_core(one) for one in shown], following)


def _of_core(found: foresight.CoreExpiries) -> dict[str, Any]:
    softwares = [{"id": one.id, "name": one.name, "nil": one.nil} for one in found.softwares]
    return {"core": found.core, "softwares": softwares, "expiries": [_expiry(one) for one in found.expiries]}


def _expiry(found: foresight.Expiry) -> dict[str, Any]:
    told = {name: getattr(found, name) for name in ("on", "certificate", "correspondence", "reason")}
    return told | _impact(found.effects, only_ask=True)


@blueprint.route("/rulebooks/<uuid:rulebook>/correspondences/<path:code>/revocation", methods=["POST"])
@blueprint.arguments(schemas.RevocationArguments, location="query")
@blueprint.arguments(schemas.RevocationIn)
@blueprint.response(200, schemas.ImpactOut)
def revoke_correspondence(
    arguments: dict[str, bool], words: dict[str, str], rulebook: UUID, code: str
) -> Response:
    """Take a correspondence out of the rules in force, or only ask what that would do.

    The rules are published again without it, at once; those that wait for their day lose it too.
    """
    return _strike(rulebook, Correspondence, code, words["reason"], only_ask=arguments["dry_run"])


@blueprint.route("/rulebooks/<uuid:rulebook>/certificate-kinds/<path:kind>/revocation", methods=["POST"])
@blueprint.arguments(schemas.RevocationArguments, location="query")
@blueprint.arguments(schemas.RevocationIn)
@blueprint.response(200, schemas.ImpactOut)
def revoke_certificate_kind(
    arguments: dict[str, bool], words: dict[str, str], rulebook: UUID, kind: str
) -> Response:
    """Take what a kind of certificate covers out of the rules in force, or only ask what that would do."""
    return _strike(rulebook, CertificateKind, kind, words["reason"], only_ask=arguments["dry_run"])


def _strike(rulebook: UUID, kind: type[Rule], name: str, reason: str, *, only_ask: bool) -> Response:
    decide = removals.what_if_rule_revoked if only_ask else removals.revoke_rule
    with transaction() as session:
        return impact(decide(session, actor(), rulebook, kind, name, reason), only_ask=only_ask)


@blueprint.route("/revocations")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.RevocationOut))
def list_revocations(arguments: dict[str, Page]) -> Response:
    """What was taken back and what expired, in the order of time."""
    page = arguments["page"]
    with transaction() as session:
        found = queries.revocations(session, actor(), id_cursor(page), page.limit + 1)
        shown, following = page.of(found, lambda one: [one.id])
        return listing([_revocation.dump(one) for one in shown], following)


@blueprint.route("/revocations/<uuid:revocation>")
@blueprint.response(200, schemas.FollowedOut)
def read_revocation(revocation: UUID) -> Response:
    """One of them, and how many items met each fate."""
    with transaction() as session:
        found = queries.revocation(session, actor(), revocation)
        return answer({**_revocation.dump(found), "summary": queries.summary(session, found.id)})


@blueprint.route("/revocations/<uuid:revocation>/effects")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.EffectOut))
def list_effects(arguments: dict[str, Page], revocation: UUID) -> Response:
    """What became of each item that leaned on it; without a fate as long as a job has yet to see."""
    page = arguments["page"]
    with transaction() as session:
        found = queries.consequences(session, actor(), revocation, id_cursor(page), page.limit + 1)
        shown, following = page.of(found, lambda one: [one.id])
        return listing([asdict(Effect.of(one)) for one in shown], following)


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
