"""What changed from one rulebook to another. Pure.

Correspondences are told apart by their id, certificate kinds by their name, policies by their conditions; only the
order of the policies means something.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .rulebooks import Rules, plain

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Changes:
    added: list[Entry]
    removed: list[Entry]
    changed: list[dict[str, Entry]]  # {"before": ..., "after": ...}


@dataclass(frozen=True, slots=True)
class Diff:
    """`reordered`: whether policies that both have stand in another order."""

    correspondences: Changes
    certificate_kinds: Changes
    policies: Changes
    reordered: bool


def diff(before: Rules, after: Rules) -> Diff:
    old, new = plain(before), plain(after)
    policies = _by_conditions(old["policies"]), _by_conditions(new["policies"])
    common = [[key for key in one if key in other] for one, other in (policies, policies[::-1])]
    return Diff(
        _changes(_by(old["correspondences"], "id"), _by(new["correspondences"], "id")),
        _changes(_by(old["certificate_kinds"], "kind"), _by(new["certificate_kinds"], "kind")),
        _changes(*policies),
        reordered=common[0] != common[1],
    )


def _by(entries: Iterable[Entry], key: str) -> dict[Any, Entry]:
    return {entry[key]: entry for entry in entries}


def _by_conditions(policies: Iterable[Entry]) -> dict[Any, Entry]:
    """Of two policies with the same conditions, the first and the second are told apart by their order."""
    seen: Counter[Any] = Counter()
    found = {}
    for policy in policies:
        when = tuple(sorted((key, tuple(globs)) for key, globs in policy["when"].items()))
        found[when, seen[when]] = policy
        seen[when] += 1
    return found


def _changes(old: dict[Any, Entry], new: dict[Any, Entry]) -> Changes:
    return Changes(
        [entry for key, entry in new.items() if key not in old],
        [entry for key, entry in old.items() if key not in new],
        [
            {"before": entry, "after": new[key]}
            for key, entry in old.items()
            if key in new and new[key] != entry
        ],
    )
