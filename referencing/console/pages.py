"""A page of the console: its template, who reads it, and where they can go from there."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Response, render_template

from referencing.base.permissions import Right, may
from referencing.web.requests import actor_if_any


class Entry(NamedTuple):
    """A link at the head of every page: who has the right reads it, everybody who is signed in where there is none."""

    endpoint: str
    name: str
    key: str
    right: Right | None = None


#: What the head of every page leads to: the endpoint, its name, its key, and who may read it.
ENTRIES: tuple[Entry, ...] = (
    Entry("console.work.show", "Mon travail", "h"),
    Entry("console.dossiers.find", "Dossiers", "g", Right.READ_CANDIDATURES),
    Entry("console.slots.show", "Séances", "v", Right.FOLLOW_SESSIONS),
    Entry("console.steering.show", "Pilotage", "l", Right.STEER_QUEUES),
    Entry("console.rulebooks.find", "Règles", "z", Right.EDIT_RULEBOOKS),
    Entry("console.people.find", "Personnes", "u", Right.MANAGE_PEOPLE),
    Entry("console.signals.find", "Contrôle", "u", Right.HANDLE_SIGNALS),
    Entry("console.catalogue.find", "Catalogue", "b", Right.EDIT_CATALOGUE),
)


def page(template: str, status: int = 200, **shown: Any) -> Response:
    """A page for who asks, or for the `reader` that is shown to it: None once they have gone out."""
    reader = shown.pop("reader", actor_if_any())
    entries = [entry for entry in ENTRIES if reader and (entry.right is None or may(reader, entry.right))]
    body = render_template(template, reader=reader, entries=entries, **shown)
    return Response(body, status=status, content_type="text/html; charset=utf-8")


def refusal(problem: Mapping[str, Any]) -> Response:
    """What cannot be shown or done, and what to do instead, of a problem as the API tells it."""
    return page("refusal.html", problem["status"], title=problem["title"], detail=problem["detail"])
