"""The search for the best derivation of a proof, by the uses of the facts that speak for its sources.

No fact is looked at: what is found holds for every target of whose facts the same use may be made, so it is kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .clauses import KEEPS_FULL, NEEDS_FULL_BODY, Clause
from .guards import Use

#: The best use of the facts that speak for each proof; no fact speaks for the others.
Uses = Mapping[str, Use]

#: The uses in the order in which they are tried: the facts of one and of all those before it may be stood on.
_TRIED = (Use.AUTO, Use.CONFIRM, Use.WAIT)


class Outline(NamedTuple):
    """A derivation whose facts are not named yet: a clause, and how each proof of its body is established."""

    clause: Clause
    sources: tuple["Outline | str", ...]  # a proof by itself is one for which facts speak


class Outcome(NamedTuple):
    """The best derivation of a goal, and the least use of those of its facts that it took to be tried.

    Where nothing establishes the goal, `blocked` are the proofs whose facts would have a part in it if no guard failed.
    """

    use: Use
    in_full: bool = False
    depth: int | None = None
    outline: Outline | str | None = None
    leaves: tuple[str, ...] = ()  # the proofs whose facts the derivation stands on
    blocked: tuple[str, ...] = ()


def outcome(goal: str, clauses: Sequence[Clause], uses: Uses) -> Outcome:
    """The outcome for a goal, of which these are all the clauses between its sources, in one fixed order."""
    search = _Search(goal, clauses, uses)
    there = set(uses.values())
    for use in _TRIED:
        # Without a fact of this very use, only partial strength can be new, and that by `CONFIRM` alone.
        if use not in there and not (use is Use.CONFIRM and Use.AUTO in there):
            continue
        full, some = search.establish(use)
        if goal in full.depth:
            return _outcome_by(use, goal, full, full)
        if goal in some.depth and use is not Use.AUTO:
            return _outcome_by(use, goal, full, some)
    return Outcome(Use.BLOCKED, blocked=search.useful(Use.BLOCKED))


def useful(goal: str, clauses: Sequence[Clause], uses: Uses, worst: Use) -> tuple[str, ...]:
    """The proofs whose facts have a part in some derivation of a goal by facts of `worst` use or better."""
    return _Search(goal, clauses, uses).useful(worst)


@dataclass(slots=True)
class _Established:
    """The proofs that are established, each by its last step, None for a fact, with the smallest depth."""

    depth: dict[str, int] = field(default_factory=dict)
    reason: dict[str, Clause | None] = field(default_factory=dict)

    def holds(self, body: Iterable[str]) -> bool:
        return self.depth.keys() >= set(body)

    def add(self, code: str, depth: int, reason: Clause | None) -> None:
        self.depth[code] = depth
        self.reason[code] = reason


def _outcome_by(use: Use, goal: str, full: _Established, some: _Established) -> Outcome:
    leaves: set[str] = set()
    outline = _outline(goal, some, full, leaves)
    return Outcome(use, goal in full.depth, some.depth[goal], outline, tuple(sorted(leaves)))


def _outline(code: str, established: _Established, full: _Established, leaves: set[str]) -> Outline | str:
    """How a proof is established; the proofs at its leaves are added to `leaves`."""
    clause = established.reason[code]
    if clause is None:
        leaves.add(code)
        return code
    below = full if clause.relation in NEEDS_FULL_BODY else established
    return Outline(clause, tuple([_outline(source, below, full, leaves) for source in clause.body]))


class _Search:
    """The search for the derivations of one goal."""

    __slots__ = ("clauses", "goal", "uses")

    def __init__(self, goal: str, clauses: Sequence[Clause], uses: Uses) -> None:
        self.goal = goal
        self.clauses = clauses
        self.uses = uses

    def establish(self, worst: Use) -> tuple[_Established, _Established]:
        """The proofs that facts of `worst` use or better establish, in full, and in full or in part.

        Level by level, so that the first reason found for a proof is one of the smallest depth.
        """
        full, some = self._usable(worst), self._usable(worst)
        depth, goes_on = 0, True
        while goes_on:
            depth += 1
            fuller = self._established_by_clauses(full, full, KEEPS_FULL)
            more = self._established_by_clauses(full, some, None)
            for established, new in ((full, fuller), (some, more)):
                for code, clause in new.items():
                    established.add(code, depth, clause)
            goes_on = bool(fuller or more)
        return full, some

    def useful(self, worst: Use) -> tuple[str, ...]:
        """The proofs whose facts have a part in some derivation of the goal, in one fixed order."""
        full, some = self.establish(worst)
        if self.goal not in some.depth:
            return ()
        of_head: dict[str, list[Clause]] = defaultdict(list)
        for clause in self.clauses:
            of_head[clause.head].append(clause)
        seen: set[tuple[str, bool]] = set()
        waiting = [(self.goal, False)]
        while waiting:
            code, in_full = waiting.pop()
            if (code, in_full) in seen:
                continue
            seen.add((code, in_full))
            for clause in of_head[code]:
                if in_full and clause.relation not in KEEPS_FULL:
                    continue
                body_in_full = in_full or clause.relation in NEEDS_FULL_BODY
                if (full if body_in_full else some).holds(clause.body):
                    waiting += [(source, body_in_full) for source in clause.body]
        return tuple(sorted({code for code, _ in seen if code in self.uses}))

    def _usable(self, worst: Use) -> _Established:
        """The proofs for which a fact of `worst` use or better speaks by itself."""
        usable = _Established()
        for code, use in self.uses.items():
            if use <= worst:
                usable.add(code, 0, None)
        return usable

    def _established_by_clauses(
        self, full: _Established, established: _Established, relations: frozenset[str] | None
    ) -> dict[str, Clause]:
        """The proofs not yet `established` that a clause establishes from what is, the first clause winning."""
        newly_established: dict[str, Clause] = {}
        for clause in self.clauses:
            if clause.head in established.depth or clause.head in newly_established:
                continue
            if relations is not None and clause.relation not in relations:
                continue
            body = full if clause.relation in NEEDS_FULL_BODY else established
            if body.holds(clause.body):
                newly_established[clause.head] = clause
        return newly_established
