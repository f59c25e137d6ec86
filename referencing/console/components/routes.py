"""Components that are verified by themselves, the softwares that declare them, and a lead's word on each."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.base.schemas import Schema
from referencing.components import acceptance, queries, revocation
from referencing.components.schemas import ComponentEmbeddingIn, EmbeddingRevocationIn
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, refused, words
from referencing.revocations.consequences import Effect
from referencing.revocations.impact import Impact, impact_of
from referencing.revocations.queries import dossier_names
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, transaction

blueprint = Blueprint("components", __name__)

#: How many are on a page of a list.
MOST = 50
#: What would be done: the effects on dossiers of it, and what it would be done to, as the form says it.
Tried = tuple[Callable[[Session], Sequence[Effect]], dict[str, Any]]


@blueprint.get("/composants")
def find() -> Response:
    """The softwares that are components of others."""
    wanted = listed(MOST)
    with transaction() as session:
        rows = queries.components(session, actor(), id_cursor(wanted), MOST + 1)
        kept, following = wanted.of(rows, lambda row: [row.id])
        more = following and url_for(".find", cursor=following)
        return page("components/list.html", components=kept, following=more)


@blueprint.get("/composants/<uuid:component>")
def show(component: UUID) -> Response:
    """Who declares a component, and what was accepted."""
    return _page(component, BLANK)


@blueprint.post("/composants/<uuid:component>/essai")
def try_out(component: UUID) -> Response:
    """What accepting that a software embeds it would do: nothing is changed."""
    return _accepting(component, lambda _session, _said: False)


@blueprint.post("/composants/<uuid:component>/acceptation")
def accept(component: UUID) -> Response:
    """Accept that a software embeds it, having seen what it does."""

    def accepted(session: Session, said: dict[str, Any]) -> bool:
        acceptance.accept(session, actor(), component, said["software"], said["component"], said["digest"])
        return True

    return _accepting(component, accepted)


@blueprint.post("/composants/<uuid:component>/revocation/essai")
def try_out_revocation(component: UUID) -> Response:
    """What taking that back would do: nothing is changed."""
    return _revoking(component, lambda _session, _said: False, words("embedding"))


@blueprint.post("/composants/<uuid:component>/revocation")
def revoke(component: UUID) -> Response:
    """Take it back, having seen what it does."""

    def revoked(session: Session, said: dict[str, Any]) -> bool:
        revocation.revoke(session, actor(), said["embedding"], said["reason"], said["digest"])
        return True

    return _revoking(component, revoked, words("embedding", "reason", "digest"))


Do = Callable[[Session, dict[str, Any]], bool]


def _accepting(component: UUID, do: Do) -> Response:
    def effects(said: dict[str, Any]) -> Callable[[Session], Sequence[Effect]]:
        return lambda session: acceptance.what_if_accepted(
            session, actor(), component, said["software"], said["component"]
        )

    typed = words("software", "component", "digest")
    return _answering(component, ComponentEmbeddingIn(), typed, typed, do, effects)


def _revoking(component: UUID, do: Do, typed: dict[str, Any]) -> Response:
    def effects(said: dict[str, Any]) -> Callable[[Session], Sequence[Effect]]:
        return lambda session: revocation.what_if_revoked(session, actor(), said["embedding"], "")

    tried = {"embedding": typed["embedding"], "reason": "-"}  # nothing is kept of it
    return _answering(component, EmbeddingRevocationIn(), tried, typed, do, effects)


def _answering(
    component: UUID,
    schema: Schema,
    tried: dict[str, Any],
    typed: dict[str, Any],
    do: Do,
    effects: Callable[[dict[str, Any]], Callable[[Session], Sequence[Effect]]],
) -> Response:
    """Do what was typed, or show what it would do; where it may not be done, with what is wrong."""
    try:
        meant = load(schema, tried)
    except DomainError as error:
        return _page(component, refused(error), error.status)
    try:
        said = load(schema, {**tried, **typed})
        with transaction() as session:
            done = do(session, said)
    except DomainError as error:
        return _page(component, refused(error), error.status, (effects(meant), meant))
    if done:
        return redirect(url_for(".show", component=component), 303)
    return _page(component, BLANK, tried=(effects(meant), meant))


def _page(component: UUID, typed: Typed, status: int = 200, tried: Tried | None = None) -> Response:
    wanted = listed(MOST)
    with transaction() as session:
        maker = queries.component(session, actor(), component)
        rows = queries.declared(session, actor(), component, wanted.keys(UUID, str), MOST + 1)
        kept, following = wanted.of(rows, lambda row: [row.software.id, row.component])
        impact: Impact | None = None
        if tried is not None:
            try:
                impact = impact_of(session, actor(), tried[0](session), dry_run=True)
            except DomainError as error:
                if not typed.problem:
                    typed, status = refused(error), error.status
        dossiers = {effect.candidature for effect in impact.effects} if impact else set()
        return page(
            "components/page.html",
            status,
            maker=maker,
            declared=kept,
            following=following and url_for(".show", component=component, cursor=following),
            impact=impact,
            tried=tried and tried[1],
            dossiers=dossier_names(session, actor(), dossiers) if dossiers else {},
            typed=typed,
        )
