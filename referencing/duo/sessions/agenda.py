"""Which items a session has time for, and in which order. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from referencing.catalogue.proposals import ProofKind

#: Minutes of a session in which nothing is shown: who is there, what comes next.
AROUND = 5
#: Minutes that an item takes, as long as nothing was learned from sessions; each step of its scenario adds one.
DEFAULT: Mapping[ProofKind, int] = {
    ProofKind.DEMONSTRATION: 4,
    ProofKind.LOG: 6,
    ProofKind.DOCUMENT: 4,
    ProofKind.TEST_REPORT: 4,
    ProofKind.CERTIFICATE: 2,
    ProofKind.PENTEST: 10,
    ProofKind.OTHER: 5,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that could be shown: `minutes` is what it is expected to take, `position` its place in the dossier."""

    id: UUID
    position: int
    minutes: int


C = TypeVar("C", bound=Candidate)


@dataclass(frozen=True, slots=True)
class Proposal(Generic[C]):
    """What fits, in the order in which it is shown, and what is left for another session or the queue."""

    chosen: Sequence[C]
    left: Sequence[C]

    @property
    def minutes(self) -> int:
        return sum(one.minutes for one in self.chosen)


@dataclass(frozen=True, slots=True)
class Excess(Generic[C]):
    """An agenda that a slot has no time for: the minutes that it takes in all, and what of it would fit."""

    minutes: int
    fits: Sequence[C]


def estimate(kind: ProofKind, steps: int, learned: float | None) -> int:
    """Minutes, at least one; `learned` is what such items took, when enough of them were shown."""
    return max(1, round(learned)) if learned is not None else DEFAULT[kind] + steps


def propose(candidates: Sequence[C], length: int) -> Proposal[C]:
    """As many items as `length` minutes allow: the shortest first, then as the dossier has them.

    One that is longer than any session is not left out for ever: alone, the first is chosen whatever its length.
    """
    ordered = sorted(candidates, key=lambda one: (one.minutes, one.position, one.id))
    chosen = _fitting(ordered, length - AROUND) or ordered[:1]
    return Proposal(chosen, [one for one in ordered if one not in chosen])


def _fitting(candidates: Sequence[C], room: int) -> list[C]:
    """The candidates, in their order, for which there is room in so many minutes."""
    fitting = list[C]()
    for candidate in candidates:
        if candidate.minutes <= room:
            fitting.append(candidate)
            room -= candidate.minutes
    return fitting


def too_long(kept: Sequence[int], added: Sequence[C], length: int) -> Excess[C] | None:
    """What is too much when items join those that take `kept` minutes each; None when all of it fits.

    An item alone fits any session. Of what is added, what would fit is told in the order given.
    """
    total = sum(kept) + sum(one.minutes for one in added) + AROUND
    if len(kept) + len(added) <= 1 or total <= length:
        return None
    return Excess(total, _fitting(added, length - AROUND - sum(kept)))
