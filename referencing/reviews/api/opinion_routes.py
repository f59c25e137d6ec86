"""Asking experts, and answering them, over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.db import today
from referencing.base.schemas import page_of
from referencing.candidatures.api.queries import item_view as item_of
from referencing.candidatures.api.views import item_view
from referencing.candidatures.record.queries import candidature as dossier
from referencing.candidatures.record.queries import item
from referencing.reviews.experts import experts, queries
from referencing.reviews.experts import schemas as shapes
from referencing.reviews.experts.schemas import OpinionOut
from referencing.reviews.experts.views import opinion_view
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, transaction

blueprint = Blueprint("experts", __name__, url_prefix="/api/v1", description="What experts are asked")


@blueprint.route("/experts")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(shapes.ExpertOut))
def list_experts(arguments: dict[str, Page]) -> Response:
    """Who can be asked."""
    page = arguments["page"]
    with transaction() as session:
        found = queries.experts(session, actor(), id_cursor(page), page.limit + 1)
        shown, following = page.of(found, lambda one: [one.id])
        return listing([{"id": one.id, "name": one.name} for one in shown], following)


@blueprint.route("/tasks/<uuid:task>/opinions", methods=["POST"])
@blueprint.arguments(shapes.QuestionIn)
@blueprint.response(201, page_of(OpinionOut))
def ask(words: dict[str, Any], task: UUID) -> Response:
    """Ask experts about a task that one has in hand, with a deadline; asked again, an expert is asked once."""
    with transaction() as session:
        asked = experts.ask(session, actor(), task, **words)
        shown = [opinion_view(one, today(session)) for one in asked]
        return answer({"items": shown, "next": None}, 201)


@blueprint.route("/opinions")
@blueprint.arguments(shapes.OpinionsArguments, location="query")
@blueprint.response(200, page_of(OpinionOut))
def list_opinions(arguments: dict[str, Any]) -> Response:
    """What one is asked, oldest first; for a lead, what all experts are."""
    page: Page = arguments["page"]
    narrowed = {"state": arguments["state"], "due": arguments["due"]}
    with transaction() as session:
        found = queries.opinions(session, actor(), id_cursor(page), page.limit + 1, **narrowed)
        shown, following = page.of(found, lambda one: [one.id])
        return listing([opinion_view(one, today(session)) for one in shown], following)


@blueprint.route("/opinions/<uuid:opinion>")
@blueprint.response(200, shapes.OpinionWhole)
def read_opinion(opinion: UUID) -> Response:
    """What one is asked, with its subject and the files."""
    with transaction() as session:
        view = queries.opinion(session, actor(), opinion)
        candidature = dossier(session, actor(), view.candidature_id)
        subject = item_of(session, item(session, candidature, str(view.item_id)))
        shown = opinion_view(view, today(session))
        return answer({**shown, "subject": item_view(subject, actor())})


@blueprint.route("/opinions/<uuid:opinion>/answer", methods=["POST"])
@blueprint.arguments(shapes.AnswerIn)
@blueprint.response(200, OpinionOut)
def give_opinion(words: dict[str, str], opinion: UUID) -> Response:
    """Answer what one is asked."""
    with transaction() as session:
        view = experts.answer(session, actor(), opinion, words["opinion"])
        return answer(opinion_view(view, today(session)))


@blueprint.route("/opinions/<uuid:opinion>/refusal", methods=["POST"])
@blueprint.arguments(shapes.RefusalIn)
@blueprint.response(200, OpinionOut)
def decline(words: dict[str, str], opinion: UUID) -> Response:
    """Decline, with a reason."""
    with transaction() as session:
        view = experts.decline(session, actor(), opinion, words["reason"])
        return answer(opinion_view(view, today(session)))
