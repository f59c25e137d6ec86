"""Audits: the list, planning one, and one audit with what each side may do now."""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.audits.findings import schemas as findings
from referencing.audits.inquiries import inquiries, queries, schemas
from referencing.audits.inquiries.states import (
    AUDITS,
    NONCONFORMITIES,
    PLANS,
    SANCTIONS,
    STANDING_PLANS,
    UNDER_WAY,
    Conformity,
    Severity,
)
from referencing.audits.inquiries.views import evidence_for, sampled_for
from referencing.base.errors import DomainError, NotFound
from referencing.base.permissions import Right, authorise, may
from referencing.base.shapes import shape
from referencing.candidatures.record.queries import candidature
from referencing.console.dossiers.chart import Bar, bar
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, load, refused, words
from referencing.web.pages import Page, id_cursor
from referencing.web.requests import actor, transaction

from .steps import STEPS

blueprint = Blueprint("audits", __name__)

_audit = shape(schemas.AuditOut)
_nonconformity = shape(findings.NonconformityOut)
_sanction = shape(findings.SanctionOut)

#: How many are on a page of a list; of what an audit found, and announced, all are on its page up to so many.
MOST, MOST_FOUND = 50, 200


@blueprint.get("/audits")
def find() -> Response:
    """The audits, in the order of planning; narrowed down by their state."""
    chosen = request.args.get("state", "")
    asked = {"state": chosen, "limit": MOST, "cursor": request.args.get("cursor")}
    arguments = load(schemas.AuditsArguments(), asked)
    wanted: Page = arguments["page"]
    with transaction() as session:
        rows = queries.audits(session, actor(), id_cursor(wanted), MOST + 1, state=arguments["state"])
        kept, following = wanted.of(rows, lambda row: [row.id])
        return page(
            "audits/list.html",
            audits=[_audit(one, actor()) for one in kept],
            following=following and url_for(".find", state=chosen or None, cursor=following),
            chosen=chosen,
            states=AUDITS.states,
        )


@blueprint.get("/dossiers/<uuid:dossier>/audit")
def prepare(dossier: UUID) -> Response:
    """The form to plan an audit of a dossier's solution, for a signal where the address names it."""
    return _plan(dossier, BLANK)


@blueprint.post("/dossiers/<uuid:dossier>/audit")
def plan(dossier: UUID) -> Response:
    """Plan it, and draw what is verified again."""
    try:
        signals = [one for one in request.form.getlist("signals") if one]
        said = load(
            schemas.AuditIn(),
            {**words("reason", "size"), "candidature": str(dossier), "signals": signals},
        )
        with transaction() as session:
            planned = inquiries.plan(session, actor(), **said).id
    except DomainError as error:
        return _plan(dossier, refused(error), error.status)
    return redirect(url_for("console.audits.show", audit=planned), 303)


def _plan(dossier: UUID, typed: Typed, status: int = 200) -> Response:
    with transaction() as session:
        authorise(actor(), Right.AUDIT)
        audited = candidature(session, actor(), dossier)
        return page(
            "audits/plan.html",
            status,
            dossier=audited,
            solution=audited.configuration.solution.commercial_name,
            signal=request.values.get("signals", ""),
            typed=typed,
        )


@blueprint.get("/audits/<uuid:audit>")
def show(audit: UUID) -> Response:
    """Where an audit stands, its sample, what was found, and what may be done now."""
    return audit_page(audit, BLANK)


@blueprint.post("/audits/<uuid:audit>/<step>")
def go_on(audit: UUID, step: str) -> Response:
    """Do what a form of its page is for."""
    if step not in STEPS:
        raise NotFound("Un audit ne connaît pas cette étape : rouvrez sa page.")
    try:
        with transaction() as session:
            STEPS[step](session, audit)
    except DomainError as error:
        return audit_page(audit, refused(error), error.status)
    return redirect(url_for("console.audits.show", audit=audit, fait=step), 303)


def _progress(counts: Mapping[Conformity | None, int]) -> Bar:
    """How far a sample is verified again, as a picture."""
    return bar(
        "Constats",
        [
            ("good", "conforme", "conformes", counts.get(Conformity.CONFORM, 0)),
            ("bad", "non conforme", "non conformes", counts.get(Conformity.NONCONFORM, 0)),
            ("warn", "à vérifier", "à vérifier", counts.get(None, 0)),
        ],
    )


def audit_page(audit: UUID, typed: Typed, status: int = 200) -> Response:
    """An audit as its reader may see it: an editor reads no finding before it is notified."""
    asked = load(schemas.AuditsArguments(), {"limit": MOST, "cursor": request.args.get("cursor")})
    wanted: Page = asked["page"]
    cursor = wanted.keys(int)
    with transaction() as session:
        about, rows = queries.sample(session, actor(), audit, cursor, MOST + 1)
        kept, following = wanted.of(rows, lambda row: [row.position])
        raised = queries.nonconformities(session, actor(), audit, None, MOST_FOUND)
        announced = queries.sanctions(session, actor(), audit, None, MOST_FOUND)
        files = queries.evidence(session, actor(), audit, None, MOST_FOUND)
        return page(
            "audits/page.html",
            status,
            audit=_audit(about, actor()),
            under_way=about.state in UNDER_WAY,
            sample=[sampled_for(actor(), about, one) for one in kept],
            following=following and url_for("console.audits.show", audit=audit, cursor=following),
            progress=_progress(queries.finding_counts(session, about)),
            nonconformities=[_nonconformity(one, actor()) for one in raised],
            sanctions=[_sanction(one, actor()) for one in announced],
            evidence=[evidence_for(actor(), file) for file in files],
            states=(AUDITS.states, NONCONFORMITIES.states, PLANS.states, SANCTIONS.states),
            severities=list(Severity),
            standing_plans=STANDING_PLANS,
            may_audit=may(actor(), Right.AUDIT),
            may_answer=may(actor(), Right.ANSWER_AUDITS),
            may_sanction=may(actor(), Right.SANCTION),
            may_read_files=may(actor(), Right.READ_AUDIT_FILES),
            typed=typed,
        )
