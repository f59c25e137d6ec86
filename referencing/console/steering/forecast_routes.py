"""The forecast: when each dossier will be done, and what more verifiers or another order would change."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.console.pages import page
from referencing.console.typed import BLANK, listed, load, narrowing, refused
from referencing.steering.forecasts import operations
from referencing.steering.forecasts.queries import Question
from referencing.steering.forecasts.schemas import ForecastArguments
from referencing.steering.forecasts.views import forecast_sheet
from referencing.steering.simulation import Order, Scenario
from referencing.web.pages import sheet
from referencing.web.requests import actor, parts, transaction

from .bands import Bands, bands, dated

blueprint = Blueprint("forecasts", __name__)

#: How many dossiers are on a page.
MOST = 30
#: How it is as things stand, and with what is asked for.
OUTLOOKS = {"now": "", "asked": ", avec ce qui est demandé"}
ORDERS = {
    Order.CURRENT: "celui d'aujourd'hui",
    Order.FIFO: "le plus ancien d'abord",
    Order.SHORTEST_DOSSIER: "le dossier le plus près de sa fin d'abord",
}


@blueprint.get("/pilotage/prevision")
def show() -> Response:
    """The answer that is kept, or how far the one is that is being made."""
    chosen = narrowing("verifiers", "order")
    try:
        return _page(chosen)
    except DomainError as error:
        if error.status not in {409, 422}:
            raise
        return page(
            "steering/forecast.html", error.status, chosen=chosen, orders=ORDERS, typed=refused(error)
        )


def _page(chosen: dict[str, Any]) -> Response:
    wanted = listed(MOST)
    with transaction() as session:
        answered = operations.ask(session, actor(), _question(chosen), fresh_for=_fresh_for())
        kept = answered.answer if answered.kept else None
        first = (wanted.keys(int) or (-1,))[0] + 1
        rows = list(enumerate(kept["items"]))[first:] if kept else []
        shown, following = wanted.of(rows[: MOST + 1], lambda row: [row[0]])
        dossiers = [_dated(dossier) for _, dossier in shown]
        return page(
            "steering/forecast.html",
            answered=answered,
            forecast=kept,
            day=kept and date.fromisoformat(kept["day"]),
            dossiers=dossiers,
            drawn=kept and _drawn(kept, dossiers),
            following=following and url_for(".show", **{**chosen, "cursor": following}),
            chosen=chosen,
            orders=ORDERS,
            typed=BLANK,
        )


def _dated(expected: Mapping[str, Any]) -> dict[str, Any]:
    return {**expected, **{name: expected[name] and dated(expected[name]) for name in OUTLOOKS}}


def _drawn(forecast: Mapping[str, Any], dossiers: Sequence[Mapping[str, Any]]) -> Bands:
    """The bands of all that is there, then of each dossier: as it stands, and as it was asked for."""
    named: list[tuple[str, Mapping[str, Any]]] = [("Tout ce qui est là", _dated(forecast["whole"]))]
    named += [(f"{dossier['commercial_name']} – {dossier['dsr']}", dossier) for dossier in dossiers]
    expected = [
        (f"{name}{words}", days[outlook])
        for name, days in named
        for outlook, words in OUTLOOKS.items()
        if days[outlook] is not None
    ]
    return bands(date.fromisoformat(forecast["day"]), expected)


@blueprint.get("/pilotage/prevision.csv")
def download() -> Response:
    """The answer that is kept, a line for each dossier; the page where there is none yet."""
    chosen = narrowing("verifiers", "order")
    with transaction() as session:
        answered = operations.ask(session, actor(), _question(chosen), fresh_for=_fresh_for())
        if answered.kept is None:
            return redirect(url_for(".show", **chosen), 303)
        return sheet("prevision", forecast_sheet(answered.answer))


@blueprint.post("/pilotage/prevision/<uuid:forecast>/abandon")
def cancel(forecast: UUID) -> Response:
    """Give up the one that is being made."""
    with transaction() as session:
        operations.cancel(session, actor(), forecast)
    return redirect(url_for("console.steering.show"), 303)


def _question(chosen: Mapping[str, Any]) -> Question:
    said = load(ForecastArguments(), chosen)
    return Question(Scenario(said["verifiers"], said["order"]), said["seed"], said["runs"])


def _fresh_for() -> timedelta:
    return timedelta(minutes=parts().settings.forecast_fresh)
