"""Rulebooks over HTTP."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.forms import FORM, one_file
from referencing.http import Page, PageArguments, actor, answer, id_cursor, listing, transaction
from referencing.idempotency import repeatable
from referencing.schemas import page_of

from . import facts, operations, queries, schemas
from .models import Rulebook
from .rulebooks import Rules

blueprint = Blueprint("rulebooks", __name__, url_prefix="/api/v1", description="The rules of reuse")

_short = schemas.RulebookOut()
_whole = schemas.RulebookWhole()


@blueprint.route("/rulebooks", methods=["POST"])
@repeatable
@blueprint.arguments(schemas.RulebookIn)
@blueprint.response(201, schemas.RulebookOut)
def write_rulebook(words: dict[str, Any]) -> Response:
    """Write a draft."""
    with transaction() as session:
        return answer(
            _short.dump(operations.write_rulebook(session, actor(), words["label"], _rules(words))), 201
        )


@blueprint.route("/rulebooks")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.RulebookOut))
def list_rulebooks(arguments: dict[str, Page]) -> Response:
    """The rulebooks, in the order of writing."""
    page = arguments["page"]
    with transaction() as session:
        found = queries.rulebooks(session, actor(), id_cursor(page), page.limit + 1)
        shown, following = page.of(found, lambda one: [one.id])
        return listing([_short.dump(one) for one in shown], following)


@blueprint.route("/rulebooks/<uuid:rulebook>")
@blueprint.response(200, schemas.RulebookWhole)
def read_rulebook(rulebook: UUID) -> Response:
    """A rulebook with all its rules."""
    with transaction() as session:
        return answer(_dump(queries.visible_rulebook(session, actor(), rulebook)))


@blueprint.route("/rulebooks/<uuid:rulebook>/correspondences", methods=["POST"])
@blueprint.doc(requestBody=FORM)
@blueprint.response(200, schemas.CorrespondencesOut)
def add_correspondences(rulebook: UUID) -> Response:
    """Add the rows of a correspondences CSV (one vague to the next) to a draft."""
    with transaction() as session:
        return answer(asdict(operations.add_correspondences(session, actor(), rulebook, one_file())))


@blueprint.route("/rulebooks/<uuid:rulebook>/checks", methods=["POST"])
@blueprint.response(200, schemas.CheckOut)
def check_rulebook(rulebook: UUID) -> Response:
    """Check a draft against the published DSRs: errors forbid its publication, warnings have to be accepted."""
    with transaction() as session:
        found, findings = operations.check_rulebook(session, actor(), rulebook)
        return answer(
            {
                "state": found.state,
                "checked_at": found.checked_at,
                "digest": found.checked_digest,
                "findings": [asdict(one) for one in findings],
            }
        )


@blueprint.route("/rulebooks/<uuid:rulebook>/checks")
@blueprint.response(200, schemas.CheckOut)
def read_check(rulebook: UUID) -> Response:
    """What the last check of the present content found."""
    with transaction() as session:
        found = queries.checked_rulebook(session, actor(), rulebook)
        return answer(
            {
                "state": found.state,
                "checked_at": found.checked_at,
                "digest": found.checked_digest,
                "findings": found.findings,
            }
        )


@blueprint.route("/rulebooks/<uuid:rulebook>/publication", methods=["POST"])
@blueprint.arguments(schemas.PublicationIn, required=False)
@blueprint.response(200, schemas.RulebookOut)
def publish_rulebook(words: dict[str, Any], rulebook: UUID) -> Response:
    """Publish a draft, from now or a later day; open candidatures are then resolved again."""
    with transaction() as session:
        return answer(_short.dump(operations.publish_rulebook(session, actor(), rulebook, **words)))


def _rules(words: dict[str, Any]) -> Rules:
    return Rules(
        tuple(
            facts.Correspondence(
                one["id"],
                tuple(one["sources"]),
                one["target"],
                one["relation"],
                one["valid_from"],
                one["valid_until"],
            )
            for one in words["correspondences"]
        ),
        tuple(facts.CertificateKind(one["kind"], tuple(one["covers"])) for one in words["certificate_kinds"]),
        tuple(facts.Policy(one["when"], **one["then"]) for one in words["policies"]),
    )


def _dump(rulebook: Rulebook) -> dict[str, Any]:
    words: dict[str, Any] = _short.dump(rulebook)
    return {
        **words,
        "correspondences": [
            schemas.CorrespondenceSchema().dump(one) | {"id": one.code} for one in rulebook.correspondences
        ],
        "certificate_kinds": [{"kind": one.kind, "covers": one.covers} for one in rulebook.certificate_kinds],
        "policies": [
            {"when": one.conditions, "then": {"reuse": one.reuse, "max_age_days": one.max_age_days}}
            for one in rulebook.policies
        ],
    }
