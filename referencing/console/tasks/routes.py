"""One task: read it, judge it, and go on to the next."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.base.errors import Conflict, DomainError
from referencing.console.changes import place_of, seen, watch
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, load, refused, words
from referencing.console.verdict_form import verdict
from referencing.files.scanning import accept_unscannable
from referencing.proofs import queries as proofs
from referencing.proofs.schemas import ReasonIn
from referencing.reviews.api.schemas import TaskVerdictIn, VerdictIn
from referencing.reviews.arbitration import arbitration
from referencing.reviews.queues import claims, queries
from referencing.reviews.queues.schemas import ClaimIn, TakeOverIn
from referencing.reviews.verdicts import operations, verdicts
from referencing.web.requests import actor, transaction

from .sheet import just_given, sheet

blueprint = Blueprint("tasks", __name__)


@blueprint.get("/taches/<uuid:task>")
def show(task: UUID) -> Response:
    """What is asked beside what was supplied, and the verdict; a task about a whole dossier is done on the dossier."""
    with transaction() as session:
        view = queries.task(session, actor(), task)
    if view.item_id is None:
        return redirect(url_for("console.dossiers.show", candidature=view.candidature_id))
    return task_page(task, BLANK)


@blueprint.get("/taches/<uuid:task>/presence")
def follow(task: UUID) -> Response:
    """The stream that tells when somebody comes to look at the task, or goes."""
    with transaction() as session:
        queries.task(session, actor(), task)
    return watch(place_of(actor(), task))


@blueprint.post("/taches/<uuid:task>/prise")
def take(task: UUID) -> Response:
    """Take this task, or hold it longer."""
    try:
        with transaction() as session:
            claims.claim(session, actor(), task, **load(ClaimIn(), words("another")))
    except DomainError as error:
        return task_page(task, refused(error), error.status)
    return to_task(task)


@blueprint.post("/taches/<uuid:task>/retour")
def give_back(task: UUID) -> Response:
    """Leave the task to others."""
    try:
        with transaction() as session:
            claims.give_back(session, actor(), task)
    except DomainError as error:
        return task_page(task, refused(error), error.status)
    return redirect(url_for("console.work.show", fait="rendue"), 303)


@blueprint.post("/taches/<uuid:task>/attribution")
def take_over(task: UUID) -> Response:
    """A lead gives it to another verifier, or back to its queue."""
    try:
        with transaction() as session:
            said = load(TakeOverIn(), words("verifier", "reason"))
            claims.take_over(session, actor(), task, **said)
    except DomainError as error:
        return task_page(task, refused(error), error.status)
    return to_task(task)


@blueprint.post("/taches/<uuid:task>/verdict")
def judge(task: UUID) -> Response:
    """Give the verdict; then, unless only that was asked for, take the next task of the same queue."""
    try:
        with transaction() as session:
            judged = operations.give_verdict(
                session, actor(), task, **load(TaskVerdictIn(), verdict("file_sha256"))
            )
            queue = judged.queue
    except DomainError as error:
        return task_page(task, refused(error), error.status)
    if request.form.get("seul"):
        return redirect(url_for("console.work.show", apres=task), 303)
    return next_after(task, queue)


@blueprint.post("/taches/<uuid:task>/arbitrage")
def arbitrate(task: UUID) -> Response:
    """A lead says what stands where two readers disagree."""
    try:
        with transaction() as session:
            arbitration.arbitrate(session, actor(), task, **load(VerdictIn(), verdict("file_sha256")))
    except DomainError as error:
        return task_page(task, refused(error), error.status)
    return redirect(url_for("console.work.show", fait="arbitree"), 303)


def next_after(task: UUID, queue: str) -> Response:
    """The next task of the queue, else of any other, in the place of the one that was judged: no more is in hand.

    One's work when nothing waits or one may take nothing.
    """
    try:
        with transaction() as session:
            following = claims.claim_next(session, actor(), queue) or claims.claim_first(session, actor())
    except Conflict:
        following = None
    if following is None:
        return redirect(url_for("console.work.show", apres=task, fait="vide"), 303)
    return redirect(url_for("console.tasks.show", task=following, apres=task), 303)


@blueprint.post("/taches/<uuid:task>/reprise")
def undo(task: UUID) -> Response:
    """Take one's own verdict back, within a quarter of an hour."""
    try:
        with transaction() as session:
            reason = load(ReasonIn(), words("reason"))["reason"]
            goes_on = verdicts.undo(session, actor(), task, reason)
    except DomainError as error:
        return task_page(task, refused(error), error.status)
    return to_task(goes_on)


@blueprint.post("/taches/<uuid:task>/fichiers/<uuid:proof>/<uuid:file>/acceptation")
def accept(task: UUID, proof: UUID, file: UUID) -> Response:
    """Accept to read a file that the antivirus could not look into."""
    try:
        with transaction() as session:
            kept = proofs.file(session, actor(), proof, file)
            accept_unscannable(session, actor(), kept, load(ReasonIn(), words("reason"))["reason"])
    except DomainError as error:
        return task_page(task, refused(error), error.status)
    return to_task(task)


def to_task(task: UUID) -> Response:
    return redirect(url_for("console.tasks.show", task=task), 303)


def task_page(task: UUID, typed: Typed, status: int = 200) -> Response:
    with transaction() as session:
        shown_as = seen(session, place=place_of(actor(), task))
        shown = sheet(session, actor(), task)
        return page(
            "tasks/reuse.html" if shown.is_reuse else "tasks/proof.html",
            status,
            sheet=shown,
            task=shown.task,
            chosen=shown.shown_file(request.values.get("fichier")),
            typed=typed,
            seen=shown_as,
            given=just_given(session, actor(), request.args.get("apres")),
        )
