"""The saved views beside a list: one leads to what it shows, the list opens with one, and what is shown now is kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.base.permissions import Right, may
from referencing.base.shapes import shape
from referencing.console.typed import Typed, load, narrowing, refused
from referencing.saved_views import operations
from referencing.saved_views.models import Listed
from referencing.saved_views.queries import READS, beside, own_view, saved_view
from referencing.saved_views.schemas import SavedViewIn, SavedViewOut
from referencing.web.requests import actor, transaction

#: How many are shown beside a list.
MOST = 100
#: The parameter of an address that shows all of a list, whatever view it opens with.
ALL = "tout"
_view = shape(SavedViewOut)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The views of a list at `address`; `chosen` is what narrows it down now."""

    address: str
    chosen: Mapping[str, str]
    views: Sequence[Mapping[str, Any]]
    keeps: bool
    shares: bool

    @property
    def whole(self) -> str:
        return _narrowed(self.address, {})

    def leads_to(self, view: Mapping[str, Any]) -> str:
        return _narrowed(self.address, view["filters"])

    @property
    def in_hand(self) -> Mapping[str, Any] | None:
        """The view that the list shows now."""
        return next((view for view in self.views if self.chosen and view["filters"] == self.chosen), None)


def shelf(
    session: Session, address: str, list_of: Listed, filters: Sequence[str], chosen: Mapping[str, str]
) -> Shelf:
    """What this reader keeps, and what is shared with them: none that the page would show as more than it is."""
    keeps = may(actor(), Right.KEEP_VIEWS) and may(actor(), READS[list_of])
    views = beside(session, actor(), list_of, filters, MOST) if keeps else ()
    shown = [_view(view, actor()) | {"own": view.account_id == actor().account_id} for view in views]
    return Shelf(address, chosen, shown, keeps, may(actor(), Right.STEER_QUEUES))


def opened_with(shelf: Shelf) -> Response | None:
    """Onward to the view that the list opens with, for who asks for nothing in particular."""
    first = next((view for view in shelf.views if view["own"] and view["opens"]), None)
    asks_for_nothing = request.method == "GET" and not request.args
    return redirect(shelf.leads_to(first), 303) if first and asks_for_nothing else None


def add_shelf(
    blueprint: Blueprint,
    address: str,
    list_of: Listed,
    filters: Sequence[str],
    show: Callable[[Typed, int], Response],
) -> None:
    """The forms of the shelf of a list, which `show` shows again with what is wrong."""

    def acting(act: Callable[[Session, dict[str, str]], object]) -> Response:
        chosen = narrowing(*filters)
        try:
            with transaction() as session:
                act(session, chosen)
        except DomainError as error:
            return show(refused(error), error.status)
        return redirect(_narrowed(address, chosen), 303)

    def keep() -> Response:
        """Under the name of a view that one has, in its place."""

        def write(session: Session, chosen: dict[str, str]) -> None:
            ticked = {name: name in request.form for name in ("opens", "shared")}
            said = {"list_of": list_of, "name": request.form.get("name", "").strip(), "filters": chosen}
            words = load(SavedViewIn(), said | ticked)
            if same := own_view(session, actor(), list_of, words["name"]):
                operations.change(session, actor(), same.id, same.revision, words)
            else:
                operations.keep(session, actor(), words)

        return acting(write)

    def remove(view: UUID) -> Response:
        return acting(
            lambda session, _: operations.remove(
                session, actor(), view, saved_view(session, actor(), view).revision
            )
        )

    blueprint.add_url_rule(f"{address}/vues", "keep_view", keep, methods=["POST"])
    blueprint.add_url_rule(f"{address}/vues/<uuid:view>/suppression", "remove_view", remove, methods=["POST"])


def _narrowed(address: str, filters: Mapping[str, str]) -> str:
    """A list with these filters; without any, all of it, whatever view it opens with."""
    return f"{address}?{urlencode(filters or {ALL: 1})}"
