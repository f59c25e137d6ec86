"""The differences between two rulebooks. Pure.

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
    """What was added, removed and changed from one set of rules to the next."""
    old, new = plain(before), plain(after)
    policies = _by_conditions(old["policies"]), _by_conditions(new["policies"])
    common = [[key for key in side if key in other] for side, other in (policies, policies[::-1])]
    return Diff(
        _changes(_by_key(old["correspondences"], "id"), _by_key(new["correspondences"], "id")),
        _changes(_by_key(old["certificate_kinds"], "kind"), _by_key(new["certificate_kinds"], "kind")),
        _changes(*policies),
        reordered=common[0] != common[1],
    )


def _by_key(entries: Iterable[Entry], key: str) -> dict[Any, Entry]:
    return {entry[key]: entry for entry in entries}


def _by_conditions(policies: Iterable[Entry]) -> dict[Any, Entry]:
    """The policies by their conditions; two with the same ones are told apart by their order."""
    seen: Counter[Any] = Counter()
    by_conditions = {}
    for policy in policies:
        when = tuple(sorted((key, tuple(globs)) for key, globs in policy["when"].items()))
        by_conditions[when, seen[when]] = policy
        seen[when] += 1
    return by_conditions


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
