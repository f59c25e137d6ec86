"""An editor prepares a dossier: what is left to supply, what is covered and why, files on items, and the filing."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.base.permissions import Right, authorise
from referencing.candidatures.api.item_schemas import PerformedOnIn
from referencing.candidatures.filing import dating, supplying
from referencing.console.dossiers.file import dossier_file
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, load, refused, words
from referencing.console.wording import MODES
from referencing.proofs.schemas import ReasonIn
from referencing.web.requests import actor, parts, transaction

from .composing import Composed, composed
from .receiving import Outcome, receive

blueprint = Blueprint("prepare", __name__)

#: Bytes from which a file goes in pieces, resumed after a cut, where the browser runs scripts.
LARGE = 8 * 1024**2


@blueprint.get("/dossiers/<uuid:candidature>/preparer")
def show(candidature: UUID) -> Response:
    """What is left to do, item by item."""
    return prepare_page(candidature, BLANK)


@blueprint.post("/dossiers/<uuid:candidature>/preparer")
def supply(candidature: UUID) -> Response:
    """Supply the files of the form, each on the item of its field; what is refused is told item by item."""
    try:
        with transaction() as session:
            supplying.may_supply(session, actor(), candidature)
        outcomes = receive(actor(), parts(), candidature)
    except DomainError as error:
        return prepare_page(candidature, refused(error), error.status)
    if outcomes and all(outcome.refused is None for outcome in outcomes):
        return redirect(url_for("console.prepare.show", candidature=candidature, fournies=len(outcomes)), 303)
    return prepare_page(candidature, BLANK, 422, outcomes)


@blueprint.post("/dossiers/<uuid:candidature>/preuves/<uuid:item>/sans-objet")
def claim_not_applicable(candidature: UUID, item: UUID) -> Response:
    """Say why an item does not apply."""
    try:
        with transaction() as session:
            reason = load(ReasonIn(), words("reason"))["reason"]
            supplying.claim_not_applicable(session, actor(), candidature, str(item), reason)
    except DomainError as error:
        return prepare_page(candidature, refused(error), error.status)
    return redirect(url_for("console.prepare.show", candidature=candidature), 303)


@blueprint.post("/dossiers/<uuid:candidature>/preuves/<uuid:item>/sans-objet/reprise")
def take_claim_back(candidature: UUID, item: UUID) -> Response:
    """Take that back, as long as no verifier has it."""
    try:
        with transaction() as session:
            supplying.take_claim_back(session, actor(), candidature, str(item))
    except DomainError as error:
        return prepare_page(candidature, refused(error), error.status)
    return redirect(url_for("console.prepare.show", candidature=candidature), 303)


@blueprint.post("/dossiers/<uuid:candidature>/preuves/<uuid:item>/tests/<uuid:proof>")
def date_test(candidature: UUID, item: UUID, proof: UUID) -> Response:
    """Say on which day an intrusion test was done."""
    try:
        with transaction() as session:
            performed_on = load(PerformedOnIn(), words("performed_on"))["performed_on"]
            dating.date_test(session, actor(), proof, performed_on)
    except DomainError as error:
        return prepare_page(candidature, refused(error), error.status)
    return redirect(url_for("console.prepare.show", candidature=candidature) + f"#item-{item}", 303)


def _written(line: Mapping[str, Any]) -> Typed:
    """The form of a draft as it stands, with the revision that it is changed from."""
    said = {name: line[name] for name in ("software_version", "mode", "revision")}
    components = "\n".join(f"{part['role']} : {part['component']}" for part in line["composition"])
    return Typed({**said, "composition": components, "profiles": "\n".join(line["profiles"])})


def _caught_up(typed: Typed, today: Typed) -> Typed:
    """What was typed over a draft that changed meanwhile, beside what it says now: sent again, it is meant."""
    revision = {"revision": today.value("revision")}
    if typed.wrong or typed.value("revision") == str(today.value("revision")):
        return typed
    wrong = {
        name: f"Aujourd'hui : {MODES.get(value, ' ; '.join(value.splitlines())) or 'rien'}."
        for name, value in today.values.items()
        if name not in revision and typed.value(name).splitlines() != value.splitlines()
    }
    return Typed({**typed.values, **revision}, wrong, typed.problem)


def prepare_page(
    candidature: UUID, typed: Typed, status: int = 200, outcomes: list[Outcome] | None = None
) -> Response:
    with transaction() as session:
        authorise(actor(), Right.PREPARE_CANDIDATURES)
        file = dossier_file(session, actor(), candidature)
        today = _written(file.line)
        shown: Composed = composed(session, actor(), file.candidature)
        return page(
            "prepare/page.html",
            status,
            file=file,
            shown=shown,
            typed=typed,
            outcomes={outcome.item: outcome for outcome in outcomes or ()},
            none_chosen=outcomes == [],
            supplied=request.args.get("fournies", type=int),
            changed=request.args.get("changees", type=int),
            draft=_caught_up(typed, today) if typed.values.get("form") == "draft" else today,
            large=LARGE,
        )
