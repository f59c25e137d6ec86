"""Signals, for auditors: the list, what came by another way, and what is said of each."""

import re
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.base.permissions import Right, authorise
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, load, refused, words
from referencing.proofs.schemas import ReasonIn
from referencing.signals import operations, queries
from referencing.signals.models import SignalAuthor
from referencing.signals.schemas import AssessmentIn, QualificationIn, SignalIn, SignalsArguments
from referencing.signals.states import STATES, Channel, SignalState
from referencing.web.pages import Page, id_cursor
from referencing.web.places import network_of
from referencing.web.requests import actor, transaction

blueprint = Blueprint("signals", __name__)

MOST = 50
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@blueprint.get("/signalements")
def find() -> Response:
    """The signals, in the order of receiving; narrowed down by their state."""
    return _list(BLANK)


@blueprint.post("/signalements")
def enter() -> Response:
    """Enter a signal that came by another way."""
    try:
        said = load(
            SignalIn(), words("solution", "editor", "description", "observed_on", "channel", "received_on")
        )
        how = {"channel": said.pop("channel"), "received_on": said.pop("received_on")}
        with transaction() as session:
            authorise(actor(), Right.HANDLE_SIGNALS)
            network = network_of(request.remote_addr)
            signal = operations.receive(session, actor(), operations.Report(**said), network, **how)
    except DomainError as error:
        return _list(refused(error), error.status)
    return redirect(url_for("console.signals.show", signal=signal.id), 303)


def _list(typed: Typed, status: int = 200) -> Response:
    chosen = request.args.get("state", "")
    asked = {"state": chosen, "limit": MOST, "cursor": request.args.get("cursor")}
    arguments = load(SignalsArguments(), asked)
    wanted: Page = arguments["page"]
    with transaction() as session:
        rows = queries.signals(session, actor(), id_cursor(wanted), MOST + 1, state=arguments["state"])
        kept, following = wanted.of(rows, lambda row: [row.id])
        return page(
            "signals/list.html",
            status,
            signals=kept,
            following=following and url_for(".find", state=chosen or None, cursor=following),
            chosen=chosen,
            states=STATES,
            channels=[channel for channel in Channel if channel is not Channel.FORM],
            typed=typed,
        )


@blueprint.get("/signalements/<uuid:signal>")
def show(signal: UUID) -> Response:
    """One signal, without its author."""
    return _page(signal, BLANK)


def _page(signal: UUID, typed: Typed, status: int = 200, author: SignalAuthor | None = None) -> Response:
    with transaction() as session:
        chosen = queries.signal(session, actor(), signal)
        return page(
            "signals/page.html",
            status,
            signal=chosen,
            authored=bool(queries.has_author(session, [signal])),
            author=author,
            states=STATES,
            is_new=chosen.state is SignalState.RECEIVED,
            typed=typed,
        )


@blueprint.post("/signalements/<uuid:signal>/retenir")
def qualify(signal: UUID) -> Response:
    """Say that it is worth following, and which dossier it is about: its number, or the address of its page."""

    def act(session: Session) -> object:
        said = words("assessment", "candidature")
        named = _ID.search(said["candidature"])
        said["candidature"] = named[0] if named else said["candidature"]
        loaded = load(QualificationIn(), said)
        return operations.qualify(session, actor(), signal, loaded["assessment"], loaded["candidature"])

    return _acting(signal, act)


@blueprint.post("/signalements/<uuid:signal>/classer")
def dismiss(signal: UUID) -> Response:
    """Say why nothing follows from it."""
    return _acting(
        signal,
        lambda session: operations.dismiss(
            session, actor(), signal, load(AssessmentIn(), words("assessment"))["assessment"]
        ),
    )


@blueprint.post("/signalements/<uuid:signal>/rouvrir")
def reopen(signal: UUID) -> Response:
    """Look at it again, with a reason."""
    return _acting(signal, lambda session: operations.reopen(session, actor(), signal, _reason()))


@blueprint.post("/signalements/<uuid:signal>/auteur")
def read_author(signal: UUID) -> Response:
    """The author of a signal, once: that they were read is written in the journal."""
    with transaction() as session:
        author = operations.author_of(session, actor(), signal)
        session.expunge(author)
    return _page(signal, BLANK, author=author)


@blueprint.post("/signalements/<uuid:signal>/auteur/fin")
def erase_author(signal: UUID) -> Response:
    """Forget its author, with a reason."""
    return _acting(signal, lambda session: operations.erase_author(session, actor(), signal, _reason()))


def _reason() -> str:
    reason: str = load(ReasonIn(), words("reason"))["reason"]
    return reason


def _acting(signal: UUID, act: Any) -> Response:
    try:
        with transaction() as session:
            act(session)
    except DomainError as error:
        return _page(signal, refused(error), error.status)
    return redirect(url_for("console.signals.show", signal=signal), 303)
