"""Signals over HTTP: the form is open to anybody, the rest to auditors."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec
from uuid import UUID

from flask import Response, request
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.proofs.schemas import ReasonIn
from referencing.web.descriptions import LOCATION, asks_no_key, needs, tells
from referencing.web.idempotency import key_of_request
from referencing.web.pages import Page, id_cursor, listing
from referencing.web.rates import network_of
from referencing.web.requests import actor, actor_if_any, answer, transaction

from . import operations, queries, schemas
from .models import Signal

blueprint = Blueprint(
    "signals", __name__, url_prefix="/api/v1", description="What anybody tells the agency of a solution"
)

P = ParamSpec("P")

_signal = shape(schemas.SignalContentOut)
_status = shape(schemas.SignalStatusOut)
_author = shape(schemas.SignalAuthorOut)


# Before `report`, so that what Flask answers of itself at this address (OPTIONS) asks for a key as everywhere.
@blueprint.route("/signals")
@needs(Right.HANDLE_SIGNALS)
@blueprint.arguments(schemas.SignalsArguments, location="query")
@blueprint.response(200, page_of(schemas.SignalOut))
def list_signals(arguments: dict[str, Any]) -> Response:
    """The signals, in the order of receiving."""
    page: Page = arguments["page"]
    with transaction() as session:
        signals = queries.signals(session, actor(), id_cursor(page), page.limit + 1, state=arguments["state"])
        page_signals, following = page.of(signals, lambda one: [one.id])
        authored = queries.has_author(session, [one.id for one in page_signals])
        return listing(
            [_signal(one, actor()) | {"anonymous": one.id not in authored} for one in page_signals], following
        )


def _small(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Nobody without a key sends more than a signal takes."""

    @wraps(view)
    def bounded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        request.max_content_length = schemas.LARGEST
        return view(*args, **kwargs)

    return bounded


@blueprint.route("/signals", methods=["POST"])
@tells(LOCATION)
@_small
@asks_no_key(hears_one=True)
@blueprint.arguments(schemas.SignalIn)
@blueprint.response(201, schemas.SignalReceiptOut)
def report(words: dict[str, Any]) -> Response:
    """Tell the agency what is wrong with a solution; no key is needed, and nobody has to say who they are.

    The answer is a receipt number and nothing else. With an auditor's key, `channel` and `received_on` enter what came
    by another way. Files are not taken here.
    """
    how = {"channel": words.pop("channel"), "received_on": words.pop("received_on")}
    content, network = operations.Report(**words), network_of(request.remote_addr)
    with transaction() as session:
        signal = operations.receive(
            session, actor_if_any(), content, network, **how, request_key=_request_key()
        )
        if signal.recorded_by is None:
            return answer({"receipt": signal.receipt}, 201)
        place = {"Location": f"/api/v1/signals/{signal.id}"}
        return answer({"receipt": signal.receipt, "id": signal.id}, 201, place)


def _request_key() -> str | None:
    """The digest by which a repeated request is recognised: its Idempotency-Key, its sender and its content.

    The content counts as well, since all who have no account send as nobody.
    """
    key, who = key_of_request(), actor_if_any()
    if key is None:
        return None
    owner = str(who.account_id) if who else ""
    return hashlib.sha256(b"\n".join([owner.encode(), key.encode(), request.get_data()])).hexdigest()


@blueprint.route("/signals/receipts/<receipt>")
@asks_no_key()
@blueprint.response(200, schemas.SignalStatusOut)
def read_signal_status(receipt: str) -> Response:
    """The status of a signal, for whoever has its receipt number."""
    with transaction() as session:
        return answer(_status(queries.by_receipt(session, receipt)))


@blueprint.route("/signals/<uuid:signal>")
@needs(Right.HANDLE_SIGNALS)
@blueprint.response(200, schemas.SignalOut)
def read_signal(signal: UUID) -> Response:
    """One signal, without its author."""
    with transaction() as session:
        return _signal_answer(session, queries.signal(session, actor(), signal))


def _signal_answer(session: Session, signal: Signal) -> Response:
    authored = queries.has_author(session, [signal.id])
    return answer(_signal(signal, actor()) | {"anonymous": not authored})


@blueprint.route("/signals/<uuid:signal>/qualification", methods=["POST"])
@needs(Right.HANDLE_SIGNALS)
@blueprint.arguments(schemas.QualificationIn)
@blueprint.response(200, schemas.SignalOut)
def qualify(words: dict[str, Any], signal: UUID) -> Response:
    """Say that a signal is worth following, and which candidature it is about."""
    with transaction() as session:
        about = words["candidature"]
        return _signal_answer(
            session, operations.qualify(session, actor(), signal, words["assessment"], about)
        )


@blueprint.route("/signals/<uuid:signal>/dismissal", methods=["POST"])
@needs(Right.HANDLE_SIGNALS)
@blueprint.arguments(schemas.AssessmentIn)
@blueprint.response(200, schemas.SignalOut)
def dismiss(words: dict[str, str], signal: UUID) -> Response:
    """Say why nothing follows from a signal."""
    with transaction() as session:
        return _signal_answer(session, operations.dismiss(session, actor(), signal, words["assessment"]))


@blueprint.route("/signals/<uuid:signal>/reopening", methods=["POST"])
@needs(Right.HANDLE_SIGNALS)
@blueprint.arguments(ReasonIn)
@blueprint.response(200, schemas.SignalOut)
def reopen(words: dict[str, str], signal: UUID) -> Response:
    """Look at a signal again, with a reason."""
    with transaction() as session:
        return _signal_answer(session, operations.reopen(session, actor(), signal, words["reason"]))


@blueprint.route("/signals/<uuid:signal>/author")
@needs(Right.HANDLE_SIGNALS)
@blueprint.response(200, schemas.SignalAuthorOut)
def read_signal_author(signal: UUID) -> Response:
    """The author of a signal, if they said; that it was read is written in the journal."""
    with transaction() as session:
        return answer(_author(operations.author_of(session, actor(), signal)))


@blueprint.route("/signals/<uuid:signal>/author", methods=["DELETE"])
@needs(Right.HANDLE_SIGNALS)
@blueprint.arguments(ReasonIn)
@blueprint.response(204)
def erase_signal_author(words: dict[str, str], signal: UUID) -> Response:
    """Forget the author of a signal, as they asked or as the law says."""
    with transaction() as session:
        operations.erase_author(session, actor(), signal, words["reason"])
        return Response(status=204)
