"""Who is told of what happens: the webhooks of one's organisation or of the agency, and what became of deliveries."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError, Invalid
from referencing.base.permissions import Actor
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, refused, words
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, parts, transaction
from referencing.webhooks import operations, queries
from referencing.webhooks.keys import service_key
from referencing.webhooks.models import Webhook
from referencing.webhooks.routes import reach
from referencing.webhooks.schemas import TOLD, WebhookIn
from referencing.webhooks.states import WEBHOOK

blueprint = Blueprint("webhooks", __name__)

#: How many deliveries are on a page; there are no more webhooks than MOST_WEBHOOKS.
MOST = 50


@blueprint.get("/webhooks")
def find() -> Response:
    """The webhooks that there are, and the form of another."""
    return _list(BLANK)


@blueprint.post("/webhooks")
def make() -> Response:
    """Make one, and show its secret, this once."""
    try:
        with transaction() as session:
            key = service_key(parts().settings)
            webhook, secret = operations.make(session, actor(), key, reach(), _words())
            return page("webhooks/shown_once.html", 201, webhook=webhook, secret=secret)
    except DomainError as error:
        return _list(refused(error), error.status)


def _list(typed: Typed, status: int = 200) -> Response:
    with transaction() as session:
        webhooks = queries.webhooks(session, actor(), None, operations.MOST_WEBHOOKS)
        return page(
            "webhooks/list.html",
            status,
            webhooks=webhooks,
            states=WEBHOOK.states,
            sentences=TOLD,
            typed=typed,
        )


@blueprint.get("/webhooks/<uuid:webhook>")
def show(webhook: UUID) -> Response:
    """One of them, what may be done with it, and the log of its deliveries."""
    return _page(webhook, BLANK)


@blueprint.post("/webhooks/<uuid:webhook>")
def change(webhook: UUID) -> Response:
    """Tell another address, or of other events."""

    def changed(session: Session) -> None:
        operations.change(session, actor(), webhook, _revision(), reach(), _words())

    return _done(webhook, "change", changed)


@blueprint.post("/webhooks/<uuid:webhook>/secret")
def rotate(webhook: UUID) -> Response:
    """Make a new secret, and show it, this once."""
    key = service_key(parts().settings)
    with transaction() as session:
        rotated, secret = operations.rotate(session, actor(), key, webhook)
        return page("webhooks/shown_once.html", 201, webhook=rotated, secret=secret)


@blueprint.post("/webhooks/<uuid:webhook>/essai")
def test(webhook: UUID) -> Response:
    """Have something delivered that is about nothing."""
    return _acted(webhook, "essai", operations.test)


@blueprint.post("/webhooks/<uuid:webhook>/service")
def switch_on(webhook: UUID) -> Response:
    """Have it told again, of all that came meanwhile too."""
    return _acted(webhook, "service", operations.switch_on)


@blueprint.post("/webhooks/<uuid:webhook>/arret")
def switch_off(webhook: UUID) -> Response:
    """Have it told nothing until it is on again."""
    return _acted(webhook, "arret", operations.switch_off)


@blueprint.post("/webhooks/<uuid:webhook>/fin")
def remove(webhook: UUID) -> Response:
    """Remove it with its log, once it was said that this is meant."""
    try:
        if not request.form.get("meant"):
            raise Invalid("Cochez la case : un webhook supprimé perd son journal.")
        with transaction() as session:
            operations.remove(session, actor(), webhook, _revision())
    except DomainError as error:
        return _page(webhook, refused(error), error.status)
    return redirect(url_for(".find", fait="fin"), 303)


def _acted(webhook_id: UUID, what: str, act: Callable[[Session, Actor, UUID], Webhook]) -> Response:
    return _done(webhook_id, what, lambda session: act(session, actor(), webhook_id))


def _done(webhook_id: UUID, what: str, act: Callable[[Session], object]) -> Response:
    """The page of one, which says what was done, or why not."""
    try:
        with transaction() as session:
            act(session)
    except DomainError as error:
        return _page(webhook_id, refused(error), error.status)
    return redirect(url_for(".show", webhook=webhook_id, fait=what), 303)


def _words() -> dict[str, Any]:
    """The whole form: where no event was ticked, the list is empty."""
    return load(WebhookIn(), {**words("label", "address"), "events": request.form.getlist("events")})


def _revision() -> int:
    return request.form.get("revision", 0, type=int)


def _page(webhook_id: UUID, typed: Typed, status: int = 200) -> Response:
    asked = listed(MOST)
    with transaction() as session:
        webhook = queries.webhook(session, actor(), webhook_id)
        attempts = queries.deliveries(session, actor(), webhook_id, id_cursor(asked), MOST + 1)
        kept, following = asked.of(attempts, lambda delivery: [delivery.id])
        return page(
            "webhooks/page.html",
            status,
            webhook=webhook,
            actions=WEBHOOK.open_to(actor(), webhook.state),
            states=WEBHOOK.states,
            sentences=TOLD,
            deliveries=kept,
            following=following and url_for(".show", webhook=webhook_id, cursor=following),
            typed=typed,
        )
