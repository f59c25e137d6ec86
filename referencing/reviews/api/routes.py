"""Queues, claims and verdicts over HTTP."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.base.db import today
from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.candidatures.api.queries import item_view as item_of
from referencing.candidatures.api.views import item_view
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.queries import candidature as dossier
from referencing.candidatures.record.queries import item
from referencing.candidatures.resolution.resolved import resolved_as_it_stands
from referencing.candidatures.resolution.reuse import to_look_at
from referencing.catalogue.models import ExpectedProof
from referencing.catalogue.steps import steps_of
from referencing.certificates.queries import of_ids
from referencing.certificates.queries import whole as whole_certificates
from referencing.certificates.schemas import CertificateOut
from referencing.equivalence.engine.explanation import also_helping, explain
from referencing.equivalence.grants.queries import Reuse
from referencing.equivalence.workbench.drafting import compare
from referencing.equivalence.workbench.queries import worded_proofs
from referencing.equivalence.workbench.schemas import WordingOut
from referencing.proofs.models import Proof
from referencing.proofs.queries import behind, stale
from referencing.proofs.schemas import ReasonIn
from referencing.proofs.views import proof_view
from referencing.reviews.experts import queries as experts_queries
from referencing.reviews.experts.views import opinion_on
from referencing.reviews.queues import claims, queries
from referencing.reviews.queues import schemas as queues_schemas
from referencing.reviews.queues.views import cursor_of_all, tasks_for
from referencing.reviews.third_parties.queries import waits_of
from referencing.reviews.third_parties.views import wait_for_reader
from referencing.reviews.verdicts import operations, verdicts
from referencing.web.descriptions import needs
from referencing.web.headers import REPLAYED
from referencing.web.idempotency import body, once, repeats_itself
from referencing.web.pages import Page, listing
from referencing.web.requests import actor, answer, transaction

from . import schemas

blueprint = Blueprint("reviews", __name__, url_prefix="/api/v1", description="The work of the agency")


@blueprint.route("/queues")
@needs(Right.READ_QUEUES)
@blueprint.response(200, page_of(queues_schemas.QueueOut))
def list_queues() -> Response:
    """The queues, and how much waits in each."""
    with transaction() as session:
        queues = queries.queues(session, actor())
        return listing([shape(queues_schemas.QueueOut)(queue) for queue in queues], None)


@blueprint.route("/queues/<queue>/tasks")
@needs(Right.READ_QUEUES)
@blueprint.arguments(queues_schemas.TasksArguments, location="query")
@blueprint.response(200, page_of(queues_schemas.TaskOut))
def list_queue_tasks(arguments: dict[str, Any], queue: str) -> Response:
    """The open tasks of a queue in its order: what a lead boosts, then the least working days left, then the oldest."""
    page: Page = arguments["page"]
    with transaction() as session:
        rows = queries.tasks(
            session, actor(), queue, _queue_cursor(page), page.limit + 1, due=arguments["due"]
        )
        on_page, following = page.of(rows, lambda task: task.place)
        return listing(tasks_for(session, actor(), on_page), following)


@blueprint.route("/tasks")
@needs(Right.READ_QUEUES)
@blueprint.arguments(queues_schemas.AllTasksArguments, location="query")
@blueprint.response(200, page_of(queues_schemas.TaskOut))
def list_all_tasks(arguments: dict[str, Any]) -> Response:
    """The open tasks of all queues, the least working days left first; `due=overdue` is what is late anywhere.

    `mine=true` is what one has in hand, `holder` what a verifier has, `candidature` what waits of a dossier.
    """
    page: Page = arguments.pop("page")
    mine = bool(arguments.pop("claimed_by")) | arguments.pop("mine")
    arguments["holder"] = actor().account_id if mine else arguments["holder"]
    with transaction() as session:
        among = queries.Among(**arguments)
        rows = queries.all_tasks(session, actor(), among, cursor_of_all(page), page.limit + 1)
        on_page, following = page.of(rows, lambda task: task.place[1:])
        return listing(tasks_for(session, actor(), on_page), following)


@blueprint.route("/queues/<queue>/claims", methods=["POST"])
@needs(Right.REVIEW)
@repeats_itself
@blueprint.arguments(queues_schemas.ClaimIn, required=False)
@blueprint.response(201, schemas.TaskWhole)
@blueprint.alt_response(204, description="nothing waits", success=True)
def claim_next_task(words: dict[str, bool], queue: str) -> Response:
    """Take the first task that nobody has and that one handles; it is one's own for four hours.

    With one in hand already, it is refused (409, `in_hand`) unless the body says `{"another": true}`.
    """
    return _claimed(lambda session: claims.claim_next(session, actor(), queue, **words))


@blueprint.route("/claims", methods=["POST"])
@needs(Right.REVIEW)
@repeats_itself
@blueprint.arguments(queues_schemas.ClaimIn, required=False)
@blueprint.response(201, schemas.TaskWhole)
@blueprint.alt_response(204, description="nothing waits", success=True)
def claim_first_task(words: dict[str, bool]) -> Response:
    """Take the first task of all the queues that one works, whichever it waits in.

    With one in hand already, it is refused (409, `in_hand`) unless the body says `{"another": true}`.
    """
    return _claimed(lambda session: claims.claim_first(session, actor(), **words))


def _claimed(claim: Callable[[Session], UUID | None]) -> Response:
    """The task that a claim takes. Sent again, it would take another: who may read the first one is asked of that."""

    def effect() -> Response:
        with transaction() as session:
            task = claim(session)
            return Response(status=204) if task is None else answer(whole_task(session, task), 201)

    response = once(body(), effect)
    if REPLAYED in response.headers and response.is_json:
        with transaction() as session:
            queries.task(session, actor(), UUID(response.get_json()["id"]))
    return response


@blueprint.route("/tasks/<uuid:task>")
@needs(Right.READ_QUEUES)
@blueprint.response(200, schemas.TaskWhole)
def read_task(task: UUID) -> Response:
    """A task with all that is needed for a verdict."""
    with transaction() as session:
        return answer(whole_task(session, task))


@blueprint.route("/tasks/<uuid:task>/claim", methods=["POST"])
@needs(Right.REVIEW)
@blueprint.arguments(queues_schemas.ClaimIn, required=False)
@blueprint.response(200, schemas.TaskWhole)
def claim(words: dict[str, bool], task: UUID) -> Response:
    """Take this task; again, to hold it four hours longer.

    With another one in hand, it is refused (409, `in_hand`) unless the body says `{"another": true}`.
    """
    with transaction() as session:
        return answer(whole_task(session, claims.claim(session, actor(), task, **words)))


@blueprint.route("/tasks/<uuid:task>/claim", methods=["DELETE"])
@needs(Right.REVIEW)
@blueprint.response(204)
def give_back_task(task: UUID) -> Response:
    """Leave the task to others."""
    with transaction() as session:
        claims.give_back(session, actor(), task)
        return Response(status=204)


@blueprint.route("/tasks/<uuid:task>/takeover", methods=["POST"])
@needs(Right.STEER_QUEUES)
@blueprint.arguments(queues_schemas.TakeOverIn)
@blueprint.response(200, schemas.TaskWhole)
def take_over_task(words: dict[str, Any], task: UUID) -> Response:
    """Give a task to another verifier, or back to its queue, with a reason."""
    with transaction() as session:
        return answer(whole_task(session, claims.take_over(session, actor(), task, **words)))


@blueprint.route("/tasks/<uuid:task>/verdict", methods=["POST"])
@needs(Right.REVIEW)
@blueprint.arguments(schemas.TaskVerdictIn)
@blueprint.response(200, queues_schemas.TaskOut)
def give_verdict(words: dict[str, Any], task: UUID) -> Response:
    """Say what was found on the file that was read."""
    with transaction() as session:
        view = operations.give_verdict(session, actor(), task, **words)
        (line,) = tasks_for(session, actor(), [view])
        return answer(line)


@blueprint.route("/tasks/<uuid:task>/verdict/undo", methods=["POST"])
@needs(Right.REVIEW)
@blueprint.arguments(ReasonIn)
@blueprint.response(200, schemas.TaskWhole)
def undo_verdict(words: dict[str, str], task: UUID) -> Response:
    """Take back one's own verdict within 15 minutes; answers the task with which the review goes on."""
    with transaction() as session:
        return answer(whole_task(session, verdicts.undo(session, actor(), task, words["reason"])))


