"""A live session: its page, what changes it for everybody, and the stream by which everybody sees it."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.base.schemas import Schema
from referencing.base.shapes import shape
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, given_back, load, refused, words
from referencing.console.wording import day
from referencing.duo.booking import replacing
from referencing.duo.conduct import operations, schemas
from referencing.duo.conduct.streams import follow
from referencing.duo.minutes import operations as minutes
from referencing.duo.minutes import queries as minutes_queries
from referencing.duo.minutes.pdf import render
from referencing.duo.minutes.routes import FILENAME
from referencing.duo.minutes.schemas import SignatureIn, SignatureOut
from referencing.duo.rooms import operations as rooms
from referencing.duo.rooms.providers.settings import providers
from referencing.duo.rooms.schemas import FailureIn, LinkIn
from referencing.duo.sessions import people, queries
from referencing.duo.sessions.models import CheckKind
from referencing.duo.sessions.phases import PHASES, LineState
from referencing.files.reads.models import ReadKind
from referencing.files.reads.operations import note_session_read
from referencing.web.requests import actor, last_event, parts, transaction

from .happened import KINDS
from .sheet import sheet
from .timecodes import written

blueprint = Blueprint("live", __name__)


@blueprint.get("/seances/<uuid:live>")
def show(live: UUID) -> Response:
    """The session as it is now, with the line in hand."""
    return session_page(live, BLANK)


@blueprint.get("/seances/<uuid:live>/evenements")
def watch(live: UUID) -> Response:
    """The stream of what happens in the session, for a browser with its cookie."""
    with transaction() as session:
        queries.live_session(session, actor(), live)
        return follow(session, live, last_event(request.args.get("after", 0, type=int)))


def session_page(live: UUID, typed: Typed, status: int = 200, link: str | None = None) -> Response:
    with transaction() as session:
        shown = sheet(session, actor(), live, request.values.get("preuve"))
        return page(
            "live/page.html",
            status,
            sheet=shown,
            live=shown.live,
            typed=typed,
            link=link,
            phases=PHASES,
            kinds=" ".join(KINDS),
            timecode=written,
            day_of=lambda iso: day(date.fromisoformat(iso)),
            checks=CheckKind,
            states=LineState,
        )


def acting(live: UUID, act: Callable[[Session], object], *, unsent: bool = False) -> Response:
    """Do it, and show the session again; what cannot be done is told on its page, with what was typed.

    What is `unsent` of the form stays typed after what was done, too.
    """
    try:
        with transaction() as session:
            act(session)
    except DomainError as error:
        return session_page(live, refused(error), error.status)
    if unsent:
        return session_page(live, given_back())
    return redirect(url_for("console.live.show", live=live, preuve=request.form.get("preuve") or None), 303)


def said(schema: Schema, *names: str) -> dict[str, Any]:
    return load(schema, words(*names))


@blueprint.post("/seances/<uuid:live>/<any(ouverture, reprise, presence, depart):what>")
def change(live: UUID, what: str) -> Response:
    """Open, go on after a pause, be there, or leave: what needs no words."""
    acts = {
        "ouverture": operations.open_session,
        "reprise": operations.resume,
        "presence": people.arrive,
        "depart": people.depart,
    }
    return acting(live, lambda session: acts[what](session, actor(), live))


@blueprint.post("/seances/<uuid:live>/pause")
def pause(live: UUID) -> Response:
    """Suspend the session for a while."""
    return acting(
        live,
        lambda session: operations.pause(
            session, actor(), live, said(schemas.SessionReasonIn(), "reason")["reason"]
        ),
    )


@blueprint.post("/seances/<uuid:live>/cloture")
def close(live: UUID) -> Response:
    """End the session; where nothing was decided, once that was confirmed."""

    def act(session: Session) -> None:
        words_of_end = said(schemas.EndingIn(), "leftovers", "reason")
        operations.close(
            session,
            actor(),
            live,
            words_of_end["leftovers"],
            words_of_end["reason"],
            nothing_decided="sure" in request.form,
        )

    return acting(live, act)


@blueprint.post("/seances/<uuid:live>/interruption")
def interrupt(live: UUID) -> Response:
    """Technical trouble ends the session."""

    def act(session: Session) -> None:
        words_of_end = said(schemas.InterruptionIn(), "leftovers", "reason")
        operations.interrupt(session, actor(), live, words_of_end["leftovers"], words_of_end["reason"])

    return acting(live, act)


@blueprint.post("/seances/<uuid:live>/absence")
def miss(live: UUID) -> Response:
    """One side did not come."""
    return acting(
        live,
        lambda session: operations.miss(
            session, actor(), live, **said(schemas.MissedIn(), "absent", "leftovers", "reason")
        ),
    )


@blueprint.post("/seances/<uuid:live>/annulation")
def cancel(live: UUID) -> Response:
    """Call the session off before it begins."""
    return acting(
        live,
        lambda session: operations.cancel(
            session, actor(), live, said(schemas.CalledOffIn(), "reason")["reason"]
        ),
    )


@blueprint.post("/seances/<uuid:live>/essais/<any(room, test_cards, test_patients):kind>")
def note_check(live: UUID, kind: str) -> Response:
    """Note whether the room, the test cards or the test patients work."""

    def act(session: Session) -> None:
        noted = said(schemas.TechnicalCheckIn(), "passed", "comment")
        operations.note_check(session, actor(), live, CheckKind(kind), **noted)

    return acting(live, act)


@blueprint.post("/seances/<uuid:live>/ordre")
def order(live: UUID) -> Response:
    """Move a pending line before the one above it, take it off the agenda, or add an item at its end."""

    def act(session: Session) -> None:
        pending = request.form.getlist("order")
        item, revision = request.form.get("item", ""), request.form.get("revision", 0, type=int)
        place = pending.index(item) if item in pending else 0
        pending = [one for one in pending if one != item]
        if request.form.get("move") == "up":
            pending.insert(max(place - 1, 0), item)
        elif request.form.get("move") == "add":
            pending.append(item.strip())
        operations.set_agenda(session, actor(), live, revision, pending)

    return acting(live, act)


@blueprint.post("/seances/<uuid:live>/salle")
def enter(live: UUID) -> Response:
    """A link of one's own to the room: shown, since it leads away from the console."""
    try:
        with transaction() as session:
            link, _ = rooms.enter(session, actor(), providers(parts().settings.duo), live)
    except DomainError as error:
        return session_page(live, refused(error), error.status)
    return session_page(live, BLANK, link=link)


