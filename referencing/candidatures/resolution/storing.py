"""What the engine answers for dossiers, written: grants, states of items, and how they stood."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import update_rows
from referencing.candidatures.record.history import Row, standing_row, unsettled
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import ItemState
from referencing.candidatures.tasks.tracks import leave_sessions
from referencing.equivalence.engine.resolution import Item as Answer
from referencing.equivalence.grants.operations import NewGrant, end_grants, new_grants, store_grants
from referencing.equivalence.rulebooks import queries as rulebooks
from referencing.journal.operations import Author, Line, record_all

from .resolved import Change, NewItem, Resolved, Standing


@dataclass(frozen=True, slots=True)
class ToResolve:
    """A dossier to resolve, and who did what makes it so; `reached` are the proofs to look at, None for all."""

    candidature: Candidature
    author: Author
    rulebook_id: UUID | None
    lists: tuple[UUID, ...]
    rules: rulebooks.KnownRules
    reached: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Answered:
    """The items of a dossier with what the engine answers for each, and what changes by it."""

    dossier: ToResolve
    resolved: Resolved
    items: Sequence[tuple[Standing, Answer]]
    changes: Sequence[Change]


#: How an item that changed stands: its state, and the grant that it stands on, by item.
Stored = Mapping[UUID, tuple[ItemState, UUID | None]]


def store(session: Session, answered: Sequence[Answered]) -> Stored:
    """How the items that changed stand now, told in the timeline of each dossier."""
    stored = store_reuse(session, answered)
    rows = [{"id": item, "state": state, "grant_id": grant} for item, (state, grant) in stored.items()]
    update_rows(session, Item, rows)
    for answers in answered:
        if any(change.item.session_id is not None for change in answers.changes):
            reused = Item.state.in_([ItemState.COVERED, ItemState.TO_CONFIRM])
            leave_sessions(session, answers.dossier.candidature, reused)
    return stored


def store_reuse(session: Session, answered: Sequence[Answered]) -> Stored:
    """Store the grants of what changed, and tell it; answers how the items of these dossiers are to stand."""
    changes = [change for answers in answered for change in answers.changes]
    if not changes:
        return {}
    end_grants(session, [change.item.Grant.id for change in changes if change.item.Grant is not None])
    granted = {grant_of: grant for answers in answered for grant_of, grant in _granted(answers)}
    store_grants(session, granted.values())
    record_all(session, [_told(answers) for answers in answered])
    return {
        change.item.id: (
            change.state,
            granted[change.item.id].id if change.item.id in granted else None,
        )
        for change in changes
    }


def _granted(answers: Answered) -> Iterator[tuple[UUID, NewGrant]]:
    """A grant, not stored yet, for each item that is reused from now on, or otherwise than before."""
    reused = {
        change.answer.proof: change
        for change in answers.changes
        if change.state in {ItemState.COVERED, ItemState.TO_CONFIRM}
    }
    candidature = answers.dossier.candidature
    grants = new_grants(
        candidature.id,
        candidature.core_id,
        answers.dossier.rulebook_id,
        [change.answer for change in reused.values()],
        answers.resolved.known,
        answers.resolved.rules.names,
    )
    for code, grant in grants.items():
        yield reused[code].item.id, grant


def _told(answers: Answered) -> Line:
    rulebook_id = answers.dossier.rulebook_id
    return Line(
        answers.dossier.author,
        "candidature.resolved",
        f"candidature:{answers.dossier.candidature.id}",
        {
            "rulebook": str(rulebook_id) if rulebook_id else None,
            "items": {
                change.item.code: [change.item.state.value, change.state.value] for change in answers.changes
            },
        },
    )


def standings(answered: Sequence[Answered], stored: Stored) -> list[Row]:
    """How the items stand that stand otherwise than is kept of them, for later questions.

    Also those that are required as they were, where the nearest facts changed.
    """
    return [row for answers in answered for row in _standings_of(answers, stored)]


def _standings_of(answers: Answered, stored: Stored) -> Iterator[Row]:
    for item, answer in answers.items:
        unchanged = (item.state, item.Grant and item.Grant.id)
        state, grant_id = stored.get(item.id, unchanged)
        written = unsettled(state, answer)
        if (item.stood, item.stood_on, item.answered) != (state, grant_id, written):
            yield standing_row(
                item.id, state, grant_id, answer=written, rulebook_id=answers.dossier.rulebook_id
            )


def new_row(
    candidature: Candidature,
    item: NewItem,
    state: ItemState = ItemState.REQUIRED,
    grant_id: UUID | None = None,
) -> dict[str, Any]:
    """The row of an item that stands so."""
    return {
        "id": item.id,
        "candidature_id": candidature.id,
        "core_id": candidature.core_id,
        "expected_proof_id": item.expected_proof_id,
        "position": item.position,
        "track": item.track,
        "state": state,
        "grant_id": grant_id,
    }