def whole_task(session: Session, task_id: UUID) -> dict[str, Any]:
    """A task with all that is needed for a verdict, as this reader may see it."""
    view = queries.task(session, actor(), task_id)
    (line,) = tasks_for(session, actor(), [view])
    waits = waits_of(session, view.id)
    whole = {
        **line,
        "subject": None,
        "identifiers": 0,
        "explanation": [],
        "earlier": [],
        "compared": [],
        "certificates": [],
        "scenario_steps": [],
        "opinions": [],
        "third_parties": [wait_for_reader(actor(), wait, today(session), view.verifier_id) for wait in waits],
    }
    if view.item_id is None:
        return whole
    opinions = experts_queries.opinions_on(session, actor(), view)
    whole["opinions"] = [opinion_on(today(session), opinion, actor()) for opinion in opinions]
    candidature = dossier(session, actor(), view.candidature_id)
    subject = item_of(session, item(session, candidature, str(view.item_id)))
    whole["subject"] = item_view(subject, actor())
    whole["scenario_steps"] = steps_of(subject.item.expected_proof.scenario_text)
    if subject.grant is not None:
        whole |= _grounds_of_reuse(session, candidature, subject.grant, subject.item.expected_proof)
    proofs = [whole["subject"]["proof"] or {"files": []}, *whole["earlier"], *whole["certificates"]]
    whole["identifiers"] = sum(file["identifiers"] for proof in proofs for file in proof["files"])
    return whole


