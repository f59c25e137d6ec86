"""What to supply once so that the rest follows: an editor's dossiers, with those that it plans."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.base.permissions import Right, authorise, may
from referencing.catalogue.queries import dsrs, published
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed
from referencing.plans.operations import Confidence, reuse_plans
from referencing.plans.queries import open_dossiers
from referencing.plans.reading import MOST as MOST_OPEN
from referencing.preflight.checks import preflight_planned
from referencing.preflight.planned import Planned
from referencing.solutions.queries import softwares
from referencing.web.requests import actor, transaction

from . import asked
from .shown import Shown, shown

blueprint = Blueprint("plans", __name__)

MOST = 500


@blueprint.get("/dossiers/plan")
def show() -> Response:
    """The plan over the dossiers that the address says, and the forms by which it says others."""
    try:
        planned, chosen = asked.planned(), asked.chosen()
        with transaction() as session:
            authorise(actor(), Right.PREPARE_CANDIDATURES)
            over = _latest(session) if chosen is None else chosen
            plans = reuse_plans(session, actor(), candidatures=over, planned=planned)
            return _page(session, BLANK, 200, planned, shown(plans, _confidence()), over)
    except DomainError as error:
        with transaction() as session:
            return _page(
                session, asked.mistaken_plan(error), error.status, asked.readable(), chosen=asked.ticked()
            )


@blueprint.get("/dossiers/plan/depot")
def foresee() -> Response:
    """What filing one planned dossier would meet."""
    planned = asked.read_planned(request.args.get(asked.PLANNED, ""))
    with transaction() as session:
        foreseen = preflight_planned(session, actor(), planned)
        return page("plans/filing.html", planned=planned, foreseen=foreseen)


def _confidence() -> Confidence:
    certain = request.args.get("plan") == Confidence.CERTAIN
    return Confidence.CERTAIN if certain else Confidence.TO_CONFIRM


def _latest(session: Session) -> Sequence[UUID] | None:
    """The latest open dossiers where more are open than a plan is made over; None for all of them."""
    listed = open_dossiers(session, actor(), None, MOST)
    return [dossier.id for dossier in listed[-MOST_OPEN:]] if len(listed) > MOST_OPEN else None


def _page(
    session: Session,
    typed: Typed,
    status: int,
    planned: Sequence[Planned],
    plan: Shown | None = None,
    chosen: Sequence[UUID] | Sequence[str] | None = None,
) -> Response:
    authorise(actor(), Right.PREPARE_CANDIDATURES)
    own = softwares(session, actor(), None, MOST)
    names = {one.id: one.commercial_name for software in own for one in software.solutions}
    return page(
        "plans/page.html",
        status,
        shown=plan,
        typed=typed,
        planned={
            asked.written(one): f"{names.get(one.solution, 'Solution inconnue')} – {one.dsr} (prévue)"
            for one in planned
        },
        softwares=own,
        dsrs=[dsr for dsr in dsrs(session, actor(), None, MOST) if published(dsr) is not None],
        dossiers=open_dossiers(session, actor(), None, MOST),
        chosen=None if chosen is None else {str(dossier) for dossier in chosen},
        most=MOST_OPEN,
        confidence=_confidence(),
        may_file=may(actor(), Right.FILE_CANDIDATURES),
    )
