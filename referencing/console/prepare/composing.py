"""The items of a dossier as its editor prepares it: by what is to be done about each, with why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from referencing.base.permissions import Actor
from referencing.candidatures.api.queries import items
from referencing.candidatures.api.views import item_view
from referencing.candidatures.record.confidentiality import veiled
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import CANDIDATURE, WITH_EDITOR, Action, ItemState, Track
from referencing.candidatures.resolution.resolved import as_it_stands
from referencing.equivalence.engine.explanation import explain
from referencing.preflight.checks import REUSED, foreseen
from referencing.preflight.points import Preflight

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Composed:
    """`chapters` holds what is left to supply, by chapter; `reused` what equivalence spares, with why.

    `preflight` is what filing it would meet, where its reader may file it.
    """

    chapters: Mapping[str, Sequence[Line]]
    supplied: Sequence[Line]
    reused: Sequence[Line]
    settled: Sequence[Line]
    preflight: Preflight | None

    @property
    def left(self) -> int:
        """How many are to be supplied."""
        return sum(not _to_show(line) for lines in self.chapters.values() for line in lines)

    @property
    def to_show(self) -> int:
        """How many are to be shown live."""
        return sum(map(len, self.chapters.values())) - self.left


def composed(session: Session, actor: Actor, candidature: Candidature) -> Composed:
    """A dossier as it is composed, in a bounded number of statements, whatever the number of items."""
    resolution, facts = as_it_stands(session, candidature)
    told, named = veiled(session, candidature.organisation_id, resolution, facts)
    why = {item.proof: explain(item, named) for item in told.items}
    views = items(session, candidature.id)
    lines = [{**item_view(view, actor), "why": why.get(view.item.expected_proof.code, [])} for view in views]
    may_file = Action.SUBMIT in CANDIDATURE.open_to(actor, candidature.state)
    chapters: dict[str, list[Line]] = {}
    for line in lines:
        if line["state"] in WITH_EDITOR:
            chapters.setdefault(line["chapter"], []).append(line)
    return Composed(
        chapters,
        supplied=[line for line in lines if _may_be_replaced(line)],
        reused=[line for line in lines if line["state"] in REUSED],
        settled=[
            line for line in lines if line["state"] not in WITH_EDITOR | REUSED and not _may_be_replaced(line)
        ],
        preflight=foreseen(session, candidature, views, told, named) if may_file else None,
    )


def _to_show(line: Line) -> bool:
    return bool(line["state"] == ItemState.REQUIRED and line["track"] == Track.DUO)


def _may_be_replaced(line: Line) -> bool:
    """Whether something was supplied, and nobody has begun to read it."""
    unread = line["state"] == ItemState.UNDER_REVIEW and line["may_be_supplied"]
    return bool(line["state"] == ItemState.SUPPLIED or unread)
