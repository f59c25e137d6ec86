"""What live verification brings, from what was counted: shares, times, and an estimate of the days saved. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date

from referencing.base.workdays import days_until
from referencing.catalogue.proposals import ProofKind

#: Items that queues decided in a period: fewer tell nothing of what such items take.
ENOUGH = 5

#: A couloir, and the first day of a month.
Key = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Usual:
    """What items decided in the queues took the agency, in working days on average; all where no kind is named."""

    kind: ProofKind | None
    chapter: str | None
    items: int
    days: float


@dataclass(frozen=True, slots=True)
class Decided:
    """So many items decided live, alike in all this; `booked_on` is when their session was."""

    couloir: str
    month: date
    chapter: str
    kind: ProofKind
    booked_on: date
    decided_on: date
    items: int


@dataclass(slots=True)
class Counts:
    """Counts of items; `minutes` is the sum of what the `timed` took, `days_saved` of what the compared would have."""

    decided: int = 0
    decided_in_duo: int = 0
    decided_live: int = 0
    first_live: int = 0
    first_live_conform: int = 0
    first_queue: int = 0
    first_queue_conform: int = 0
    timed: int = 0
    minutes: float = 0
    compared_alike: int = 0
    compared_overall: int = 0
    not_compared: int = 0
    days_saved: float = 0

    @property
    def compared(self) -> int:
        return self.compared_alike + self.compared_overall


@dataclass(slots=True)
class Month:
    """Figures of a couloir in the month that begins on `month`. Its sessions were held, broke off, or were missed."""

    couloir: str
    month: date
    sessions: int = 0
    absent_editor: int = 0
    absent_agency: int = 0
    chapters: dict[str, Counts] = field(default_factory=dict)

    @property
    def no_shows(self) -> int:
        return self.absent_editor + self.absent_agency

    @property
    def whole(self) -> Counts:
        """The sum of all chapters: each item has one chapter."""
        if not self.chapters:
            return Counts()
        return Counts(*(sum(column) for column in zip(*map(astuple, self.chapters.values()), strict=True)))


@dataclass(frozen=True, slots=True)
class Figures:
    """The months in which there was something, and what their items are compared with."""

    months: Sequence[Month]
    usual: Sequence[Usual]


def share(part: int, whole: int) -> float | None:
    """How many in a hundred, to a decimal; None of nothing."""
    return round(100 * part / whole, 1) if whole else None


def compare(months: dict[Key, Month], live: Iterable[Decided], usual: Iterable[Usual]) -> None:
    """Count what was saved: what items of the same kind and chapter usually take, less the wait for the session.

    Items of which too few were decided in the queues are compared with all; without enough of these, with none.
    """
    days = {(one.kind, one.chapter): one.days for one in usual}
    for decided in live:
        # Decided since the others were counted, it may be the first of its month or chapter.
        month = months.setdefault((decided.couloir, decided.month), Month(decided.couloir, decided.month))
        counts = month.chapters.setdefault(decided.chapter, Counts())
        took = days_until(decided.decided_on, decided.booked_on)
        if (alike := days.get((decided.kind, decided.chapter))) is not None:
            counts.compared_alike += decided.items
            counts.days_saved += decided.items * (alike - took)
        elif (overall := days.get((None, None))) is not None:
            counts.compared_overall += decided.items
            counts.days_saved += decided.items * (overall - took)
        else:
            counts.not_compared += decided.items
