"""A bundle that was changed anywhere is refused; one whose maker holds a key is refused where it contradicts itself."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from referencing.bundles.checker import Refused, check, once
from tests.bundles.conftest import KEY, Decided
from tests.bundles.forging import sealed

Path = tuple[Any, ...]
FORGER = Ed25519PrivateKey.from_private_bytes(bytes(32))
#: What the script takes for a refusal: a field of another kind breaks it where it is read.
REFUSALS = (Refused, AttributeError, KeyError, IndexError, TypeError, ValueError)


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in a bundle but its whole."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inside:
        yield (*path, key)
        yield from places(below, (*path, key))


def at(bundle: Any, path: Path) -> Any:
    for key in path:
        bundle = bundle[key]
    return bundle


def other(value: Any, random: Random) -> Any:
    """Another value in its place, of its kind where it has one."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int | float):
        return value + random.choice((-1, 1, 256))
    if isinstance(value, str) and value:
        place = random.randrange(len(value))
        return value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]
    if isinstance(value, list) and len(value) > 1 and value[0] != value[-1]:
        return [value[-1], *value[1:-1], value[0]]
    return {"": ""} if isinstance(value, dict) else [value]


def mutated(bundle: Any, random: Random) -> Iterator[tuple[str, Any]]:
    """Each place with another value, and each without it, or with it twice."""
    for path in list(places(bundle)):
        *above, key = path
        for kind in ("other", "without", "twice"):
            changed = deepcopy(bundle)
            holder = at(changed, tuple(above))
            if kind == "other":
                holder[key] = other(holder[key], random)
            elif kind == "without":
                del holder[key]
            elif isinstance(holder, list):
                holder.insert(key, deepcopy(holder[key]))
            else:
                holder[f"{key} "] = holder[key]
            yield f"{path} {kind}", changed


def is_refused(bundle: Any, key: str | None = KEY) -> bool:
    try:
        check(bundle, key)
    except REFUSALS:
        return True
    return False


def test_what_is_true_is_accepted_and_whatever_is_changed_in_it_is_refused(case: Decided) -> None:
    assert "Réemplois démontrés de nouveau : 3" in check(case.bundle, KEY)
    mutations = list(mutated(case.bundle, Random(17)))
    assert len(mutations) > 1_000
    assert [name for name, bundle in mutations if not is_refused(bundle)] == []


def test_no_byte_of_the_file_is_another_unnoticed(case: Decided) -> None:
    random, text = Random(18), json.dumps(case.bundle, ensure_ascii=False).encode()
    for _ in range(500):
        place = random.randrange(len(text))
        changed = text[:place] + bytes([random.randrange(256)]) + text[place + 1 :]
        try:
            bundle = json.loads(changed, object_pairs_hook=once)
        except (Refused, ValueError):
            continue
        assert bundle == case.bundle or is_refused(bundle), changed[max(0, place - 30) : place + 30]


def test_another_key_signs_nothing_that_holds_under_the_one_that_is_given(case: Decided) -> None:
    forged = sealed(case.bundle["content"], FORGER)
    assert check(forged), "in itself it holds"
    assert is_refused(forged, KEY)


def _facts(content: Any) -> Any:
    return content["derivations"]["facts"]


def _rules(content: Any) -> Any:
    return content["derivations"]["correspondences"]


def _items(content: Any) -> Any:
    return content["derivations"]["items"]


def _exchange_facts(content: Any) -> None:
    first, second, _ = _facts(content)
    first["id"], second["id"] = second["id"], first["id"]


def _exchange_proofs(content: Any) -> None:
    first, second, _ = _facts(content)
    first["proof"], second["proof"] = second["proof"], first["proof"]


def _lead_elsewhere(content: Any) -> None:
    first, second, _ = _rules(content)
    first["to"], second["to"] = second["to"], first["to"]


def _claim_more(content: Any) -> None:
    content["items"][2]["state"] = "covered"


CONTRADICTIONS: dict[str, Callable[[Any], Any]] = {
    "a rule is gone": lambda content: _rules(content).pop(),
    "a fact is gone": lambda content: _facts(content).pop(0),
    "facts are exchanged": _exchange_facts,
    "proofs are exchanged": _exchange_proofs,
    "rules lead elsewhere": _lead_elsewhere,
    "a rule begins later": lambda content: _rules(content)[0].update(valid_from="2026-03-03"),
    "a rule ended": lambda content: _rules(content)[0].update(valid_until="2026-03-02"),
    "a rule is weaker": lambda content: _rules(content)[0].update(relation="subset"),
    "a rule has another source as well": lambda content: _rules(content)[0]["from"].append("LGC-V1:INS.02"),
    "a fact is of another product": lambda content: _facts(content)[0].update(product="NIL-999"),
    "a fact is rejected": lambda content: _facts(content)[0].update(status="rejected"),
    "a fact is not verified yet": lambda content: _facts(content)[0].update(status="submitted"),
    "a fact is revoked": lambda content: _facts(content)[0].update(revoked_on="2026-03-02"),
    "a fact is of later": lambda content: _facts(content)[0].update(date="2026-03-03"),
    "a fact has another component": lambda content: _facts(content)[2].update(composition={"dmp": "NIL-2"}),
    "a fact has another name": lambda content: _facts(content)[2].update(solution="Bêta"),
    "no policy": lambda content: content["derivations"]["policies"].clear(),
    "another policy comes first": lambda content: content["derivations"]["policies"].reverse(),
    "facts may not be so old": lambda content: (
        _facts(content)[0].update(date="2026-02-02"),
        content["derivations"]["policies"][2]["then"].update(max_age_days=27),
    ),
    "nobody confirmed": lambda content: _items(content)[2].update(confirmed=False),
    "nothing was to be confirmed": lambda content: _items(content)[2].update(status="covered"),
    "a shorter way": lambda content: _items(content)[0].update(depth=0),
    "a fact more": lambda content: _items(content)[0]["facts"].append("01a"),
    "a case less": lambda content: _items(content)[0]["cases"].clear(),
    "a reuse less": lambda content: _items(content).pop(),
    "a reuse that nothing shows": _claim_more,
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_derivation_that_does_not_follow_is_refused_whoever_signs_it(case: Decided, name: str) -> None:
    content = deepcopy(case.bundle["content"])
    CONTRADICTIONS[name](content)
    assert content != case.bundle["content"]
    assert is_refused(sealed(content, FORGER), None)
