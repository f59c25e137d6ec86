"""Many at once over HTTP: one report, each line with its outcome."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.batch import line_view, report_view
from referencing.base.errors import DomainError
from referencing.base.permissions import Right
from referencing.base.shapes import shape
from referencing.candidatures.api.views import act_view
from referencing.web.descriptions import needs
from referencing.web.requests import actor, answer, transaction

from . import bulk, schemas
from .priorities import WantedBoost

blueprint = Blueprint("bulk", __name__, url_prefix="/api/v1/bulk", description="Many at once")


@blueprint.route("/assignments", methods=["POST"])
@needs(Right.STEER_QUEUES)
@blueprint.arguments(schemas.AssignmentsIn)
@blueprint.response(200, schemas.BulkOut)
def assign_tasks(words: dict[str, Any]) -> Response:
    """Give many tasks to a verifier; one that is refused prevents no other."""
    with transaction() as session:
        outcomes = bulk.assign(session, actor(), **words)
        lines = [line_view("done", "task", outcome) for outcome in outcomes]
        return _report("task", words["tasks"], lines)


@blueprint.route("/admissibility", methods=["POST"])
@needs(Right.JUDGE_ADMISSIBILITY)
@blueprint.arguments(schemas.BulkAdmissibilityIn)
@blueprint.response(200, schemas.BulkOut)
def judge_candidatures(words: dict[str, Any]) -> Response:
    """Say of many candidatures whether they are complete; one that is refused prevents no other."""
    complete = words["outcome"] == "admissible"
    with transaction() as session:
        outcomes = bulk.judge(
            session,
            actor(),
            words["candidatures"],
            complete=complete,
            comment=words["comment"],
            incomplete=words["incomplete"],
        )
        lines = [
            line_view(
                "done", "receipt", outcome if isinstance(outcome, DomainError) else act_view(outcome, actor())
            )
            for outcome in outcomes
        ]
        return _report("candidature", words["candidatures"], lines)


@blueprint.route("/boosts", methods=["POST"])
@needs(Right.STEER_QUEUES)
@blueprint.arguments(schemas.BoostsIn)
@blueprint.response(200, schemas.BulkBoostsOut)
def boost_candidatures(words: dict[str, Any]) -> Response:
    """Make many boosts; one that is refused prevents no other."""
    with transaction() as session:
        outcomes = bulk.boost(session, actor(), [WantedBoost(**line) for line in words["boosts"]])
        show = shape(schemas.BoostOut)
        lines = [
            line_view("done", "boost", outcome if isinstance(outcome, DomainError) else show(outcome))
            for outcome in outcomes
        ]
        return answer(report_view("done", lines))


def _report(subject: str, ids: Sequence[UUID], lines: Sequence[dict[str, Any]]) -> Response:
    """Each line names what it was about, done or refused."""
    named = [{subject: id_, **line} for id_, line in zip(ids, lines, strict=True)]
    return answer(report_view("done", named))
