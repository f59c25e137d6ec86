"""A draft is worked on: what it says is changed, or it is given up."""

from typing import cast
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError, Stale, invalid_field
from referencing.candidatures.api.schemas import CandidatureEdit
from referencing.candidatures.filing import amending
from referencing.console.typed import component_line, lines, load, number, refused, words
from referencing.web.requests import actor, transaction

from .routes import prepare_page

blueprint = Blueprint("drafts", __name__)


@blueprint.post("/dossiers/<uuid:candidature>/modification")
def amend(candidature: UUID) -> Response:
    """Change what a draft says; its reuse is resolved again."""
    try:
        said = _said()
        with transaction() as session:
            _, differences = amending.amend(session, actor(), candidature, _revision(), said)
    except DomainError as error:
        return prepare_page(candidature, refused(error), error.status)
    address = url_for("console.prepare.show", candidature=candidature, changees=len(differences))
    return redirect(address, 303)


def _said() -> amending.Changes:
    """All that the form says, a list that it has emptied too. Raises Invalid."""
    typed = {**words("software_version", "mode"), "profiles": lines("profiles")}
    if not typed["software_version"]:
        raise invalid_field("software_version", "Ce champ ne peut pas être vide.")
    parts = [component_line(line) for line in lines("composition")]
    said = load(CandidatureEdit(), {**typed, "composition": parts})
    pairs = [(part["role"], part["component"]) for part in said.get("composition", ())]
    return cast("amending.Changes", {"profiles": [], **said, "composition": pairs})


def _revision() -> int:
    """The revision that the form was made of. Raises Stale."""
    typed = number(request.form.get("revision", ""))
    if isinstance(typed, str):
        raise Stale(amending.CHANGED)
    return typed


@blueprint.post("/dossiers/<uuid:candidature>/effacement")
def give_up(candidature: UUID) -> Response:
    """Give a draft up: nobody finds it any more."""
    try:
        with transaction() as session:
            amending.give_up(session, actor(), candidature, _revision())
    except DomainError as error:
        return prepare_page(candidature, refused(error), error.status)
    return redirect(url_for("console.dossiers.find"), 303)
