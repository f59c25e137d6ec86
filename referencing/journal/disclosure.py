"""What a reader is told of an entry: outside the agency, neither who in it acted nor what is its own affair."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from referencing.base.permissions import OF_AN_ORGANISATION, Actor

from .events.table import sentence
from .models import INTERNAL, Entry

AGENCY, AGENCY_ROLE = "agence", "agency"
#: Fields that entries of release 0.1 keep under another name: they are sealed, and told under the name of today.
_RENAMED = {"item": "code", "finding": "outcome", "on": "performed_on", "to_come": "missing"}


class Disclosed(NamedTuple):
    """An entry for one reader; `sentence` is what happened, in French."""

    stream: str
    number: int
    at: datetime
    action: str
    sentence: str
    by: str
    role: str
    detail: dict[str, Any]


def disclosed(entry: Entry, reader: Actor) -> Disclosed:
    return Disclosed(
        entry.stream,
        entry.number,
        entry.at,
        entry.action,
        sentence(entry.stream, entry.action, entry.detail),
        **author_view(entry.actor, entry.role, reader),
        detail={
            _RENAMED.get(key, key): _with_names(value, entry.people) if key == INTERNAL else value
            for key, value in entry.detail.items()
            if reader.of_agency or key != INTERNAL
        },
    )


def _with_names(internal: Mapping[str, Any], people: Mapping[str, str] | None) -> dict[str, Any]:
    return {key: (people or {}).get(value, value) for key, value in internal.items()}


def author_view(name: str, role: str, reader: Actor) -> dict[str, str]:
    """An editor sees that the agency acted, not who in it did."""
    hidden = not reader.of_agency and role not in OF_AN_ORGANISATION
    return {"by": AGENCY if hidden else name, "role": AGENCY_ROLE if hidden else role}
