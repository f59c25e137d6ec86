"""What became of many lines that were sent at once, as a page tells it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import request

from referencing.base.errors import DomainError
from referencing.console.typed import BLANK, Typed


@dataclass(frozen=True, slots=True)
class Report:
    """How many were done; of each that was refused its id, its name, and why."""

    done: int
    refusals: Sequence[tuple[UUID, str, str]]

    @classmethod
    def of(cls, refused: Mapping[UUID, DomainError], names: Mapping[UUID, str], sent: int) -> "Report":
        """The report on `sent` lines, of which these were refused; a line without a name is told by its id."""
        refusals = [(id_, names.get(id_, str(id_)), error.detail) for id_, error in refused.items()]
        return cls(sent - len(refusals), refusals)

    def kept(self, ticks: str) -> Typed:
        """What was typed, with the lines that were refused ticked again; blank when none was."""
        if not self.refusals:
            return BLANK
        return Typed({**request.form.to_dict(), f"{ticks}[]": [str(id_) for id_, _, _ in self.refusals]})


def refused_among(ids: Sequence[UUID], outcomes: Sequence[object]) -> dict[UUID, DomainError]:
    """The refusals among the outcomes of these lines, by id."""
    return {id_: one for id_, one in zip(ids, outcomes, strict=True) if isinstance(one, DomainError)}
