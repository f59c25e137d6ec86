"""Whom a verifier asks before they judge: experts of the agency, and third parties who have to answer first."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.console.typed import load, refused, words
from referencing.reviews.experts import experts
from referencing.reviews.experts.schemas import QuestionIn
from referencing.reviews.third_parties import third_parties
from referencing.reviews.third_parties.schemas import ReschedulingIn, WaitAnswerIn, WaitIn
from referencing.web.requests import actor, transaction

from .routes import task_page, to_task

blueprint = Blueprint("asking", __name__)


@blueprint.post("/taches/<uuid:task>/avis")
def ask(task: UUID) -> Response:
    """Ask experts, who answer by a day; the task stays in hand."""
    try:
        asked = {**words("question", "due_on"), "experts": request.form.getlist("experts")}
        with transaction() as session:
            experts.ask(session, actor(), task, **load(QuestionIn(), asked))
    except DomainError as error:
        return task_page(task, refused(error), error.status)
    return to_task(task)


@blueprint.post("/taches/<uuid:task>/avis/<uuid:opinion>/fin")
def withdraw(task: UUID, opinion: UUID) -> Response:
    """Ask an expert no more."""
    try:
        with transaction() as session:
            experts.withdraw(session, actor(), opinion)
    except DomainError as error:
        return task_page(task, refused(error), error.status)
    return to_task(task)


@blueprint.post("/taches/<uuid:task>/attente")
def await_third_party(task: UUID) -> Response:
    """Say who has to answer first: the clock stands meanwhile, and nobody has the task."""
    try:
        with transaction() as session:
            waited = load(WaitIn(), words("party", "reason", "expected_on"))
            third_parties.wait_for(session, actor(), task, **waited)
    except DomainError as error:
        return task_page(task, refused(error), error.status)
    return redirect(url_for("console.work.show", fait="attente"), 303)


@blueprint.post("/taches/<uuid:task>/attente/reponse")
def note_answer(task: UUID) -> Response:
    """Note what the third party answered: the task goes on."""
    try:
        with transaction() as session:
            third_parties.note_answer(session, actor(), task, **load(WaitAnswerIn(), words("answer")))
    except DomainError as error:
        return task_page(task, refused(error), error.status)
    return to_task(task)


@blueprint.post("/taches/<uuid:task>/attente/fin")
def stop_waiting(task: UUID) -> Response:
    """Go on without an answer."""
    try:
        with transaction() as session:
            third_parties.stop_waiting(session, actor(), task)
    except DomainError as error:
        return task_page(task, refused(error), error.status)
    return to_task(task)


@blueprint.post("/taches/<uuid:task>/attente/jour")
def reschedule(task: UUID) -> Response:
    """Expect the answer on another day."""
    try:
        with transaction() as session:
            moved = load(ReschedulingIn(), words("expected_on", "reason"))
            third_parties.reschedule(session, actor(), task, **moved)
    except DomainError as error:
        return task_page(task, refused(error), error.status)
    return to_task(task)
