"""Relations that cannot all be true, and cycles that prove nothing. Pure.

Every code stands for a set that is not empty. `equal`, `subset` and `superset` say which set lies within which; a
`none` contradicts them when one set lies within both of its sides, or when a part of one overlaps a part of the other.
Rules contradict each other only on a day on which all of them hold. Of a proof for which a more precise rule speaks,
that of its requirement says nothing.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from referencing.equivalence.engine.clauses import narrowed
from referencing.equivalence.engine.facts import Correspondence, Relation, Requirement

from .findings import Finding, Severity, enumerated

#: Days on which the rules change that are looked at; a rulebook has a few.
MOST_DAYS = 60
_WORDS = {"≤": "est une partie de", "≈": "recoupe"}


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """One step of a path: what a rule says of two codes."""

    source: str
    sign: str  # ≤ or ≈
    target: str
    rule: str

    def __str__(self) -> str:
        return f"{self.source} {_WORDS[self.sign]} {self.target} ({self.rule})"


@dataclass(slots=True)
class _Sets:
    """What holds on one day: what lies within a code, what overlaps it."""

    within: dict[str, list[Link]] = field(default_factory=lambda: defaultdict(list))  # by target
    overlaps: dict[str, list[Link]] = field(default_factory=lambda: defaultdict(list))  # by either side

    def say(self, source: str, relation: Relation, target: str, rule: str) -> None:
        if relation.within:
            self.within[target].append(Link(source, "≤", target, rule))
        if relation.covers:
            self.within[source].append(Link(target, "≤", source, rule))
        if relation.meets and not relation.within and not relation.covers:
            self.overlaps[source].append(Link(source, "≈", target, rule))
            self.overlaps[target].append(Link(target, "≈", source, rule))

    def parts(self, code: str) -> "_Parts":
        """All that lies within a code, each with its distance and the step that leads from it towards the code."""
        found: _Parts = {code: (0, None)}
        waiting = deque([code])
        while waiting:
            at = waiting.popleft()
            for link in sorted(self.within.get(at, ())):
                if link.source not in found:
                    found[link.source] = (found[at][0] + 1, link)
                    waiting.append(link.source)
        return found

    def common(self, one: str, other: str) -> list[Link] | None:
        """Why two codes share something, by the fewest steps; None when nothing says that they do."""
        left, right = self.parts(one), self.parts(other)
        shared = [(left[part][0] + right[part][0], part) for part in left.keys() & right.keys()]
        if shared:
            fewest = min(shared)[0]
            return min(_path(part, left) + _path(part, right) for steps, part in shared if steps == fewest)
        overlaps = [
            (left[part][0] + right[link.target][0], link)
            for part in left
            for link in self.overlaps.get(part, ())
            if link.target in right
        ]
        if not overlaps:
            return None
        link = min(overlaps)[1]
        return [*_path(link.source, left), link, *_path(link.target, right)]


_Parts = dict[str, tuple[int, Link | None]]


def _path(part: str, parts: _Parts) -> list[Link]:
    steps, at = [], parts[part][1]
    while at is not None:
        steps.append(at)
        at = parts[at.target][1]
    return steps


def contradictions(rules: Sequence[Correspondence], known: Iterable[Requirement]) -> Iterator[Finding]:
    """One finding for each `none` that other rules contradict, with the shortest path that does."""
    denials = [(index, rule) for index, rule in enumerate(rules) if not rule.relation.meets]
    if not denials:
        return
    of_code = {requirement.full_code: requirement for requirement in known}
    days = _days(rules)
    if len(days) > MOST_DAYS:
        detail = f"Les règles changent {len(days)} jours ; seuls les {MOST_DAYS} premiers sont examinés."
        yield Finding("/correspondences", "days_not_examined", Severity.WARNING, detail)
    told: set[str] = set()
    for day in days[:MOST_DAYS]:
        active = [(index, rule) for index, rule in denials if rule.active(day) and rule.id not in told]
        if not active:
            continue
        sets = _sets(narrowed(rules, day), of_code)
        for index, rule in active:
            path = _contradicted(rule, sets, of_code)
            if path is not None:
                told.add(rule.id)
                yield Finding(f"/correspondences/{index}", "contradiction", Severity.ERROR, _said(rule, path))


def _days(rules: Iterable[Correspondence]) -> list[date]:
    """The first day, and each day on which a rule begins or ends: between two of them nothing changes."""
    return sorted({date.min} | {day for one in rules for day in (one.valid_from, one.valid_until) if day})


def _sets(rules: Iterable[Correspondence], known: Mapping[str, Requirement]) -> _Sets:
    sets = _Sets()
    named: set[str] = set()
    for rule in rules:
        named.update((*rule.sources, rule.target))
        _read(rule, sets, known)
    for code in sorted(code for code in named if "#" in code):
        sets.say(code, Relation.SUBSET, code.rpartition("#")[0], "preuve de l'exigence")
    for requirement in known.values():
        if requirement.socle is None:
            continue
        relation = Relation.in_socle(identical=requirement.identical)
        name = f"socle {requirement.socle}"
        sets.say(requirement.full_code, relation, requirement.socle, name)
        for proof in requirement.proofs:
            sets.say(proof.code, relation, f"{requirement.socle}#{proof.suffix}", name)
    return sets


def _read(rule: Correspondence, sets: _Sets, known: Mapping[str, Requirement]) -> None:
    """All the sources jointly; of one requirement to another, also their proofs of the same suffix."""
    joint = _joint(rule)
    if len(set(rule.sources)) > 1:
        for source in set(rule.sources):
            sets.say(source, Relation.SUBSET, joint, rule.id)
    sets.say(joint, rule.relation, rule.target, rule.id)
    if rule.relation.meets:
        for source, target in _namesakes(rule, known):
            sets.say(source, rule.relation, target, rule.id)


def _joint(rule: Correspondence) -> str:
    return " + ".join(sorted(set(rule.sources)))


def _namesakes(rule: Correspondence, known: Mapping[str, Requirement]) -> Iterator[tuple[str, str]]:
    source, target = known.get(_joint(rule)), known.get(rule.target)
    if source and target:
        shared = {proof.suffix for proof in target.proofs if proof.code not in rule.besides}
        for proof in source.proofs:
            if proof.suffix in shared:
                yield proof.code, f"{rule.target}#{proof.suffix}"


def _contradicted(rule: Correspondence, sets: _Sets, known: Mapping[str, Requirement]) -> list[Link] | None:
    pairs = [(_joint(rule), rule.target), *_namesakes(rule, known)]
    return next((path for pair in pairs if (path := sets.common(*pair)) is not None), None)


def _said(rule: Correspondence, path: list[Link]) -> str:
    because = " ; ".join(map(str, path)) or "c'est le même code des deux côtés"
    return (
        f"« {rule.id} » dit que {_joint(rule)} et {rule.target} n'ont rien de commun, alors que : {because}. "
        "Retirez ou corrigez l'une de ces règles."
    )


def useless_cycles(rules: Sequence[Correspondence], known: Iterable[Requirement]) -> Iterator[Finding]:
    """A rule that ends where it starts; rules that go round among codes for which no fact can ever stand."""
    published = {requirement.dsr for requirement in known}
    codes = {code for one in known for code in (one.full_code, *(proof.code for proof in one.proofs))}
    after: dict[str, set[str]] = defaultdict(set)
    fed: set[str] = set()
    of_code: dict[str, list[int]] = defaultdict(list)
    for index, rule in enumerate(rules):
        if not rule.relation.meets:
            continue
        if rule.target in rule.sources:
            detail = f"« {rule.id} » ne prouve rien : {rule.target} y est des deux côtés. Retirez-la."
            yield Finding(f"/correspondences/{index}", "useless_cycle", Severity.WARNING, detail)
            continue
        for source in rule.sources:
            after[source].add(rule.target)
        of_code[rule.target].append(index)
    circles = _circles(after)
    place = {code: number for number, circle in enumerate(circles) for code in circle}
    for rule in rules:
        if any(place.get(source) != place.get(rule.target) for source in rule.sources):
            fed.add(rule.target)
    for circle in circles:
        closed = all(code.partition(":")[0] in published and code not in codes for code in circle)
        if len(circle) > 1 and closed and not fed.intersection(circle):
            names = sorted(rules[index].id for code in circle for index in of_code[code])
            first = min((rules[i].id, i) for code in circle for i in of_code[code])[1]
            detail = (
                f"Ces règles tournent en rond sans rien prouver : {enumerated(names)}. Aucune preuve connue "
                f"n'y entre ({enumerated(sorted(circle))})."
            )
            yield Finding(f"/correspondences/{first}", "useless_cycle", Severity.WARNING, detail)


def _circles(after: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The strongly connected codes (Kosaraju), without recursion: chains may be long."""
    before: dict[str, list[str]] = defaultdict(list)
    for source, targets in after.items():
        for target in targets:
            before[target].append(source)
    circles: list[list[str]] = []
    seen: set[str] = set()
    for start in reversed(_finished(after)):
        if start not in seen:
            seen.add(start)
            circle, waiting = [], [start]
            while waiting:
                circle.append(code := waiting.pop())
                fresh = [one for one in before[code] if one not in seen]
                seen.update(fresh)
                waiting += fresh
            circles.append(circle)
    return circles


def _finished(after: Mapping[str, Iterable[str]]) -> list[str]:
    """The codes in the order in which a walk in depth leaves them."""
    order: list[str] = []
    seen: set[str] = set()
    stack: list[tuple[str, Iterator[str]]] = [("", iter(sorted(after)))]
    while stack:
        code, rest = stack[-1]
        following = next((one for one in rest if one not in seen), None)
        if following is None:
            order.append(code)
            stack.pop()
        else:
            seen.add(following)
            stack.append((following, iter(sorted(after.get(following, ())))))
    return order[:-1]
