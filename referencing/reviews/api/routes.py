"""Queues, claims and verdicts over HTTP."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.base.db import today
from referencing.base.errors import Malformed
from referencing.base.schemas import page_of
from referencing.candidatures.api.queries import item_view as item_of
from referencing.candidatures.api.views import item_view
from referencing.candidatures.record.queries import candidature as dossier
from referencing.candidatures.record.queries import item
from referencing.candidatures.resolution.resolved import resolved_as_it_stands
from referencing.candidatures.resolution.reuse import to_look_at
from referencing.catalogue.steps import steps_of
from referencing.certificates.queries import of_ids, whole
from referencing.certificates.views import certificate_view
from referencing.equivalence.engine.explanation import also_helping, explain
from referencing.proofs.queries import behind, stale
from referencing.proofs.schemas import ReasonIn
from referencing.proofs.views import proof_view
from referencing.reviews.experts import queries as opinions
from referencing.reviews.experts.views import opinion_view
from referencing.reviews.queues import claims, queries
from referencing.reviews.queues import schemas as queues_schemas
from referencing.reviews.queues.views import task_view
from referencing.reviews.third_parties.queries import waits_of
from referencing.reviews.third_parties.views import wait_view
from referencing.reviews.verdicts import operations, verdicts
from referencing.web.pages import Page, key_as, listing
from referencing.web.requests import actor, answer, transaction

from . import schemas

blueprint = Blueprint("reviews", __name__, url_prefix="/api/v1", description="The work of the agency")


@blueprint.route("/queues")
@blueprint.response(200, page_of(queues_schemas.QueueOut))
def list_queues() -> Response:
    """The queues, and how much waits in each."""
    with transaction() as session:
        found = queries.queues(session, actor())
        return listing([queues_schemas.QueueOut().dump(one) for one in found], None)


@blueprint.route("/queues/<queue>/tasks")
@blueprint.arguments(queues_schemas.TasksArguments, location="query")
@blueprint.response(200, page_of(queues_schemas.TaskOut))
def list_tasks(arguments: dict[str, Any], queue: str) -> Response:
    """The open tasks of a queue in its order: what a lead boosts, then the least working days left, then the oldest."""
    page: Page = arguments["page"]
    with transaction() as session:
        found = queries.tasks(session, actor(), queue, _place(page), page.limit + 1, due=arguments["due"])
        shown, following = page.of(found, lambda one: one.place)
        return listing(_shown(session, shown), following)


@blueprint.route("/tasks")
@blueprint.arguments(queues_schemas.AllTasksArguments, location="query")
@blueprint.response(200, page_of(queues_schemas.TaskOut))
def list_all_tasks(arguments: dict[str, Any]) -> Response:
    """The open tasks of all queues, the least working days left first; `due=overdue` is what is late anywhere."""
    page: Page = arguments.pop("page")
    with transaction() as session:
        among = queries.Among(**arguments)
        found = queries.all_tasks(session, actor(), among, _day(page), page.limit + 1)
        shown, following = page.of(found, lambda one: one.place[1:])
        return listing(_shown(session, shown), following)


@blueprint.route("/queues/<queue>/claims", methods=["POST"])
@blueprint.response(201, schemas.TaskWhole)
@blueprint.alt_response(204, description="nothing waits", success=True)
def claim_next(queue: str) -> Response:
    """Take the first task that nobody has and that one handles; it is one's own for four hours."""
    with transaction() as session:
        task = claims.claim_next(session, actor(), queue)
        return Response(status=204) if task is None else answer(whole_task(session, task), 201)


@blueprint.route("/tasks/<uuid:task>")
@blueprint.response(200, schemas.TaskWhole)
def read_task(task: UUID) -> Response:
    """A task with all that is needed for a verdict."""
    with transaction() as session:
        return answer(whole_task(session, task))


@blueprint.route("/tasks/<uuid:task>/claim", methods=["POST"])
@blueprint.response(200, schemas.TaskWhole)
def claim(task: UUID) -> Response:
    """Take this task; again, to hold it four hours longer."""
    with transaction() as session:
        return answer(whole_task(session, claims.claim(session, actor(), task)))


@blueprint.route("/tasks/<uuid:task>/claim", methods=["DELETE"])
@blueprint.response(204)
def give_back(task: UUID) -> Response:
    """Leave the task to others."""
    with transaction() as session:
        claims.give_back(session, actor(), task)
        return Response(status=204)


