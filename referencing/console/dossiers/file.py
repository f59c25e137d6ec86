"""A dossier as its pages show it: where it stands and why, who has to act, and what its reader may do now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.permissions import Actor, Right, Role, may
from referencing.candidatures.api import queries
from referencing.candidatures.record import queries as record_queries
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import ItemState, State
from referencing.messages.queries import reading

from .chart import Bar, bars
from .lines import lines_of

#: The phases that a dossier goes through, in order, with the states in which it is there.
PHASES: Sequence[tuple[str, frozenset[State]]] = (
    ("Préparation", frozenset({State.DRAFT, State.INCOMPLETE})),
    ("Recevabilité", frozenset({State.SUBMITTED})),
    ("Instruction", frozenset({State.IN_REVIEW})),
    ("Délibération", frozenset({State.DELIBERATION})),
    ("Décision", frozenset({State.REFERENCED, State.REFUSED, State.SUSPENDED, State.DELISTED})),
)


@dataclass(frozen=True, slots=True)
class DossierFile:
    candidature: Candidature
    line: Mapping[str, Any]
    unread: int
    may_discuss: bool
    may_follow: bool
    may_prepare: bool

    @property
    def phase(self) -> int | None:
        """The place of its phase among PHASES; None once it was withdrawn."""
        state = self.candidature.state
        return next((place for place, (_, states) in enumerate(PHASES) if state in states), None)


def dossier_file(session: Session, actor: Actor, candidature_id: UUID) -> DossierFile:
    """Raises NotFound for another organisation's as for none."""
    candidature = record_queries.candidature(session, actor, candidature_id)
    (line,) = lines_of(session, actor, queries.counted(session, [candidature]))
    discusses = may(actor, Right.DISCUSS)
    return DossierFile(
        candidature,
        line,
        unread=reading(session, actor, candidature_id).unread if discusses else 0,
        may_discuss=discusses,
        may_follow=may(actor, Right.FOLLOW_CANDIDATURES),
        may_prepare=actor.role is Role.EDITOR
        and candidature.state in {State.DRAFT, State.INCOMPLETE, State.IN_REVIEW},
    )


def progress(session: Session, candidature_id: UUID) -> list[Bar]:
    return bars(record_queries.counts_by_chapter(session, candidature_id))


def waiting_for_editor(line: Mapping[str, Any]) -> int:
    """How many items the editor still has to do something about."""
    states = (ItemState.REQUIRED, ItemState.COMPLEMENT)
    return sum(int(line["progress"][state.value]) for state in states)
