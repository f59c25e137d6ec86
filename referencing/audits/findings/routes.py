"""Non-conformités, action plans and sanctions over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.audits.inquiries import queries
from referencing.audits.inquiries.models import Nonconformity
from referencing.audits.inquiries.states import NonconformityAction
from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.descriptions import ETAG, IF_MATCH, needs, reads, tells
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, etag, expected_version, transaction

from . import nonconformities, plans, sanctions, schemas

blueprint = Blueprint(
    "nonconformities", __name__, url_prefix="/api/v1", description="What audits find, and what follows"
)


_nonconformity = shape(schemas.NonconformityOut)
_plan = shape(schemas.PlanOut)
_sanction = shape(schemas.SanctionOut)


def _etagged(nonconformity: Nonconformity, status: int = 200) -> Response:
    return answer(_nonconformity(nonconformity, actor()), status, etag(nonconformity.revision))


@blueprint.route("/audits/<uuid:audit>/nonconformities", methods=["POST"])
@needs(Right.AUDIT)
@tells(ETAG)
@blueprint.arguments(schemas.NonconformityIn)
@blueprint.response(201, schemas.NonconformityOut)
def raise_nonconformity(words: dict[str, Any], audit: UUID) -> Response:
    """Raise a non-conformité with a requirement; the editor reads it once it is notified."""
    with transaction() as session:
        return _etagged(nonconformities.raise_(session, actor(), audit, **words), 201)


@blueprint.route("/audits/<uuid:audit>/nonconformities")
@needs(Right.READ_AUDITS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.NonconformityOut))
def list_nonconformities(arguments: dict[str, Page], audit: UUID) -> Response:
    """The non-conformités of an audit with their plans, by number."""
    page = arguments["page"]
    cursor = page.keys(int)
    with transaction() as session:
        raised = queries.nonconformities(session, actor(), audit, cursor, page.limit + 1)
        page_items, following = page.of(raised, lambda one: [one.number])
        return listing([_nonconformity(one, actor()) for one in page_items], following)


@blueprint.route("/nonconformities/<uuid:nonconformity>")
@needs(Right.READ_AUDITS)
@tells(ETAG)
@blueprint.response(200, schemas.NonconformityOut)
def read_nonconformity(nonconformity: UUID) -> Response:
    """One non-conformité with its plans, and its ETag."""
    with transaction() as session:
        return _etagged(queries.nonconformity(session, actor(), nonconformity))


@blueprint.route("/nonconformities/<uuid:nonconformity>", methods=["PUT"])
@needs(Right.AUDIT)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.arguments(schemas.NonconformityChangeIn)
@blueprint.response(200, schemas.NonconformityOut)
def correct_nonconformity(words: dict[str, Any], nonconformity: UUID) -> Response:
    """Say a non-conformité otherwise; `If-Match` carries the ETag that was read."""
    with transaction() as session:
        revision = expected_version()
        return _etagged(nonconformities.correct(session, actor(), nonconformity, **words, revision=revision))


@blueprint.route("/nonconformities/<uuid:nonconformity>/lifting", methods=["POST"])
@needs(Right.AUDIT)
@tells(ETAG)
@blueprint.arguments(schemas.NonconformityOutcomeIn)
@blueprint.response(200, schemas.NonconformityOut)
def lift(words: dict[str, str], nonconformity: UUID) -> Response:
    """Lift a non-conformité that was put right, with the reason."""
    with transaction() as session:
        action = NonconformityAction.LIFT
        return _etagged(nonconformities.end(session, actor(), nonconformity, action, words["outcome"]))


@blueprint.route("/nonconformities/<uuid:nonconformity>/withdrawal", methods=["POST"])
@needs(Right.AUDIT)
@tells(ETAG)
@blueprint.arguments(schemas.NonconformityOutcomeIn)
@blueprint.response(200, schemas.NonconformityOut)
def withdraw_nonconformity(words: dict[str, str], nonconformity: UUID) -> Response:
    """Withdraw a non-conformité that was none, with the reason."""
    with transaction() as session:
        action = NonconformityAction.WITHDRAW
        return _etagged(nonconformities.end(session, actor(), nonconformity, action, words["outcome"]))


@blueprint.route("/nonconformities/<uuid:nonconformity>/plans", methods=["POST"])
@needs(Right.ANSWER_AUDITS)
@blueprint.arguments(schemas.PlanIn)
@blueprint.response(201, schemas.PlanOut)
def propose_action_plan(words: dict[str, Any], nonconformity: UUID) -> Response:
    """Propose what will be done, by a day or within so many working days of the acceptance."""
    with transaction() as session:
        return answer(_plan(plans.propose(session, actor(), nonconformity, **words), actor()), 201)


@blueprint.route("/action-plans")
@needs(Right.READ_AUDITS)
@blueprint.arguments(schemas.PlansArguments, location="query")
@blueprint.response(200, page_of(schemas.PlanOut))
def list_action_plans(arguments: dict[str, Any]) -> Response:
    """The action plans, in the order of proposing: by state, or those to be carried out by a day."""
    page: Page = arguments.pop("page")
    with transaction() as session:
        visible_plans = plans.plans(session, actor(), id_cursor(page), page.limit + 1, **arguments)
        page_plans, following = page.of(visible_plans, lambda one: [one.id])
        return listing([_plan(one, actor()) for one in page_plans], following)


@blueprint.route("/action-plans/<uuid:plan>/acceptance", methods=["POST"])
@needs(Right.AUDIT)
@blueprint.arguments(schemas.AcceptanceIn)
@blueprint.response(200, schemas.PlanOut)
def accept_action_plan(words: dict[str, Any], plan: UUID) -> Response:
    """Accept a plan, for the day that was asked for unless another is given."""
    with transaction() as session:
        return answer(_plan(plans.accept(session, actor(), plan, **words), actor()))


@blueprint.route("/action-plans/<uuid:plan>/refusal", methods=["POST"])
@needs(Right.AUDIT)
@blueprint.arguments(schemas.PlanCommentIn)
@blueprint.response(200, schemas.PlanOut)
def refuse_action_plan(words: dict[str, str], plan: UUID) -> Response:
    """Refuse a plan, with the reason; the editor may propose another."""
    with transaction() as session:
        return answer(_plan(plans.refuse(session, actor(), plan, words["comment"]), actor()))


@blueprint.route("/action-plans/<uuid:plan>/withdrawal", methods=["POST"])
@needs(Right.ANSWER_AUDITS)
@blueprint.response(200, schemas.PlanOut)
def withdraw_action_plan(plan: UUID) -> Response:
    """Take a plan back that nobody has accepted yet."""
    with transaction() as session:
        return answer(_plan(plans.withdraw(session, actor(), plan), actor()))


@blueprint.route("/action-plans/<uuid:plan>/completion", methods=["POST"])
@needs(Right.ANSWER_AUDITS)
@blueprint.arguments(schemas.CompletionIn)
@blueprint.response(200, schemas.PlanOut)
def complete_action_plan(words: dict[str, str], plan: UUID) -> Response:
    """Say what was done; the files that show it go to the audit's evidence, with this plan's id."""
    with transaction() as session:
        return answer(_plan(plans.carry_out(session, actor(), plan, words["report"]), actor()))


@blueprint.route("/action-plans/<uuid:plan>/verification", methods=["POST"])
@needs(Right.AUDIT)
@blueprint.arguments(schemas.PlanCommentIn)
@blueprint.response(200, schemas.PlanOut)
def verify_action_plan(words: dict[str, str], plan: UUID) -> Response:
    """Say that a plan was carried out: the non-conformité is lifted."""
    with transaction() as session:
        return answer(_plan(plans.verify(session, actor(), plan, words["comment"]), actor()))


@blueprint.route("/action-plans/<uuid:plan>/return", methods=["POST"])
@needs(Right.AUDIT)
@blueprint.arguments(schemas.SendingBackIn)
@blueprint.response(200, schemas.PlanOut)
def return_action_plan(words: dict[str, Any], plan: UUID) -> Response:
    """Say what is missing of a plan that the editor says is carried out; with another day, if need be."""
    with transaction() as session:
        return answer(_plan(plans.send_back(session, actor(), plan, **words), actor()))


@blueprint.route("/audits/<uuid:audit>/sanctions", methods=["POST"])
@needs(Right.AUDIT)
@blueprint.arguments(schemas.SanctionIn)
@blueprint.response(201, schemas.SanctionOut)
def announce_sanction(words: dict[str, Any], audit: UUID) -> Response:
    """Announce a suspension or a delisting to the editor, who may answer (15 working days unless told)."""
    with transaction() as session:
        return answer(_sanction(sanctions.announce(session, actor(), audit, **words), actor()), 201)


@blueprint.route("/audits/<uuid:audit>/sanctions")
@needs(Right.READ_AUDITS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.SanctionOut))
def list_sanctions(arguments: dict[str, Page], audit: UUID) -> Response:
    """The measures that were announced and decided in an audit, oldest first."""
    page = arguments["page"]
    with transaction() as session:
        visible_sanctions = queries.sanctions(session, actor(), audit, id_cursor(page), page.limit + 1)
        page_sanctions, following = page.of(visible_sanctions, lambda one: [one.id])
        return listing([_sanction(one, actor()) for one in page_sanctions], following)


@blueprint.route("/sanctions")
@needs(Right.READ_AUDITS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.SanctionOut))
def list_pending_sanctions(arguments: dict[str, Page]) -> Response:
    """The measures that are announced and not decided, of all audits that one may know of; oldest first."""
    page = arguments["page"]
    with transaction() as session:
        pending = queries.pending_sanctions(session, actor(), id_cursor(page), page.limit + 1)
        page_sanctions, following = page.of(pending, lambda one: [one.id])
        return listing([_sanction(one, actor()) for one in page_sanctions], following)


@blueprint.route("/sanctions/<uuid:sanction>/answer", methods=["POST"])
@needs(Right.ANSWER_AUDITS)
@blueprint.arguments(schemas.ObservationsIn)
@blueprint.response(200, schemas.SanctionOut)
def answer_sanction(words: dict[str, str], sanction: UUID) -> Response:
    """The editor's observations on what is announced."""
    with transaction() as session:
        return answer(_sanction(sanctions.answer(session, actor(), sanction, words["observations"]), actor()))


@blueprint.route("/sanctions/<uuid:sanction>/decision", methods=["POST"])
@needs(Right.SANCTION)
@blueprint.arguments(schemas.SanctionDecisionIn)
@blueprint.response(200, schemas.SanctionOut)
def decide(words: dict[str, str], sanction: UUID) -> Response:
    """Apply what was announced, or drop it, with the reasons."""
    with transaction() as session:
        action = schemas.OUTCOMES[words["outcome"]]
        return answer(
            _sanction(sanctions.decide(session, actor(), sanction, action, words["decision"]), actor())
        )


@blueprint.route("/audits/<uuid:audit>/reinstatement", methods=["POST"])
@needs(Right.SANCTION)
@blueprint.arguments(schemas.ReinstatementIn)
@blueprint.response(201, schemas.SanctionOut)
def reinstate(words: dict[str, str], audit: UUID) -> Response:
    """Put a suspended solution back on the list."""
    with transaction() as session:
        return answer(_sanction(sanctions.reinstate(session, actor(), audit, words["grounds"]), actor()), 201)
