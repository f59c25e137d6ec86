"""What a draft of a requirement list would cost: asked for, followed while it runs, read chapter by chapter."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.base.permissions import Right, authorise
from referencing.catalogue.queries import draft, dsr, published
from referencing.console.pages import page
from referencing.console.steering.charts import bars
from referencing.console.typed import BLANK, Typed, listed, load, narrowing, refused, words
from referencing.estimates import operations, queries, schemas, views
from referencing.estimates.models import EstimatedRequirement
from referencing.estimates.states import ESTIMATE, Change, EstimateState
from referencing.web.pages import MAX_PAGE, Page, id_cursor, whole_sheet
from referencing.web.requests import actor, transaction

blueprint = Blueprint("estimates", __name__)

#: How many are on a page of a list.
MOST = 50
FILTERS = ("chapter", "change")
_OUTCOMES = ("gardent", "à confirmer", "perdent")
_LOOKS = ("good", "now", "bad")


@blueprint.get("/catalogue/<code>/chiffrages")
def find(code: str) -> Response:
    """The estimates of the drafts of a DSR, and the button for another."""
    return _list(code, BLANK)


@blueprint.post("/catalogue/<code>/chiffrages")
def start(code: str) -> Response:
    """Estimate the draft as it is now."""
    try:
        against = load(schemas.EstimateIn(), words("against_dsr"))["against_dsr"]
        with transaction() as session:
            asked = operations.start(session, actor(), code, against)
    except DomainError as error:
        return _list(code, refused(error), error.status)
    return redirect(url_for(".show", code=code, estimate=asked.id), 303)


def _list(code: str, typed: Typed, status: int = 200) -> Response:
    wanted = listed(MOST)
    with transaction() as session:
        rows = queries.estimates(session, actor(), code, id_cursor(wanted), MOST + 1)
        kept, following = wanted.of(rows, lambda row: [row.id])
        known = dsr(session, code)
        return page(
            "catalogue/estimates.html",
            status,
            dsr=known,
            draft=draft(known),
            published=published(known),
            estimates=kept,
            following=following and url_for(".find", code=code, cursor=following),
            typed=typed,
        )


@blueprint.get("/catalogue/<code>/chiffrages/<uuid:estimate>")
def show(code: str, estimate: UUID) -> Response:
    """How far it is; once finished, what the draft would cost, and which requirements differ."""
    return _page(code, estimate, BLANK)


@blueprint.post("/catalogue/<code>/chiffrages/<uuid:estimate>/abandon")
def cancel(code: str, estimate: UUID) -> Response:
    """Give it up."""
    try:
        with transaction() as session:
            operations.cancel(session, actor(), code, estimate)
    except DomainError as error:
        return _page(code, estimate, refused(error), error.status)
    return redirect(url_for(".show", code=code, estimate=estimate), 303)


def _page(code: str, estimate_id: UUID, typed: Typed, status: int = 200) -> Response:
    chosen = narrowing(*FILTERS)
    asked = {**chosen, "limit": MOST, "cursor": request.args.get("cursor")}
    said = load(schemas.EstimatedRequirementsArguments(), asked)
    wanted: Page = said["page"]
    with transaction() as session:
        estimate = queries.estimate(session, actor(), code, estimate_id)
        finished = estimate.state is EstimateState.FINISHED
        rows: Sequence[EstimatedRequirement] = ()
        if finished:
            narrowed = {name: said[name] for name in FILTERS}
            rows = queries.requirements(session, estimate, wanted.keys(int), MOST + 1, **narrowed)
        kept, following = wanted.of(rows, lambda row: [row.position])
        changed = queries.changed_since(session, estimate)
        whole = views.whole_estimate(estimate, changed, queries.chapter_sums(session, estimate), actor())
        return page(
            "catalogue/estimate.html",
            status,
            estimate=whole,
            bars=_bars(whole),
            requirements=[(row, views.requirement_cost(row, estimate)) for row in kept],
            chosen=chosen,
            changes={change.value: views.CHANGES[change] for change in Change},
            parts=views.PARTS,
            attributes=views.ATTRIBUTES,
            may_cancel=bool(ESTIMATE.open_to(actor(), estimate.state)),
            sheet=f"{url_for('.download', code=code, estimate=estimate_id)}?{urlencode(chosen)}",
            following=following
            and url_for(".show", **{**chosen, "code": code, "estimate": estimate_id, "cursor": following}),
            typed=typed,
        )


def _bars(whole: dict[str, Any]) -> list[Any]:
    """The softwares of each chapter by what becomes of what they have there."""
    counts = {
        chapter["chapter"]: [chapter[name] for name in ("keeping", "confirming", "losing")]
        for chapter in whole["by_chapter"]
    }
    return bars(counts, _OUTCOMES, _LOOKS)


@blueprint.get("/catalogue/<code>/chiffrages/<uuid:estimate>.csv")
def download(code: str, estimate: UUID) -> Response:
    """The requirements that the page would show, all of them, as a sheet: a page and a short transaction at a time."""
    authorise(actor(), Right.EDIT_CATALOGUE)
    said, who = load(schemas.EstimatedRequirementsArguments(), narrowing(*FILTERS)), actor()
    narrowed = {name: said[name] for name in FILTERS}

    def written(session: Session, cursor: Sequence[Any] | None) -> tuple[str, Sequence[EstimatedRequirement]]:
        stored = queries.estimate(session, who, code, estimate)
        rows = queries.requirements(session, stored, cursor, MAX_PAGE, **narrowed)
        return views.requirements_sheet(rows, stored, header=cursor is None), rows

    return whole_sheet(f"chiffrage-{estimate}", written, lambda row: [row.position], MAX_PAGE)