def _grounds_of_reuse(
    session: Session, candidature: Candidature, grant: Reuse, asked: ExpectedProof
) -> dict[str, list[Any]]:
    """Why an expected proof is held to be covered, and the proofs, words and certificates to look at."""
    code = asked.code
    resolved = resolved_as_it_stands(session, candidature, {code})
    facts = resolved.told(candidature.configuration.solution.software.nil)
    grounds = to_look_at(grant, resolved.helping(code), facts)
    proofs = behind(session, grounds.verifications)
    reasons = stale(session, [proof.id for proof in proofs])
    certificates = (
        whole_certificates(session, of_ids(session, grounds.certificates)) if grounds.certificates else []
    )
    return {
        "explanation": explain(resolved.answers[code], facts) + also_helping(grounds.also, facts),
        "earlier": [proof_view(proof, reasons) for proof in proofs],
        "compared": _compared(session, asked, proofs),
        "certificates": [shape(CertificateOut)(certificate, actor()) for certificate in certificates],
    }


def _compared(session: Session, asked: ExpectedProof, proofs: Iterable[Proof]) -> list[dict[str, Any]]:
    """What the earlier proofs were asked as beside what is asked now, with the words that differ."""
    wordings = worded_proofs(session, {asked.id, *(proof.expected_proof_id for proof in proofs)})
    (target,) = [one for one in wordings if (one.code, one.version_id) == (asked.code, asked.version_id)]
    worded = shape(WordingOut)
    return [
        {"from": worded(source), "to": worded(target), **compare([source], target).plain}
        for source in wordings
        if source is not target
    ]


def _queue_cursor(page: Page) -> tuple[Any, ...] | None:
    """The keys of the cursor's task in the order of its queue."""
    return page.keys(int, date.fromisoformat, datetime.fromisoformat, UUID)
