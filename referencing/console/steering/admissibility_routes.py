"""The dossiers that wait for their admissibility, judged many at once: each as it would be alone."""

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError, Invalid
from referencing.base.permissions import Right, authorise
from referencing.candidatures.api.queries import dossiers
from referencing.candidatures.record.states import State
from referencing.console.dossiers.lines import lines_of
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, refused, words
from referencing.reviews.steering import bulk
from referencing.reviews.steering.schemas import BulkAdmissibilityIn
from referencing.revocations.queries import dossier_names
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, transaction

from .reports import Report, refused_among

blueprint = Blueprint("admissibility", __name__)

#: How many dossiers are on a page.
MOST = 50


@blueprint.get("/pilotage/recevabilite")
def find() -> Response:
    """The dossiers that wait for their admissibility, in the order of drafting."""
    return _page(BLANK)


@blueprint.post("/pilotage/recevabilite")
def judge() -> Response:
    """Say of those that are ticked whether they are complete; one that is refused prevents no other."""
    try:
        report = _judge()
    except DomainError as error:
        return _page(refused(error), error.status)
    return _page(report.kept("candidatures"), report=report)


def _judge() -> Report:
    ticked = request.form.getlist("candidatures")
    if not ticked:
        raise Invalid("Cochez au moins un dossier.")
    typed = {
        **words("outcome", "comment"),
        "candidatures": ticked,
        "incomplete": "incomplete" in request.form,
    }
    said = load(BulkAdmissibilityIn(), typed)
    ids = said["candidatures"]
    with transaction() as session:
        outcomes = bulk.judge(
            session,
            actor(),
            ids,
            complete=said["outcome"] == "admissible",
            comment=said["comment"],
            incomplete=said["incomplete"],
        )
        wrong = refused_among(ids, outcomes)
        return Report.of(wrong, dossier_names(session, actor(), wrong), len(ids))


def _page(typed: Typed, status: int = 200, report: Report | None = None) -> Response:
    authorise(actor(), Right.JUDGE_ADMISSIBILITY)
    asked = listed(MOST)
    with transaction() as session:
        waiting = dossiers(session, actor(), id_cursor(asked), MOST + 1, state=State.SUBMITTED)
        kept, following = asked.of(waiting, lambda row: [row.candidature.id])
        return page(
            "steering/admissibility.html",
            status,
            lines=lines_of(session, actor(), kept),
            following=following and url_for(".find", cursor=following),
            typed=typed,
            report=report,
        )