@blueprint.route("/tasks/<uuid:task>/takeover", methods=["POST"])
@blueprint.arguments(queues_schemas.TakeOverIn)
@blueprint.response(200, schemas.TaskWhole)
def take_over(words: dict[str, Any], task: UUID) -> Response:
    """Give a task to another verifier, or back to its queue, with a reason."""
    with transaction() as session:
        return answer(whole_task(session, claims.take_over(session, actor(), task, **words)))


@blueprint.route("/tasks/<uuid:task>/verdict", methods=["POST"])
@blueprint.arguments(schemas.VerdictIn)
@blueprint.response(200, queues_schemas.TaskOut)
def give_verdict(words: dict[str, Any], task: UUID) -> Response:
    """Say what was found on the file that was read."""
    with transaction() as session:
        given = operations.give_verdict(session, actor(), task, **words)
        (line,) = _shown(session, [given])
        return answer(line)


@blueprint.route("/tasks/<uuid:task>/verdict/undo", methods=["POST"])
@blueprint.arguments(ReasonIn)
@blueprint.response(200, schemas.TaskWhole)
def undo_verdict(words: dict[str, str], task: UUID) -> Response:
    """Take back one's own verdict within 15 minutes; answers the task with which the review goes on."""
    with transaction() as session:
        return answer(whole_task(session, verdicts.undo(session, actor(), task, words["reason"])))


def _shown(session: Session, views: Sequence[queries.TaskView]) -> list[dict[str, Any]]:
    reading = queries.reading(session, actor(), views)
    return [task_view(view, actor(), reading) for view in views]


def whole_task(session: Session, task_id: UUID) -> dict[str, Any]:
    """A task with all that is needed for a verdict, as this reader may see it."""
    view = queries.task(session, actor(), task_id)
    (line,) = _shown(session, [view])
    shown = {
        **line,
        "subject": None,
        "identifiers": 0,
        "explanation": [],
        "earlier": [],
        "certificates": [],
        "steps": [],
        "opinions": [],
        "third_parties": [
            wait_view(one, actor(), today(session), view.verifier_id) for one in waits_of(session, view.id)
        ],
    }
    if view.item_id is None:
        return shown
    asked = opinions.opinions_on(session, actor(), view)
    shown["opinions"] = [opinion_view(one, today(session)) for one in asked]
    candidature = dossier(session, actor(), view.candidature_id)
    subject = item_of(session, item(session, candidature, str(view.item_id)))
    shown["subject"] = item_view(subject, actor())
    steps = steps_of(subject.item.expected_proof.scenario_text)
    shown["steps"] = [{"step": number, "text": text} for number, text in enumerate(steps, 1)]
    if subject.grant is not None:
        resolved = resolved_as_it_stands(session, candidature)
        facts = resolved.told(candidature.configuration.solution.software.nil)
        code = subject.item.expected_proof.code
        shown["explanation"] = explain(resolved.answers[code], facts)
        looked_at = to_look_at(subject.grant, resolved.helping(code), facts)
        shown["explanation"] += also_helping(looked_at.also, facts)
        found = behind(session, looked_at.verifications)
        reasons = stale(session, [one.id for one in found])
        shown["earlier"] = [proof_view(one, reasons) for one in found]
        shown["certificates"] = _certificates(session, looked_at.certificates)
    proofs = [shown["subject"]["proof"] or {"files": []}, *shown["earlier"], *shown["certificates"]]
    shown["identifiers"] = sum(file["identifiers"] for proof in proofs for file in proof["files"])
    return shown


def _certificates(session: Session, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    return [certificate_view(one) for one in whole(session, of_ids(session, ids))] if ids else []


def _place(page: Page) -> list[Any] | None:
    """The keys of the cursor's task in the order of its queue."""
    return _keys(page, int, date.fromisoformat, datetime.fromisoformat, UUID)


def _day(page: Page) -> list[Any] | None:
    """The same in the order of all queues together."""
    return _keys(page, date.fromisoformat, datetime.fromisoformat, UUID)


def _keys(page: Page, *kinds: Callable[[str], Any]) -> list[Any] | None:
    if page.after is None:
        return None
    if len(page.after) != len(kinds):
        raise Malformed("Le curseur n'est pas lisible : reprenez la liste depuis le début.")
    return [key_as(kind, key) for kind, key in zip(kinds, page.after, strict=True)]
