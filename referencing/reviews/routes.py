"""Queues, claims and verdicts over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.candidatures.queries import item_view as item_of
from referencing.candidatures.resolution import as_it_stands
from referencing.candidatures.views import item_view
from referencing.equivalence.explanation import explain
from referencing.http import Page, PageArguments, actor, answer, id_cursor, listing, transaction
from referencing.proofs.queries import behind
from referencing.proofs.views import proof_view

from . import operations, queries, schemas

blueprint = Blueprint("reviews", __name__, url_prefix="/api/v1", description="The work of the agency")


@blueprint.route("/queues")
@blueprint.response(200, schemas.QueueOut(many=True))
def list_queues() -> Response:
    """The queues, and how much waits in each."""
    with transaction() as session:
        found = queries.queues(session, actor())
        return listing([schemas.QueueOut().dump(one) for one in found], None)


@blueprint.route("/queues/<queue>/tasks")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, schemas.TaskOut(many=True))
def list_tasks(arguments: dict[str, Page], queue: str) -> Response:
    """The open tasks of a queue, the oldest first."""
    page = arguments["page"]
    with transaction() as session:
        found = queries.tasks(session, actor(), queue, id_cursor(page), page.limit + 1)
        shown, following = page.of(found, lambda one: [one.task.id])
        return listing([_task(one) for one in shown], following)


@blueprint.route("/queues/<queue>/claims", methods=["POST"])
@blueprint.response(201, schemas.TaskWhole)
@blueprint.alt_response(204, description="nothing waits", success=True)
def claim_next(queue: str) -> Response:
    """Take the oldest task that nobody has."""
    with transaction() as session:
        task = operations.claim_next(session, actor(), queue)
        return Response(status=204) if task is None else answer(_whole(session, task), 201)


@blueprint.route("/tasks/<uuid:task>")
@blueprint.response(200, schemas.TaskWhole)
def read_task(task: UUID) -> Response:
    """A task with all that is needed for a verdict."""
    with transaction() as session:
        return answer(_whole(session, task))


@blueprint.route("/tasks/<uuid:task>/claim", methods=["POST"])
@blueprint.response(200, schemas.TaskWhole)
def claim(task: UUID) -> Response:
    """Take this task."""
    with transaction() as session:
        return answer(_whole(session, operations.claim(session, actor(), task)))


@blueprint.route("/tasks/<uuid:task>/claim", methods=["DELETE"])
@blueprint.response(204)
def give_back(task: UUID) -> Response:
    """Leave the task to others."""
    with transaction() as session:
        operations.give_back(session, actor(), task)
        return Response(status=204)


@blueprint.route("/tasks/<uuid:task>/verdict", methods=["POST"])
@blueprint.arguments(schemas.VerdictIn)
@blueprint.response(200, schemas.TaskOut)
def give_verdict(words: dict[str, Any], task: UUID) -> Response:
    """Say what was found on the file that was read."""
    with transaction() as session:
        return answer(_task(operations.give_verdict(session, actor(), task, **words)))


def _task(view: queries.TaskView) -> dict[str, Any]:
    task, candidature = view.task, view.task.candidature
    return {
        "id": task.id,
        "queue": task.queue,
        "candidature": candidature.id,
        "dsr": candidature.version.dsr.code,
        "organisation": candidature.organisation.name,
        "commercial_name": candidature.configuration.solution.commercial_name,
        "item": task.item_id,
        "code": task.item.expected_proof.code if task.item else None,
        "opened_at": task.opened_at,
        "closed_at": task.closed_at,
        "outcome": task.outcome,
        "claimed_by": view.verifier,
        "claimed_at": view.claim.claimed_at if view.claim else None,
    }


def _whole(session: Session, task_id: UUID) -> dict[str, Any]:
    view = queries.task(session, actor(), task_id)
    shown = {**_task(view), "subject": None, "identifiers": 0, "explanation": [], "earlier": []}
    if view.task.item is None:
        return shown
    subject = item_of(session, view.task.item)
    shown["subject"] = item_view(subject, actor())
    if subject.grant is not None:
        resolution, facts = as_it_stands(session, view.task.candidature)
        code = subject.item.expected_proof.code
        shown["explanation"] = next(explain(one, facts) for one in resolution.items if one.proof == code)
        sources = [one.verification_id for one in subject.grant.sources if one.verification_id]
        shown["earlier"] = [proof_view(one) for one in behind(session, sources)]
    proofs = [shown["subject"]["proof"] or {"files": []}, *shown["earlier"]]
    shown["identifiers"] = sum(file["identifiers"] for proof in proofs for file in proof["files"])
    return shown
