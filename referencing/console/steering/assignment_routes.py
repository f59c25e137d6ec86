"""Free tasks given to a verifier, many at once: each as it would be alone."""

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError, Invalid
from referencing.base.permissions import Right, Role, authorise
from referencing.candidatures.tasks.models import WORK_OF
from referencing.catalogue.queries import every_chapter
from referencing.console.pages import page
from referencing.console.saved_views.shelf import add_shelf, opened_with, shelf
from referencing.console.typed import BLANK, Typed, listed, load, narrowing, refused
from referencing.reviews.queues import queries, verifiers
from referencing.reviews.queues.schemas import AllTasksArguments
from referencing.reviews.queues.views import cursor_of_all, tasks_for
from referencing.reviews.steering import bulk
from referencing.reviews.steering.schemas import AssignmentsIn
from referencing.saved_views.models import Listed
from referencing.web.requests import actor, transaction

from .reports import Report, refused_among

blueprint = Blueprint("assignments", __name__)

#: How many tasks are on a page, and among how many verifiers one chooses.
MOST, MOST_VERIFIERS = 50, 500
ADDRESS = "/pilotage/affectations"
FILTERS = ("queue", "chapter")
QUEUES = [queue for queue, role in WORK_OF.items() if role is Role.VERIFIER]


@blueprint.get(ADDRESS)
def find() -> Response:
    """The tasks that wait for verifiers, the first due before the others."""
    return _page(BLANK)


@blueprint.post(ADDRESS)
def assign() -> Response:
    """Give those that are ticked to a verifier; one that is refused prevents no other."""
    try:
        report = _assign()
    except DomainError as error:
        return _page(refused(error), error.status)
    return _page(report.kept("tasks"), report=report)


def _assign() -> Report:
    ticked = request.form.getlist("tasks")
    if not ticked:
        raise Invalid("Cochez au moins une tâche.")
    said = load(AssignmentsIn(), {"tasks": ticked, "verifier": request.form.get("verifier")})
    with transaction() as session:
        wrong = refused_among(said["tasks"], bulk.assign(session, actor(), **said))
        return Report.of(wrong, queries.codes(session, actor(), wrong), len(said["tasks"]))


def _page(typed: Typed, status: int = 200, report: Report | None = None) -> Response:
    authorise(actor(), Right.STEER_QUEUES)
    asked = listed(MOST)
    wanted = narrowing(*FILTERS)
    said = load(AllTasksArguments(), wanted)
    among = queries.Among(queue=said["queue"] or QUEUES[0], chapter=said["chapter"])
    with transaction() as session:
        views = shelf(session, ADDRESS, Listed.TASKS, FILTERS, wanted)
        if onward := opened_with(views):
            return onward
        rows = queries.all_tasks(session, actor(), among, cursor_of_all(asked), MOST + 1)
        kept, following = asked.of(rows, lambda task: task.place[1:])
        return page(
            "steering/assignments.html",
            status,
            shelf=views,
            tasks=tasks_for(session, actor(), kept),
            following=following and url_for(".find", cursor=following, **wanted),
            among=among,
            queues=QUEUES,
            chapters=every_chapter(session),
            team=verifiers.verifiers(session, actor(), None, MOST_VERIFIERS),
            typed=typed,
            report=report,
        )


add_shelf(blueprint, ADDRESS, Listed.TASKS, FILTERS, _page)
