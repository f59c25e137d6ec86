"""Edits of one rule of a draft, each made on the revision that its form was made from."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.console.typed import refused
from referencing.equivalence.rulebooks import editing
from referencing.web.forms import one_file
from referencing.web.requests import actor, transaction

from . import entries
from .routes import reported, rules_page

blueprint = Blueprint("rulebook_edits", __name__)


@blueprint.post("/regles/<uuid:rulebook>/correspondances")
def put_correspondence(rulebook: UUID) -> Response:
    """Write or replace a correspondence."""

    def put(session: Session) -> object:
        rule = entries.correspondence()
        return editing.put_correspondence(session, actor(), rulebook, entries.revision(), rule)

    return _edited(rulebook, put)


@blueprint.post("/regles/<uuid:rulebook>/correspondances/retrait")
def remove_correspondence(rulebook: UUID) -> Response:
    """Remove a correspondence."""
    code = request.form.get("id", "")
    return _edited(
        rulebook,
        lambda session: editing.remove_correspondence(session, actor(), rulebook, entries.revision(), code),
    )


@blueprint.post("/regles/<uuid:rulebook>/politiques/<int:position>")
def put_policy(rulebook: UUID, position: int) -> Response:
    """Replace the policy at a position, or add one after the last."""
    return _edited(
        rulebook,
        lambda session: editing.put_policy(
            session, actor(), rulebook, entries.revision(), position, entries.policy()
        ),
    )


@blueprint.post("/regles/<uuid:rulebook>/politiques/<int:position>/retrait")
def remove_policy(rulebook: UUID, position: int) -> Response:
    """Remove a policy."""
    return _edited(
        rulebook,
        lambda session: editing.remove_policy(session, actor(), rulebook, entries.revision(), position),
    )


@blueprint.post("/regles/<uuid:rulebook>/certificats")
def put_kind(rulebook: UUID) -> Response:
    """Write or replace what a kind of certificate covers."""
    return _edited(
        rulebook,
        lambda session: editing.put_kind(session, actor(), rulebook, entries.revision(), entries.kind()),
    )


@blueprint.post("/regles/<uuid:rulebook>/certificats/retrait")
def remove_kind(rulebook: UUID) -> Response:
    """Remove a kind of certificate."""
    kind = request.form.get("kind", "")
    return _edited(
        rulebook,
        lambda session: editing.remove_kind(session, actor(), rulebook, entries.revision(), kind),
    )


@blueprint.post("/regles/<uuid:rulebook>/certificats/tableau")
def import_kinds(rulebook: UUID) -> Response:
    """Read the table of what certificates replace in one DSR, and show the report by row."""

    def read(session: Session) -> object:
        rows, counts, problems = editing.import_kinds(
            session, actor(), rulebook, request.form.get("dsr", ""), one_file("dsr")
        )
        return {"rows": rows, **counts, "problems": problems}

    return reported(rulebook, read)


def _edited(rulebook: UUID, act: Callable[[Session], object]) -> Response:
    try:
        with transaction() as session:
            act(session)
    except DomainError as error:
        return rules_page(rulebook, refused(error), error.status)
    shown: dict[str, Any] = {**request.args.to_dict(), "rulebook": rulebook, "fait": "modifie"}
    return redirect(url_for("console.rulebooks.show", **shown), 303)