@blueprint.post("/seances/<uuid:live>/salle/lien")
def give_link(live: UUID) -> Response:
    """Meet in a room made elsewhere."""
    return acting(
        live, lambda session: rooms.give_link(session, actor(), live, said(LinkIn(), "link")["link"])
    )


@blueprint.post("/seances/<uuid:live>/salle/panne")
def replace_room(live: UUID) -> Response:
    """The room does not work: everybody goes to one of the next provider."""

    def act(session: Session) -> None:
        failed = said(FailureIn(), "room", "reason")
        rooms.replace(session, actor(), providers(parts().settings.duo), live, **failed)

    return acting(live, act)


@blueprint.post("/seances/<uuid:live>/remplacement")
def replace_verifier(live: UUID) -> Response:
    """A lead has another verifier come."""

    def act(session: Session) -> None:
        named = said(schemas.ReplacementIn(), "leaving", "coming")
        revision = request.form.get("revision", 0, type=int)
        replacing.replace_verifier(session, actor(), live, **named, revision=revision)

    return acting(live, act)


@blueprint.get("/seances/<uuid:live>/proces-verbal.pdf")
def read_minutes(live: UUID) -> Response:
    """The minutes, as pages to print."""
    with transaction() as session:
        _, kept = minutes.read(session, actor(), live)
        signatures = [*map(shape(SignatureOut), minutes_queries.signatures(session, live))]
        note_session_read(session, actor(), request.remote_addr, ReadKind.MINUTES, live, FILENAME)
    return Response(
        render(orjson.loads(kept.document), kept.sha256, signatures), content_type="application/pdf"
    )


@blueprint.post("/seances/<uuid:live>/signature")
def sign(live: UUID) -> Response:
    """Sign the minutes that one has read, or say why not."""
    return acting(
        live,
        lambda session: minutes.sign(
            session, actor(), live, **said(SignatureIn(), "sha256", "outcome", "reserves")
        ),
    )
