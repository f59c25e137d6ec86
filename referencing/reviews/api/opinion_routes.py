"""Asking experts, and answering them, over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.db import today
from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.candidatures.api.queries import item_view as item_of
from referencing.candidatures.api.views import item_view
from referencing.candidatures.record.queries import candidature as dossier
from referencing.candidatures.record.queries import item
from referencing.reviews.experts import experts, queries
from referencing.reviews.experts import schemas as shapes
from referencing.reviews.experts.schemas import OpinionOut
from referencing.reviews.experts.views import opinion_on
from referencing.web.descriptions import needs
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, transaction

blueprint = Blueprint("experts", __name__, url_prefix="/api/v1", description="What experts are asked")


@blueprint.route("/experts")
@needs(Right.READ_QUEUES)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(shapes.ExpertOut))
def list_experts(arguments: dict[str, Page]) -> Response:
    """Who can be asked."""
    page = arguments["page"]
    with transaction() as session:
        rows = queries.experts(session, actor(), id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda expert: [expert.id])
        return listing([shape(shapes.ExpertOut)(expert) for expert in on_page], following)


@blueprint.route("/tasks/<uuid:task>/opinions", methods=["POST"])
@needs(Right.REVIEW)
@blueprint.arguments(shapes.QuestionIn)
@blueprint.response(201, page_of(OpinionOut))
def ask_expert(words: dict[str, Any], task: UUID) -> Response:
    """Ask experts about a task that one has in hand, with a deadline; asked again, an expert is asked once."""
    with transaction() as session:
        opinions = experts.ask(session, actor(), task, **words)
        items = [opinion_on(today(session), opinion, actor()) for opinion in opinions]
        return answer({"items": items, "next": None}, 201)


@blueprint.route("/opinions")
@needs(Right.FOLLOW_OPINIONS)
@blueprint.arguments(shapes.OpinionsArguments, location="query")
@blueprint.response(200, page_of(OpinionOut))
def list_opinions(arguments: dict[str, Any]) -> Response:
    """What one is asked, oldest first; for a lead, what all experts are."""
    page: Page = arguments["page"]
    narrowed = {"state": arguments["state"], "due": arguments["due"]}
    with transaction() as session:
        rows = queries.opinions(session, actor(), id_cursor(page), page.limit + 1, **narrowed)
        on_page, following = page.of(rows, lambda opinion: [opinion.id])
        return listing([opinion_on(today(session), opinion, actor()) for opinion in on_page], following)


@blueprint.route("/opinions/<uuid:opinion>")
@needs(Right.FOLLOW_OPINIONS)
@blueprint.response(200, shapes.OpinionWhole)
def read_opinion(opinion: UUID) -> Response:
    """What one is asked, with its subject and the files; an expert reads these while they are asked."""
    with transaction() as session:
        view = queries.opinion(session, actor(), opinion)
        words = opinion_on(today(session), view, actor())
        if not queries.is_read_with_subject(actor(), view):
            return answer({**words, "subject": None})
        candidature = dossier(session, actor(), view.candidature_id)
        subject = item_of(session, item(session, candidature, str(view.item_id)))
        return answer({**words, "subject": item_view(subject, actor())})


@blueprint.route("/opinions/<uuid:opinion>", methods=["DELETE"])
@needs(Right.READ_QUEUES)
@blueprint.response(204)
def withdraw(opinion: UUID) -> Response:
    """Ask the expert no more, as long as there is no reply: for who asked, who has the task, and leads."""
    with transaction() as session:
        experts.withdraw(session, actor(), opinion)
        return Response(status=204)


@blueprint.route("/opinions/<uuid:opinion>/answer", methods=["POST"])
@needs(Right.GIVE_OPINIONS)
@blueprint.arguments(shapes.AnswerIn)
@blueprint.response(200, OpinionOut)
def give_opinion(words: dict[str, str], opinion: UUID) -> Response:
    """Answer what one is asked."""
    with transaction() as session:
        view = experts.answer(session, actor(), opinion, words["opinion"])
        return answer(opinion_on(today(session), view, actor()))


@blueprint.route("/opinions/<uuid:opinion>/refusal", methods=["POST"])
@needs(Right.GIVE_OPINIONS)
@blueprint.arguments(shapes.RefusalIn)
@blueprint.response(200, OpinionOut)
def decline(words: dict[str, str], opinion: UUID) -> Response:
    """Decline, with a reason."""
    with transaction() as session:
        view = experts.decline(session, actor(), opinion, words["reason"])
        return answer(opinion_on(today(session), view, actor()))
