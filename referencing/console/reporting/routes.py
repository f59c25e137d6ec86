"""Telling the agency what is wrong with a solution, its receipt, and what became of it. No account is needed."""

import hashlib
import secrets
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, load, refused, words
from referencing.signals import operations, queries
from referencing.signals.schemas import LARGEST, SignalAuthorIn, SignalIn
from referencing.signals.states import STATUS
from referencing.web.places import network_of
from referencing.web.requests import transaction

blueprint = Blueprint("reporting", __name__)


@blueprint.get("/signalement")
def show() -> Response:
    """The form; a solution of the list may be named by the address."""
    return _form(BLANK, solution=request.args.get("solution", ""), editor=request.args.get("editor", ""))


@blueprint.post("/signalement")
def report() -> Response:
    """Keep a signal, and show its receipt once; sent again, the form shows the receipt that it got."""
    request.max_content_length = LARGEST
    try:
        said = load(SignalIn(), _signal())
        content = operations.Report(
            **{name: said[name] for name in ("solution", "editor", "description", "observed_on", "author")}
        )
        with transaction() as session:
            signal = operations.receive(
                session, None, content, network_of(request.remote_addr), request_key=_request_key()
            )
            return page("reporting/receipt.html", 201, receipt=signal.receipt)
    except DomainError as error:
        return _form(refused(error), error.status)


@blueprint.post("/signalement/suivi")
def read_status() -> Response:
    """What became of the signal of a receipt number, which no address ever carries."""
    try:
        with transaction() as session:
            signal = queries.by_receipt(session, request.form.get("receipt", ""))
            return page("reporting/status.html", signal=signal, said=STATUS[signal.state])
    except DomainError as error:
        beside = Typed(refused(error).values, {"receipt": error.detail})
        return _form(beside, error.status)


def _signal() -> dict[str, Any]:
    author = {name: request.form.get(f"author/{name}", "").strip() for name in SignalAuthorIn().fields}
    return {**words("solution", "editor", "description", "observed_on"), "author": author}


def _request_key() -> str | None:
    """A digest of the form that was given out, of its network and of what it says: a signal is kept once."""
    once = request.form.get("once", "")
    if not once:
        return None
    said = sorted((name, value) for name, value in request.form.items())
    return hashlib.sha256(repr((request.remote_addr, said)).encode()).hexdigest()


def _form(typed: Typed, status: int = 200, **named: str) -> Response:
    return page(
        "reporting/form.html",
        status,
        typed=typed,
        named=named,
        once=typed.value("once") or secrets.token_urlsafe(16),
    )
