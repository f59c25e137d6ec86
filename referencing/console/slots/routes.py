"""The calendar of live sessions, and what verifiers and leads keep in it: slots offered, leave, who is replaced."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.base.permissions import Right, Role, may
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, lines, load, refused, words
from referencing.duo.sessions import hindrances, queries
from referencing.duo.sessions.phases import PHASES
from referencing.duo.slots import slots
from referencing.duo.slots.schemas import AvailabilityIn
from referencing.reviews.queues.verifiers import verifiers
from referencing.reviews.steering import declarations
from referencing.reviews.steering.schemas import AbsenceIn
from referencing.web.requests import actor, transaction

from .weeks import MOST, wanted_monday, week_of, with_slots

blueprint = Blueprint("slots", __name__)


@blueprint.get("/seances")
def show() -> Response:
    """A week of sessions, with what one offers."""
    return _page(BLANK)


def _page(typed: Typed, status: int = 200) -> Response:
    reader = actor()
    offers = may(reader, Right.OFFER_SLOTS)
    with transaction() as session:
        planned = week_of(session, reader, wanted_monday(session))
        needing = [hindrances.that_need_verifier(session, wanted=True)]
        return page(
            "slots/week.html",
            status,
            week=with_slots(session, reader, planned) if offers else planned,
            needing=queries.sessions(session, reader, None, MOST, which=needing) if offers else (),
            offered=slots.availabilities(session, reader, None, MOST) if offers else (),
            absences=declarations.absences(session, reader, None, MOST) if offers else (),
            verifiers=verifiers(session, reader, None, MOST) if reader.role is Role.LEAD else (),
            offers=offers,
            phases=PHASES,
            typed=typed,
        )


@blueprint.post("/creneaux")
def offer() -> Response:
    """Offer slots: once, or each week until a day."""

    def act(session: Session) -> None:
        terms: dict[str, Any] = words(
            "verifier", "first_day", "last_day", "starts_at", "ends_at", "slot_minutes"
        )
        terms |= {"excepted": lines("excepted"), "chapters": lines("chapters"), "couloirs": lines("couloirs")}
        slots.offer(session, actor(), slots.Offer(**load(AvailabilityIn(), terms)))

    return _acting(act)


@blueprint.post("/creneaux/<uuid:slot>/retrait")
def withdraw(slot: UUID) -> Response:
    """No longer offer one slot."""
    return _acting(lambda session: slots.withdraw_slot(session, actor(), slot))


@blueprint.post("/creneaux/series/<uuid:availability>/retrait")
def withdraw_all(availability: UUID) -> Response:
    """No longer offer what one availability gives."""
    return _acting(lambda session: slots.withdraw_availability(session, actor(), availability))


@blueprint.post("/conges")
def declare_absence() -> Response:
    """Say on which days a verifier is away."""
    return _acting(
        lambda session: declarations.declare_absence(
            session, actor(), **load(AbsenceIn(), words("verifier", "starts_on", "ends_on"))
        )
    )


@blueprint.post("/conges/<uuid:absence>/retrait")
def end_absence(absence: UUID) -> Response:
    """Take days of leave back."""
    return _acting(lambda session: declarations.end_absence(session, actor(), absence))


def _acting(act: Callable[[Session], object]) -> Response:
    try:
        with transaction() as session:
            act(session)
    except DomainError as error:
        return _page(refused(error), error.status)
    return redirect(url_for("console.slots.show", semaine=request.args.get("semaine")), 303)
