"""What follows for whole dossiers when items change: their deliberation, their tasks and who has to move next."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.candidatures.record import queries
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import CANDIDATURE, Action, ItemState, State, settled
from referencing.candidatures.tasks.holders import follow_balls
from referencing.candidatures.tasks.opening import follow_all_confirmations
from referencing.journal.operations import Author, Line, record_all

#: How many items of each dossier are in each state.
Counted = Mapping[UUID, Mapping[ItemState, int]]


def follow_items(session: Session, authors: Mapping[Candidature, Author]) -> None:
    """Items of these dossiers may have changed, each by its author's doing: all that hangs on them follows."""
    counted = queries.counts_of(session, [candidature.id for candidature in authors])
    _instruct_again(session, authors, counted)
    follow_all_confirmations(session, [*authors])
    _settle(session, authors, counted)
    follow_balls(session, [*authors], counted)


def settle(session: Session, candidature: Candidature, author: Author) -> None:
    """When nothing more is expected of anybody, the dossier goes to deliberation."""
    if candidature.state is State.IN_REVIEW:
        _settle(session, {candidature: author}, queries.counts_of(session, [candidature.id]))


def _settle(session: Session, authors: Mapping[Candidature, Author], counted: Counted) -> None:
    done = {
        candidature: author
        for candidature, author in authors.items()
        if candidature.state is State.IN_REVIEW and settled(counted[candidature.id])
    }
    _move(session, done, Action.SETTLE, "candidature.settled")


def _instruct_again(session: Session, authors: Mapping[Candidature, Author], counted: Counted) -> None:
    """An item that no longer stands takes its dossier back from deliberation."""
    undone = {
        candidature: author
        for candidature, author in authors.items()
        if candidature.state is State.DELIBERATION and not settled(counted[candidature.id])
    }
    _move(session, undone, Action.SEND_BACK, "candidature.reopened")


def _move(session: Session, authors: Mapping[Candidature, Author], action: Action, told: str) -> None:
    for candidature in authors:
        candidature.state = CANDIDATURE.follow("La candidature", candidature.state, action)
    lines = [
        Line(author, told, f"candidature:{candidature.id}", {}) for candidature, author in authors.items()
    ]
    record_all(session, lines)
