"""The smallest cases: each piece is one that helps, and a test says only what it changes."""

from collections.abc import Iterable
from typing import Any

from referencing.equivalence.engine.formats import resolve_case

Json = dict[str, Any]

TODAY = "2026-03-02"
YESTERDAY = "2026-03-01"
TOMORROW = "2026-03-03"

ALWAYS: list[Json] = [{"when": {}, "then": {"reuse": "auto"}}]

#: The target asks LGC-V2:GOAL, one proof; the earlier requirement is LGC-V1:PAST, one proof.
GOAL, GOAL_PROOF = "LGC-V2:GOAL", "LGC-V2:GOAL#01.01"
PAST, PAST_PROOF = "LGC-V1:PAST", "LGC-V1:PAST#01.01"


def requirement(code: str, *suffixes: str, **changes: Any) -> Json:
    """One of that full code, with these proofs; what belongs to a proof goes to all of them."""
    dsr, own = code.split(":")
    dispositif, vague = dsr.split("-V")
    proof: Json = {"guichet": "ANS", "kind": "document", "roles": []}
    proof |= {key: changes.pop(key) for key in list(changes) if key in proof}
    return {
        "dsr": dsr,
        "dispositif": dispositif,
        "vague": int(vague),
        "code": own,
        "chapter": own[:3],
        "profile": "Général",
        "socle": None,
        "socle_fidelity": None,
        "proofs": [{"suffix": suffix, **proof} for suffix in suffixes],
        **changes,
    }


def link(
    sources: str | list[str], target: str, relation: str = "equal", name: str = "C1", **changes: Any
) -> Json:
    listed = [sources] if isinstance(sources, str) else sources
    window = {"valid_from": None, "valid_until": None}
    return {"id": name, "from": listed, "to": target, "relation": relation, **window, **changes}


def verification(proof: str = GOAL_PROOF, name: str = "F1", **changes: Any) -> Json:
    return {
        "id": name,
        "type": "verification",
        "proof": proof,
        "product": "NIL-1",
        "solution": "Alpha",
        "composition": {},
        "status": "verified",
        "mode": "async",
        "date": "2025-06-01",
        "revoked_on": None,
        **changes,
    }


def certificate(name: str = "F1", **changes: Any) -> Json:
    return {
        "id": name,
        "type": "certificate",
        "kind": "DMN",
        "holder": "NIL-1",
        "valid_from": "2025-06-01",
        "valid_until": None,
        "revoked_on": None,
        **changes,
    }


def case(
    requirements: Iterable[Json] = (),
    links: Iterable[Json] = (),
    facts: Iterable[Json] = (),
    policies: Iterable[Json] = ALWAYS,
    kinds: Iterable[Json] = ({"kind": "DMN", "covers": [{"requirement": "GOAL"}]},),
    **target: Any,
) -> Json:
    """With no requirements given, those of GOAL and PAST."""
    asked = list(requirements) or [requirement(PAST, "01.01"), requirement(GOAL, "01.01")]
    return {
        "format": "equivalence-case/1",
        "as_of": TODAY,
        "requirements": asked,
        "correspondences": list(links),
        "certificate_kinds": list(kinds),
        "policies": list(policies),
        "facts": list(facts),
        "target": {
            "dsr": "LGC-V2",
            "product": "NIL-1",
            "solution": "Alpha",
            "composition": {},
            "profiles": [],
            "deposited_on": None,
            **target,
        },
    }


def items(one: Json) -> dict[str, Json]:
    return {item["proof"]: item for item in resolve_case(one)["items"]}


def goal(one: Json) -> Json:
    """The item of the goal's only proof."""
    return items(one)[GOAL_PROOF]


def outcome(item: Json) -> tuple[str, str | None, int | None]:
    return item["status"], item["strength"], item["depth"]


COVERED_DIRECTLY = ("covered", "full", 0)
REQUIRED = ("required", None, None)
