"""Budgets, boosts, verifiers and what they declare, over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.reviews.queues import verifiers
from referencing.web.descriptions import needs
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, transaction

from . import declarations, priorities, schemas

blueprint = Blueprint("steering", __name__, url_prefix="/api/v1", description="Who works on what first")

_budget_shape = shape(schemas.BudgetOut)
_boost_shape = shape(schemas.BoostOut)
_verifier_shape = shape(schemas.VerifierOut)
_conflict_shape = shape(schemas.ConflictOut)
_absence_shape = shape(schemas.AbsenceOut)


@blueprint.route("/budgets")
@needs(Right.READ_QUEUES)
@blueprint.response(200, page_of(schemas.BudgetOut))
def list_budgets() -> Response:
    """The working days that were set for queues and guichets; where nothing was set, 15."""
    with transaction() as session:
        return listing([_budget_shape(budget) for budget in priorities.budgets(session, actor())], None)


@blueprint.route("/budgets/<queue>", methods=["PUT"])
@needs(Right.STEER_QUEUES)
@blueprint.arguments(schemas.BudgetIn)
@blueprint.response(200, schemas.BudgetOut)
def set_budget(words: dict[str, Any], queue: str) -> Response:
    """Set the working days of a queue's tasks, or of those about the proofs of one guichet."""
    with transaction() as session:
        return answer(_budget_shape(priorities.set_budget(session, actor(), queue, **words)))


@blueprint.route("/boosts", methods=["POST"])
@needs(Right.STEER_QUEUES)
@blueprint.arguments(schemas.BoostIn)
@blueprint.response(201, schemas.BoostOut)
def add_boost(words: dict[str, Any]) -> Response:
    """Put tasks first until a day: those that have all that is named."""
    with transaction() as session:
        return answer(_boost_shape(priorities.boost(session, actor(), priorities.WantedBoost(**words))), 201)


@blueprint.route("/boosts")
@needs(Right.READ_QUEUES)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.BoostOut))
def list_boosts(arguments: dict[str, Page]) -> Response:
    """The boosts in force."""
    page = arguments["page"]
    with transaction() as session:
        rows = priorities.boosts(session, actor(), id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda row: [row.id])
        return listing([_boost_shape(boost) for boost in on_page], following)


@blueprint.route("/boosts/<uuid:boost>", methods=["DELETE"])
@needs(Right.STEER_QUEUES)
@blueprint.response(204)
def end_boost(boost: UUID) -> Response:
    """End a boost before its day."""
    with transaction() as session:
        priorities.end_boost(session, actor(), boost)
        return Response(status=204)


@blueprint.route("/verifiers")
@needs(Right.STEER_QUEUES)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.VerifierOut))
def list_verifiers(arguments: dict[str, Page]) -> Response:
    """The verifiers, what they handle and how much they have in hand."""
    page = arguments["page"]
    with transaction() as session:
        rows = verifiers.verifiers(session, actor(), id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda row: [row.id])
        return listing([_verifier_shape(verifier) for verifier in on_page], following)


@blueprint.route("/verifiers/<uuid:account>/skills", methods=["PUT"])
@needs(Right.STEER_QUEUES)
@blueprint.arguments(schemas.VerifierIn)
@blueprint.response(200, schemas.VerifierOut)
def set_up_verifier(words: dict[str, Any], account: UUID) -> Response:
    """Say which chapters and guichets a verifier handles, and how many tasks at once."""
    with transaction() as session:
        return answer(_verifier_shape(verifiers.set_up(session, actor(), account, **words)))


@blueprint.route("/conflicts", methods=["POST"])
@needs(Right.DECLARE_CONFLICTS)
@blueprint.arguments(schemas.ConflictIn)
@blueprint.response(201, schemas.ConflictOut)
def declare_conflict(words: dict[str, Any]) -> Response:
    """Declare that somebody of the agency neither judges an organisation nor reads what is its own."""
    with transaction() as session:
        return answer(_conflict_shape(declarations.declare_conflict(session, actor(), **words)), 201)


@blueprint.route("/conflicts")
@needs(Right.DECLARE_CONFLICTS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.ConflictOut))
def list_conflicts(arguments: dict[str, Page]) -> Response:
    """The conflicts of interest declared: one's own, everybody's for a lead."""
    page = arguments["page"]
    with transaction() as session:
        rows = declarations.conflicts(session, actor(), id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda row: [row.id])
        return listing([_conflict_shape(conflict) for conflict in on_page], following)


@blueprint.route("/conflicts/<uuid:conflict>", methods=["DELETE"])
@needs(Right.DECLARE_CONFLICTS)
@blueprint.response(204)
def end_conflict(conflict: UUID) -> Response:
    """Take back a conflict of interest that is over; what others declared about oneself is not one's own to end."""
    with transaction() as session:
        declarations.end_conflict(session, actor(), conflict)
        return Response(status=204)


@blueprint.route("/conflicts/<uuid:conflict>/reading", methods=["POST"])
@needs(Right.READ_IN_CONFLICT)
@blueprint.arguments(schemas.ConflictReadingIn)
@blueprint.response(200, schemas.ConflictOut)
def read_in_conflict(words: dict[str, str], conflict: UUID) -> Response:
    """Read for a day what a conflict of one's own closes, for a reason that the record keeps: leads and auditors."""
    with transaction() as session:
        return answer(_conflict_shape(declarations.read_in_conflict(session, actor(), conflict, **words)))


@blueprint.route("/absences", methods=["POST"])
@needs(Right.DECLARE_ABSENCES)
@blueprint.arguments(schemas.AbsenceIn)
@blueprint.response(201, schemas.AbsenceOut)
def declare_absence(words: dict[str, Any]) -> Response:
    """Declare days of leave: what the verifier has in hand goes back to the queues when they begin."""
    with transaction() as session:
        return answer(_absence_shape(declarations.declare_absence(session, actor(), **words)), 201)


@blueprint.route("/absences")
@needs(Right.DECLARE_ABSENCES)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.AbsenceOut))
def list_absences(arguments: dict[str, Page]) -> Response:
    """The days of leave declared: one's own, everybody's for a lead."""
    page = arguments["page"]
    with transaction() as session:
        rows = declarations.absences(session, actor(), id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda row: [row.id])
        return listing([_absence_shape(absence) for absence in on_page], following)


@blueprint.route("/absences/<uuid:absence>", methods=["DELETE"])
@needs(Right.DECLARE_ABSENCES)
@blueprint.response(204)
def end_absence(absence: UUID) -> Response:
    """Take back days of leave."""
    with transaction() as session:
        declarations.end_absence(session, actor(), absence)
        return Response(status=204)
