"""Steering, for leads: how the queues stand, what is overdue, what comes first, which background jobs gave up."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.base.deadlines import Due
from referencing.base.errors import DomainError
from referencing.base.shapes import shape
from referencing.candidatures.tasks.models import Boost, Queue
from referencing.catalogue.queries import dsrs
from referencing.console import wording
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, mistaken, number, refused, words
from referencing.reviews.queues import queries as queues
from referencing.reviews.queues.views import tasks_for
from referencing.reviews.steering import priorities
from referencing.reviews.steering.schemas import BoostIn, BoostOut
from referencing.steering.dead_letters import operations as dead_letters
from referencing.steering.queries import By, figures, loads, period
from referencing.steering.schemas import QueuesArguments
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, transaction

from .figures import GROUPS, charts, load_bars

blueprint = Blueprint("steering", __name__)

#: How many lines are on a page of a list; how many DSRs are looked at for what a boost may name.
MOST, MOST_DSRS = 50, 500
#: How many overdue tasks are shown; the next are shown as these are done.
OVERDUE = 20


@blueprint.get("/pilotage")
def show() -> Response:
    """How the queues stand, by age and by days left; throughput; load; what is overdue."""
    asked = {name: value for name in ("by", "from", "to") if (value := request.args.get(name, "").strip())}
    try:
        return _figures(asked, BLANK)
    except DomainError as error:
        if error.status != 422:
            raise
        return _figures({}, mistaken(asked, error), error.status)


def _figures(asked: dict[str, str], typed: Typed, status: int = 200) -> Response:
    said = load(QueuesArguments(), asked)
    with transaction() as session:
        over = period(session, actor(), said["starts_on"], said["ends_on"])
        people = loads(session, actor(), over)
        late = queues.all_tasks(session, actor(), queues.Among(due=Due.OVERDUE), None, OVERDUE + 1)
        return page(
            "steering/page.html",
            status,
            by=said["by"],
            groups=GROUPS,
            over=over,
            charts=charts(said["by"], figures(session, actor(), said["by"], over)),
            loads=people,
            load_bars=load_bars(people),
            overdue=tasks_for(session, actor(), late),
            most_overdue=OVERDUE,
            typed=typed,
        )


@blueprint.get("/pilotage/priorites")
def list_boosts() -> Response:
    """What comes first for a while, and the form for more."""
    return _boosts(BLANK)


@blueprint.post("/pilotage/priorites")
def boost() -> Response:
    """Put tasks first until a day."""
    try:
        said: dict[str, Any] = dict(
            words("queue", "chapter", "dispositif", "candidature", "reason", "ends_on")
        )
        said |= {name: number(value) for name, value in words("vague", "weight").items()}
        wanted = priorities.WantedBoost(**load(BoostIn(), said))
        with transaction() as session:
            priorities.boost(session, actor(), wanted)
    except DomainError as error:
        return _boosts(refused(error), error.status)
    return redirect(url_for("console.steering.list_boosts", fait="priorite"), 303)


@blueprint.post("/pilotage/priorites/<uuid:boost>/fin")
def end_boost(boost: UUID) -> Response:
    """End one before its day."""
    try:
        with transaction() as session:
            priorities.end_boost(session, actor(), boost)
    except DomainError as error:
        return _boosts(refused(error), error.status)
    return redirect(url_for("console.steering.list_boosts", fait="fin"), 303)


def _boosts(typed: Typed, status: int = 200) -> Response:
    shown = listed(MOST)
    with transaction() as session:
        rows = priorities.boosts(session, actor(), id_cursor(shown), MOST + 1)
        kept, following = shown.of(rows, lambda row: [row.id])
        return page(
            "steering/boosts.html",
            status,
            boosts=[{**shape(BoostOut)(one), "named": _named(one)} for one in kept],
            following=following and url_for(".list_boosts", cursor=following),
            choices=_choices(session),
            typed=typed,
        )


def _choices(session: Session) -> list[tuple[str, str, list[tuple[object, str]]]]:
    """What a boost may name, each with its label and its values: those of the DSRs, and the chapters of tasks."""
    over = period(session, actor(), None, None)
    chapters = [one.group for one in figures(session, actor(), By.CHAPTER, over) if one.group]
    known = dsrs(session, actor(), None, MOST_DSRS)
    return [
        ("queue", "File", [(queue.value, wording.QUEUES[queue]) for queue in Queue]),
        ("chapter", "Chapitre", [(chapter, chapter) for chapter in chapters]),
        ("dispositif", "Dispositif", [(name, name) for name in sorted({dsr.dispositif for dsr in known})]),
        ("vague", "Vague", [(vague, str(vague)) for vague in sorted({dsr.vague for dsr in known})]),
    ]


def _named(boost: Boost) -> str:
    """What a boost names besides a dossier, in words."""
    named = {
        "file ": boost.queue and wording.QUEUES[boost.queue],
        "chapitre ": boost.chapter,
        "": boost.dispositif,
        "vague ": boost.vague,
    }
    return ", ".join(f"{kind}{value}" for kind, value in named.items() if value is not None)


@blueprint.get("/pilotage/abandons")
def list_dead_letters() -> Response:
    """The background jobs that failed too often."""
    return _dead_letters(BLANK)


@blueprint.post("/pilotage/abandons/<uuid:job>/reprise")
def replay(job: UUID) -> Response:
    """Try one again."""
    try:
        with transaction() as session:
            dead_letters.replay(session, actor(), job)
    except DomainError as error:
        return _dead_letters(refused(error), error.status)
    return redirect(url_for("console.steering.list_dead_letters", fait="reprise"), 303)


def _dead_letters(typed: Typed, status: int = 200) -> Response:
    shown = listed(MOST)
    with transaction() as session:
        rows = dead_letters.dead_jobs(session, actor(), id_cursor(shown), MOST + 1)
        kept, following = shown.of(rows, lambda row: [row.id])
        return page(
            "steering/dead_letters.html",
            status,
            jobs=kept,
            following=following and url_for(".list_dead_letters", cursor=following),
            typed=typed,
        )
