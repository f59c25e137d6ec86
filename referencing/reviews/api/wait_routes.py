"""Waiting for a third party's answer, over HTTP."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.db import today
from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.reviews.third_parties import queries, third_parties
from referencing.reviews.third_parties import schemas as shapes
from referencing.reviews.third_parties.schemas import WaitOut
from referencing.reviews.third_parties.views import wait_for_reader
from referencing.web.descriptions import needs
from referencing.web.pages import Page, listing
from referencing.web.requests import actor, answer, transaction

from .routes import whole_task
from .schemas import TaskWhole

blueprint = Blueprint(
    "third_parties", __name__, url_prefix="/api/v1", description="Waiting for third parties"
)


@blueprint.route("/third-party-waits")
@needs(Right.READ_QUEUES)
@blueprint.arguments(shapes.WaitsArguments, location="query")
@blueprint.response(200, page_of(WaitOut))
def list_third_party_waits(arguments: dict[str, Any]) -> Response:
    """The tasks that wait, or waited, for a third party; who is expected first comes first."""
    page: Page = arguments.pop("page")
    with transaction() as session:
        rows = queries.waits(session, actor(), _wait_cursor(page), page.limit + 1, **arguments)
        on_page, following = page.of(rows, lambda wait: [wait.expected_on.isoformat(), wait.id])
        return listing([wait_for_reader(actor(), wait, today(session)) for wait in on_page], following)


@blueprint.route("/tasks/<uuid:task>/third-party", methods=["POST"])
@needs(Right.AWAIT_THIRD_PARTIES)
@blueprint.arguments(shapes.WaitIn)
@blueprint.response(201, TaskWhole)
def wait_for_third_party(words: dict[str, Any], task: UUID) -> Response:
    """Say that a third party has to answer before the agency goes on: the clock stands, nobody has the task."""
    with transaction() as session:
        return answer(whole_task(session, third_parties.wait_for(session, actor(), task, **words)), 201)


@blueprint.route("/tasks/<uuid:task>/third-party/rescheduling", methods=["POST"])
@needs(Right.AWAIT_THIRD_PARTIES)
@blueprint.arguments(shapes.ReschedulingIn)
@blueprint.response(200, TaskWhole)
def reschedule_third_party(words: dict[str, Any], task: UUID) -> Response:
    """Expect the answer on another day, later or sooner; the same words again change nothing."""
    with transaction() as session:
        return answer(whole_task(session, third_parties.reschedule(session, actor(), task, **words)))


@blueprint.route("/tasks/<uuid:task>/third-party/answer", methods=["POST"])
@needs(Right.AWAIT_THIRD_PARTIES)
@blueprint.arguments(shapes.WaitAnswerIn)
@blueprint.response(200, TaskWhole)
def note_third_party_answer(words: dict[str, str], task: UUID) -> Response:
    """What the third party answered; the task goes on where it was, in the hands of the verifier who had it."""
    with transaction() as session:
        return answer(whole_task(session, third_parties.note_answer(session, actor(), task, words["answer"])))


@blueprint.route("/tasks/<uuid:task>/third-party", methods=["DELETE"])
@needs(Right.AWAIT_THIRD_PARTIES)
@blueprint.response(200, TaskWhole)
def stop_waiting_for_third_party(task: UUID) -> Response:
    """Wait no longer, without an answer; the task goes on where it was."""
    with transaction() as session:
        return answer(whole_task(session, third_parties.stop_waiting(session, actor(), task)))


def _wait_cursor(page: Page) -> tuple[Any, ...] | None:
    return page.keys(date.fromisoformat, UUID)
