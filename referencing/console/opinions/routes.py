"""An expert's opinion: the question, what it is about, and the answer."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.base.db import today
from referencing.base.errors import DomainError
from referencing.candidatures.api.queries import item_view
from referencing.candidatures.api.views import item_view as item_words
from referencing.candidatures.record.queries import candidature, item
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, load, refused, words
from referencing.reviews.experts import experts, queries
from referencing.reviews.experts.schemas import AnswerIn, RefusalIn
from referencing.reviews.experts.views import opinion_on
from referencing.web.requests import actor, transaction

blueprint = Blueprint("opinions", __name__)


@blueprint.get("/avis/<uuid:opinion>")
def show(opinion: UUID) -> Response:
    """What one is asked, with the files that it is about."""
    return _page(opinion, BLANK)


@blueprint.post("/avis/<uuid:opinion>/reponse")
def give(opinion: UUID) -> Response:
    """Answer."""
    try:
        with transaction() as session:
            experts.answer(session, actor(), opinion, load(AnswerIn(), words("opinion"))["opinion"])
    except DomainError as error:
        return _page(opinion, refused(error), error.status)
    return redirect(url_for("console.work.show", fait="avis"), 303)


@blueprint.post("/avis/<uuid:opinion>/refus")
def decline(opinion: UUID) -> Response:
    """Decline, with a reason."""
    try:
        with transaction() as session:
            experts.decline(session, actor(), opinion, load(RefusalIn(), words("reason"))["reason"])
    except DomainError as error:
        return _page(opinion, refused(error), error.status)
    return redirect(url_for("console.work.show", fait="decline"), 303)


def _page(opinion: UUID, typed: Typed, status: int = 200) -> Response:
    with transaction() as session:
        view = queries.opinion(session, actor(), opinion)
        subject = None
        if queries.is_read_with_subject(actor(), view):
            dossier = candidature(session, actor(), view.candidature_id)
            subject = item_words(item_view(session, item(session, dossier, str(view.item_id))), actor())
        files = subject["proof"]["files"] if subject and subject["proof"] else []
        chosen = {str(file["id"]): file for file in files}.get(request.values.get("fichier", ""))
        return page(
            "opinions/page.html",
            status,
            opinion=opinion_on(today(session), view, actor()),
            subject=subject,
            file=chosen or (files[0] if files else None),
            typed=typed,
        )
