"""The catalogue: the DSRs, one with its import, its socles and its publication, and what each version asks for."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError, Malformed
from referencing.base.permissions import Right, may
from referencing.catalogue import importing, operations, queries, schemas
from referencing.catalogue.models import Dsr, DsrVersion
from referencing.catalogue.proposals import ProofKind
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, refused, words
from referencing.web.forms import one_file
from referencing.web.pages import Page
from referencing.web.requests import actor, transaction

blueprint = Blueprint("catalogue", __name__)

#: How many are on a page of a list.
MOST = 50
_WORDS = ("dispositif", "vague", "couloir", "title")


@blueprint.get("/catalogue")
def find() -> Response:
    """The DSRs, by code."""
    return _list(BLANK)


@blueprint.post("/catalogue")
def define() -> Response:
    """Begin a DSR."""
    code = request.form.get("code", "").strip()
    try:
        said = _words()
        with transaction() as session:
            operations.define_dsr(session, actor(), code, **said)
    except DomainError as error:
        return _list(refused(error), error.status)
    return redirect(url_for(".show", dsr=code), 303)


def _list(typed: Typed, status: int = 200) -> Response:
    wanted = listed(MOST)
    with transaction() as session:
        rows = queries.dsrs(session, actor(), wanted.keys(str), MOST + 1)
        kept, following = wanted.of(rows, lambda row: [row.code])
        return page(
            "catalogue/list.html",
            status,
            dsrs=[(dsr, queries.published(dsr), _draft(dsr)) for dsr in kept],
            following=following and url_for(".find", cursor=following),
            edits=may(actor(), Right.EDIT_CATALOGUE),
            typed=typed,
        )


@blueprint.get("/catalogue/<dsr>")
def show(dsr: str) -> Response:
    """Where a DSR stands, what its draft would change, and what may be done now."""
    return _page(dsr, BLANK)


@blueprint.post("/catalogue/<dsr>")
def change(dsr: str) -> Response:
    """Change its words."""
    return _done(dsr, lambda session: operations.define_dsr(session, actor(), dsr, **_words()), "modifie")


@blueprint.post("/catalogue/<dsr>/publication")
def publish(dsr: str) -> Response:
    """Freeze the draft."""
    return _done(dsr, lambda session: operations.publish(session, actor(), dsr), "publie")


@blueprint.post("/catalogue/<dsr>/imports")
def import_requirements(dsr: str) -> Response:
    """Make the draft as a workbook says, and show the report by row."""
    return _reported(dsr, importing.import_requirements)


@blueprint.post("/catalogue/<dsr>/socles")
def link_socles(dsr: str) -> Response:
    """Set from which socle each requirement of the draft descends, and show the report by row."""
    return _reported(dsr, importing.link_socles)


def _done(dsr: str, act: Callable[[Session], object], said: str) -> Response:
    try:
        with transaction() as session:
            act(session)
    except DomainError as error:
        return _page(dsr, refused(error), error.status)
    return redirect(url_for(".show", dsr=dsr, fait=said), 303)


def _reported(dsr: str, act: Callable[..., importing.ImportReport | importing.SocleReport]) -> Response:
    try:
        with transaction() as session:
            report = act(session, actor(), dsr, one_file())
    except DomainError as error:
        return _page(dsr, refused(error), error.status)
    return _page(dsr, BLANK, report=report)


def _page(
    code: str,
    typed: Typed,
    status: int = 200,
    report: importing.ImportReport | importing.SocleReport | None = None,
) -> Response:
    with transaction() as session:
        dsr = queries.readable_dsr(session, actor(), code)
        versions = queries.visible(actor(), dsr)
        return page(
            "catalogue/page.html",
            status,
            dsr=dsr,
            versions=versions[::-1],
            draft=_draft(dsr),
            published=queries.published(dsr),
            summary=queries.summary(session, versions[-1]) if versions else None,
            edits=may(actor(), Right.EDIT_CATALOGUE),
            report=report,
            typed=typed,
        )


@blueprint.get("/catalogue/<dsr>/exigences")
def list_requirements(dsr: str) -> Response:
    """What a version asks for, narrowed down by chapter, kind and guichet."""
    return _requirements(dsr, BLANK)


@blueprint.post("/catalogue/<dsr>/preuves/<uuid:proof>")
def correct(dsr: str, proof: UUID) -> Response:
    """Correct what the text proposed for an expected proof of the draft."""
    code, revision = request.form.get("code", ""), request.form.get("revision", type=int)
    try:
        if revision is None:
            raise Malformed("Ce formulaire n'est pas entier : rouvrez la page des exigences.")
        said = _corrections()
        with transaction() as session:
            operations.correct_proof(session, actor(), dsr, code, revision, said)
    except DomainError as error:
        return _requirements(dsr, refused(error), error.status)
    return redirect(url_for(".list_requirements", dsr=dsr, **_kept(), _anchor=f"proof-{proof}"), 303)


def _requirements(code: str, typed: Typed, status: int = 200) -> Response:
    asked = load(schemas.RequirementsArguments(), {**_kept(), "limit": MOST})
    wanted: Page = asked["page"]
    narrowed = {name: asked[name] for name in ("chapter", "kind", "guichet")}
    with transaction() as session:
        version = queries.version(session, actor(), code, asked["version"])
        rows = queries.requirements(session, version.id, wanted.keys(int), MOST + 1, **narrowed)
        kept, following = wanted.of(rows, lambda row: [row.position])
        return page(
            "catalogue/requirements.html",
            status,
            dsr=version.dsr,
            version=version,
            versions=queries.visible(actor(), version.dsr)[::-1],
            summary=queries.summary(session, version),
            requirements=kept,
            kept={**_kept(), "version": version.number},
            following=following
            and url_for(".list_requirements", dsr=code, **{**_kept(), "cursor": following}),
            kinds=list(ProofKind),
            edits=version.published_at is None,
            typed=typed,
        )


def _kept() -> dict[str, Any]:
    """What the list of requirements is narrowed down by, kept from page to page."""
    names = ("version", "chapter", "kind", "guichet", "cursor")
    return {name: request.args.get(name) or None for name in names}


def _words() -> dict[str, Any]:
    typed = words(*_WORDS)
    vague = typed["vague"]
    return load(schemas.DsrIn(), {**typed, "vague": int(vague) if vague.isdecimal() else vague})


def _corrections() -> dict[str, Any]:
    """A form says all of them: no role, no platform, and an empty box, are said too."""
    several = {name: _several(name) for name in ("roles", "platforms")}
    said = load(schemas.CorrectionIn(), {**words("guichet", "kind"), **several})
    boxes = {name: name in request.form for name in ("duo", "live_without_trace")}
    return {**said, **several, **boxes}


def _several(name: str) -> list[str]:
    return request.form.get(name, "").replace(",", " ").split()


def _draft(dsr: Dsr) -> DsrVersion | None:
    return queries.draft(dsr) if may(actor(), Right.EDIT_CATALOGUE) else None
