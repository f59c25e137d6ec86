"""Publications of rules over HTTP, and reinstatements of earlier ones: shown by a dry run, confirmed by its digest."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.shapes import shape
from referencing.equivalence.rulebooks.views import rulebook_view
from referencing.web.descriptions import needs
from referencing.web.pages import Page, id_cursor, next_page
from referencing.web.requests import actor, answer, transaction

from . import operations, schemas
from .operations import Published

blueprint = Blueprint(
    "publications", __name__, url_prefix="/api/v1/rulebooks", description="Rules put in force, knowingly"
)
_impact_shape = shape(schemas.RulesImpactOut)
_dossier_shape = shape(schemas.AffectedDossierOut)


@blueprint.route("/<uuid:rulebook>/publication", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(schemas.ImpactArguments, location="query")
@blueprint.arguments(schemas.PublicationIn, required=False)
@blueprint.response(200, schemas.PublishedOut)
def publish_rulebook(arguments: dict[str, Any], words: dict[str, Any], rulebook: UUID) -> Response:
    """Publish a draft, from now or a later day, or only ask what that would change.

    Open candidatures are then resolved again. Where items of theirs lose, 409 tells how many, and the digest that
    confirms it. With more than 100 of them, a finished simulation of these rules, asked for on the same day and for
    the same first day, tells what changes.
    """
    page = arguments["page"]
    with transaction() as session:
        if not arguments["dry_run"]:
            return published_answer(operations.publish(session, actor(), rulebook, **words), page)
        cursor, valid_from = id_cursor(page), words["valid_from"]
        foreseen = operations.what_if_published(
            session, actor(), rulebook, cursor, page.limit + 1, valid_from=valid_from
        )
        return published_answer(foreseen, page)


@blueprint.route("/<uuid:rulebook>/reinstatement", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(schemas.ImpactArguments, location="query")
@blueprint.arguments(schemas.RulesReinstatementIn)
@blueprint.response(200, schemas.PublishedOut)
def reinstate_rulebook(arguments: dict[str, Any], words: dict[str, Any], rulebook: UUID) -> Response:
    """Go back at once to rules that others replaced, or only ask what that would change.

    The same rules apply again as a new rulebook, which is answered; what items lose is confirmed as for a publication.
    """
    page = arguments["page"]
    with transaction() as session:
        if not arguments["dry_run"]:
            return published_answer(operations.reinstate(session, actor(), rulebook, **words), page)
        foreseen = operations.what_if_reinstated(session, actor(), rulebook, id_cursor(page), page.limit + 1)
        return published_answer(foreseen, page)


def published_answer(published: Published, page: Page) -> Response:
    """What was published, or would be, as `PublishedOut` shows it."""
    changed = published.impact.changed_since or {}
    body = {
        **rulebook_view(published.rulebook, actor()),
        "dry_run": published.dry_run,
        "warnings": [asdict(finding) for finding in published.warnings],
        "impact": _impact_shape(published.impact),
        "changed_since": [{"code": code, "detail": detail} for code, detail in changed.items()],
    }
    if published.affected is None:
        return answer({**body, "items": None, "next": None})
    dossiers, following = page.of(published.affected, lambda dossier: [dossier.candidature])
    items = [_dossier_shape(dossier) for dossier in dossiers]
    link = {} if following is None else {"Link": next_page(following)}
    return answer({**body, "items": items, "next": following}, headers=link)
