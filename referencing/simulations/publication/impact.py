"""The impact of rules on the open dossiers: which items would stand otherwise, and its digest, to be named. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from referencing.base.errors import confirm_loss
from referencing.base.french import counted
from referencing.equivalence.engine.resolution import Status

#: From what costs an editor nothing to what is to be supplied: who goes down loses.
RANK = {status: rank for rank, status in enumerate(Status)}


class Move(NamedTuple):
    """An item that would go from one status to another, or keep it by another derivation."""

    candidature: UUID
    item: UUID
    code: str
    before: Status
    after: Status


class Counts(NamedTuple):
    """Items that would lose, gain, and be justified otherwise without either."""

    losing: int
    gaining: int
    otherwise: int

    @classmethod
    def of(cls, moves: Iterable[Move]) -> "Counts":
        steps = [RANK[move.after] - RANK[move.before] for move in moves]
        return cls(sum(step > 0 for step in steps), sum(step < 0 for step in steps), steps.count(0))


class Basis(NamedTuple):
    """The state that an impact is computed from: a version of a rulebook beside the one in force, as of a day."""

    rulebook_id: UUID
    revision: int
    against_id: UUID | None
    applies_on: date


@dataclass(frozen=True, slots=True)
class Impact:
    """The change that rules make to so many open `dossiers`.

    `moves` lists it, unless a `simulation` keeps it; `changed_since` then says what is no longer as it was.
    """

    basis: Basis
    digest: str
    dossiers: int
    counts: Counts
    moves: Sequence[Move] = ()
    simulation: UUID | None = None
    changed_since: Mapping[str, str] | None = None

    @classmethod
    def of(cls, basis: Basis, moves: Sequence[Move]) -> "Impact":
        dossiers = len({move.candidature for move in moves})
        return cls(basis, digest_of(basis, digest_of_moves(moves)), dossiers, Counts.of(moves), moves)

    @property
    def figures(self) -> dict[str, Any]:
        """The digest and the numbers that it stands for."""
        return {"digest": self.digest, "dossiers": self.dossiers, **self.counts._asdict()}

    def confirm(self, digest: str | None) -> None:
        """Raises Unconfirmed for another digest than its own, or for none when something is lost."""
        confirm_loss(
            digest,
            self.figures,
            f"dans {counted(self.dossiers, 'candidature')} en cours, ces règles font perdre tout ou partie du réemploi "
            f"à {counted(self.counts.losing, 'preuve attendue', 'preuves attendues')}, et en font "
            f"gagner à {self.counts.gaining} ; "
            "les dossiers en préparation comptent, sans être nommés",
        )


def digest_of(basis: Basis, moves: str) -> str:
    """SHA-256 (hexadecimal) of a state and of the digest of the moves that follow from it."""
    words = json.dumps([*map(str, basis), moves])
    return hashlib.sha256(words.encode()).hexdigest()


def digest_of_moves(moves: Iterable[Move]) -> str:
    """SHA-256 (hexadecimal) of `ITEM BEFORE AFTER`, a line for each, in the order of the items."""
    lines = sorted(f"{move.item} {move.before.value} {move.after.value}" for move in moves)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
