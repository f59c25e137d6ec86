"""My work: what do I do next, and taking it."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.console.changes import seen, watch, work_of
from referencing.console.pages import page
from referencing.console.tasks.sheet import just_given
from referencing.console.typed import BLANK, Typed, load, refused, words
from referencing.reviews.queues import claims
from referencing.reviews.queues.schemas import ClaimIn
from referencing.web.requests import actor, transaction

from .desk import desk

blueprint = Blueprint("work", __name__)

#: What was just done, as the address of the next page says it.
DONE = {
    "rendue": "La tâche est rendue à sa file.",
    "attente": "La tâche attend la réponse du tiers ; elle reprendra sa place quand vous la noterez.",
    "vide": "Rien n'attend dans vos files : il n'y a plus rien à prendre.",
    "arbitree": "Votre verdict départage les deux lectures.",
    "avis": "Votre avis est transmis.",
    "decline": "La demande d'avis est déclinée.",
}


@blueprint.get("/")
def home() -> Response:
    return redirect(url_for("console.work.show"))


@blueprint.get("/travail")
def show() -> Response:
    """What one holds, what comes next and why, and what others expect of one."""
    return _page(BLANK)


@blueprint.get("/travail/changements")
def follow() -> Response:
    """The stream that tells when something happened that may be on one's desk."""
    return watch(*work_of(actor()))


@blueprint.post("/travail/suivante")
def take_next() -> Response:
    """Take the next task, of the queue that is named, else of all that one works; one more in hand is confirmed."""
    queue = request.form.get("queue")
    try:
        with transaction() as session:
            meant = load(ClaimIn(), words("another"))
            task = (
                claims.claim_next(session, actor(), queue, **meant)
                if queue
                else claims.claim_first(session, actor(), **meant)
            )
    except DomainError as error:
        return _page(refused(error), error.status)
    return onward_to(task)


def onward_to(task: UUID | None) -> Response:
    """The page of a task that was taken, or one's work when nothing waits."""
    if task is None:
        return redirect(url_for("console.work.show", fait="vide"), 303)
    return redirect(url_for("console.tasks.show", task=task), 303)


def _page(typed: Typed, status: int = 200) -> Response:
    with transaction() as session:
        shown_as = seen(session, *work_of(actor()))
        shown = desk(session, actor())
        done = DONE.get(request.args.get("fait", ""))
        given = just_given(session, actor(), request.args.get("apres"))
        return page("work/page.html", status, desk=shown, typed=typed, done=done, given=given, seen=shown_as)
