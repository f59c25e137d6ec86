"""What a changed component costs a dossier, and the requests that two versions of a component be declared alike."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.alike_versions import acceptance, asking, queries, revocation
from referencing.alike_versions.asking import Asked, hindered
from referencing.alike_versions.comparison import compared
from referencing.alike_versions.models import AlikeRequest
from referencing.alike_versions.schemas import MOST_FILES, AlikeAcceptanceIn, AlikeRequestIn
from referencing.alike_versions.states import REQUEST, RequestAction, RequestState
from referencing.base.errors import DomainError
from referencing.base.permissions import Right, may
from referencing.base.schemas import Schema
from referencing.components.queries import last_words
from referencing.console.dossiers.file import dossier_file
from referencing.console.files.sent import sent_files
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, refused, words
from referencing.proofs.schemas import ReasonIn
from referencing.revocations.impact import Impact, impact_of
from referencing.revocations.queries import dossier_names
from referencing.revocations.schemas import RevocationIn
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, parts, transaction

blueprint = Blueprint("alike", __name__)

#: How many are on a page of the list.
MOST = 50


@blueprint.get("/dossiers/<uuid:candidature>/composants")
def compare(candidature: UUID) -> Response:
    """What the dossier loses by its components, what it could keep, and the form that asks for it."""
    return _comparison(candidature, BLANK)


@blueprint.post("/dossiers/<uuid:candidature>/composants")
def ask(candidature: UUID) -> Response:
    """Ask that the version of a component with which the software was verified be declared alike to today's."""
    try:
        said = words("role", "reason", "reference")
        own = None if actor().of_agency else request.form.get("software")
        components = request.form.getlist("component")
        with transaction() as session:
            asked = cast("Asked", load(AlikeRequestIn(), {**said, "components": components, "software": own}))
            asking.may_ask(session, actor(), asked)
        files = sent_files(MOST_FILES)
        with transaction() as session:
            made = asking.ask(session, actor(), parts().vault, asked, files)
    except DomainError as error:
        return _comparison(candidature, refused(error), error.status)
    return redirect(url_for(".show", request_id=made.id), 303)


def _comparison(candidature: UUID, typed: Typed, status: int = 200) -> Response:
    with transaction() as session:
        file = dossier_file(session, actor(), candidature)
        components = {*file.candidature.configuration.composition.values()}
        return page(
            "alike/compare.html",
            status,
            file=file,
            comparison=compared(session, actor(), candidature),
            embedded=last_words(session, actor(), file.candidature.software_id, components),
            may_ask=may(actor(), Right.ASK_ALIKE_VERSIONS),
            typed=typed,
        )


@blueprint.get("/versions-equivalentes")
def find() -> Response:
    """The requests that one may read, in the order of asking; those that wait, unless all are asked for."""
    wanted, everything = listed(MOST), request.args.get("voir") == "toutes"
    with transaction() as session:
        state = RequestState.ASKED if actor().of_agency and not everything else None
        rows = queries.requests(session, actor(), id_cursor(wanted), MOST + 1, state)
        kept, following = wanted.of(rows, lambda row: [row.id])
        onward = following and url_for(".find", cursor=following, voir="toutes" if everything else None)
        return page("alike/list.html", requests=kept, everything=everything, following=onward)


@blueprint.get("/versions-equivalentes/<uuid:request_id>")
def show(request_id: UUID) -> Response:
    """A request, and the forms that answer it."""
    return _page(request_id, BLANK)


@blueprint.post("/versions-equivalentes/<uuid:request_id>/essai")
def try_out(request_id: UUID) -> Response:
    """What accepting it, or taking the declaration back, would do: nothing is changed."""
    return _page(request_id, BLANK, tried=True)


@blueprint.post("/versions-equivalentes/<uuid:request_id>/acceptation")
def accept(request_id: UUID) -> Response:
    """Declare the two versions alike, having seen what it does."""
    return _answering(
        request_id,
        AlikeAcceptanceIn(),
        ("valid_from", "digest"),
        lambda session, said: acceptance.accept(session, actor(), parts().vault, request_id, **said),
        tried=True,
    )


@blueprint.post("/versions-equivalentes/<uuid:request_id>/refus")
def refuse(request_id: UUID) -> Response:
    """Refuse, and say why."""
    return _answering(
        request_id,
        ReasonIn(),
        ("reason",),
        lambda session, said: asking.refuse(session, actor(), request_id, said["reason"]),
    )


@blueprint.post("/versions-equivalentes/<uuid:request_id>/retrait")
def withdraw(request_id: UUID) -> Response:
    """Take one's own request back."""
    return _answering(
        request_id, Schema(), (), lambda session, _: asking.withdraw(session, actor(), request_id)
    )


@blueprint.post("/versions-equivalentes/<uuid:request_id>/revocation")
def revoke(request_id: UUID) -> Response:
    """Take the declaration back, having seen what it does."""
    return _answering(
        request_id,
        RevocationIn(),
        ("reason", "digest"),
        lambda session, said: revocation.revoke(session, actor(), request_id, **said),
        tried=True,
    )


def _answering(
    request_id: UUID,
    schema: Schema,
    names: tuple[str, ...],
    do: Callable[[Session, dict[str, Any]], object],
    *,
    tried: bool = False,
) -> Response:
    try:
        said = load(schema, words(*names))
        with transaction() as session:
            do(session, said)
    except DomainError as error:
        return _page(request_id, refused(error), error.status, tried=tried)
    return redirect(url_for(".show", request_id=request_id), 303)


def _page(request_id: UUID, typed: Typed, status: int = 200, *, tried: bool = False) -> Response:
    with transaction() as session:
        shown = queries.request(session, actor(), request_id)
        actions = REQUEST.open_to(actor(), shown.state, partial(hindered, shown, actor()))
        impact = None
        try:
            impact = _impact(session, shown, actions) if tried else None
        except DomainError as error:
            if not typed.problem:
                typed, status = refused(error), error.status
        return page(
            "alike/page.html",
            status,
            request_shown=shown,
            actions=actions,
            impact=impact,
            dossiers=dossier_names(session, actor(), {one.candidature for one in impact.effects})
            if impact
            else {},
            typed=typed,
        )


def _impact(session: Session, shown: AlikeRequest, actions: list[RequestAction]) -> Impact | None:
    """What the answer that is open would do. Raises what hinders it."""
    if RequestAction.ACCEPT in actions:
        effects = acceptance.what_if_accepted(session, actor(), parts().vault, shown.id)
    elif RequestAction.REVOKE in actions:
        effects = revocation.what_if_revoked(session, actor(), shown.id, "")
    else:
        return None
    return impact_of(session, actor(), effects, dry_run=True)
