"""The rules in force beside others that are tried, on the lists of a dossier: compiled and compared once for each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.equivalence.rulebooks.hypotheses import rules_tried
from referencing.equivalence.rulebooks.queries import KnownRules


class Tried(Protocol):
    """A version of a rulebook that is tried beside the one in force (`against_id`), as it applies on a day."""

    @property
    def rulebook_id(self) -> UUID: ...
    @property
    def revision(self) -> int: ...
    @property
    def against_id(self) -> UUID | None: ...
    @property
    def applies_on(self) -> date: ...


@dataclass(frozen=True, slots=True)
class Pair:
    """What is known under both rules; `differing` are the proofs that they may answer otherwise, None for any."""

    before: KnownRules
    after: KnownRules
    differing: frozenset[str] | None

    @property
    def alike(self) -> bool:
        """Whether every proof is answered as before."""
        return self.differing is not None and not self.differing


def pairs(session: Session, tried: Tried) -> Callable[[tuple[UUID, ...]], Pair]:
    """Both rules on given lists. It raises Edited when the version that is tried is gone."""

    @cache
    def pair(lists: tuple[UUID, ...]) -> Pair:
        before = rules_tried(session, lists, tried.against_id, None, tried.applies_on)
        after = rules_tried(session, lists, tried.rulebook_id, tried.revision, tried.applies_on)
        differing = before.knowledge.differing(after.knowledge)
        return Pair(before, after, None if differing is None else frozenset(differing))

    return pair
