"""A second answer, slow and obvious, from the specification alone, sharing no code with the engine.

It keeps to the JSON shapes of the case: plain lists and dicts, whole-graph relaxation, no index.
"""

from datetime import date
from fnmatch import fnmatchcase
from itertools import chain
from math import inf
from typing import Any, NamedTuple

Json = dict[str, Any]
Answer = dict[str, Any]  # status, strength, depth


class Proof(NamedTuple):
    code: str
    requirement: Json
    guichet: str
    kind: str
    roles: tuple[str, ...]


class Clause(NamedTuple):
    name: str
    relation: str
    head: str
    body: frozenset[str]


class Verdict(NamedTuple):
    codes: frozenset[str]  # of the guards that fail
    reuse: str
    cases: frozenset[str]


def answers(case: Json) -> dict[str, Answer]:
    """Status, strength and depth of every expected proof of the target."""
    clauses, proofs = clauses_of(case), proofs_of(case)
    return {goal.code: _answer(case, goal, proofs, clauses) for goal in goals_of(case)}


def goals_of(case: Json) -> list[Proof]:
    target = case["target"]
    return [
        proof
        for proof in proofs_of(case).values()
        if proof.requirement["dsr"] == target["dsr"]
        and proof.requirement["profile"] in ["Général", *target["profiles"]]
        and _is_asked(proof, target.get("fills", []))
    ]


def _is_asked(proof: Proof, fills: list[str]) -> bool:
    """Of a component, what depends on a role that it fills and on no other."""
    return fills == [] or (len(proof.roles) > 0 and all(role in fills for role in proof.roles))


def proofs_of(case: Json) -> dict[str, Proof]:
    return {
        (code := f"{requirement['dsr']}:{requirement['code']}#{proof['suffix']}"): Proof(
            code, requirement, proof["guichet"], proof["kind"], tuple(proof["roles"])
        )
        for requirement in case["requirements"]
        for proof in requirement["proofs"]
    }


def _answer(case: Json, goal: Proof, proofs: dict[str, Proof], clauses: list[Clause]) -> Answer:
    uses = uses_of(case, goal, proofs)
    for status, allowed in (
        ("covered", {"auto"}),
        ("to_confirm", {"auto", "confirm"}),
        ("awaiting", {"auto", "confirm", "wait"}),
    ):
        full, partial = established({code for code, _, use in uses if use in allowed}, clauses)
        if goal.code in full:
            return {"status": status, "strength": "full", "depth": full[goal.code]}
        if goal.code in partial and status != "covered":
            return {"status": status, "strength": "partial", "depth": partial[goal.code]}
    return {"status": "required", "strength": None, "depth": None}


def uses_of(case: Json, goal: Proof, proofs: dict[str, Proof]) -> list[tuple[str, str, str]]:
    """(proof spoken for, fact, `auto`, `confirm`, `wait` or `blocked`) for this goal."""
    found = []
    for fact in case["facts"]:
        for proof in spoken_for(case, fact, proofs):
            verdict = judge(case, fact, proof, goal)
            use = "blocked" if verdict.codes else verdict.reuse
            if use != "blocked" and fact.get("status") == "submitted":
                use = "wait"
            found.append((proof.code, fact["id"], use))
    return found


# --- links --------------------------------------------------------------------------------------------------


def clauses_of(case: Json) -> list[Clause]:
    return [*chain.from_iterable(_read(link, case) for link in case["correspondences"]), *_socles(case)]


def _proofs_named(code: str, case: Json) -> list[str]:
    """Those of the requirement or the proof of this code: none when the lists do not have it."""
    return [proof for proof in proofs_of(case) if code in {proof, proof.split("#")[0]}]


def _read(link: Json, case: Json) -> list[Clause]:
    if (link["valid_from"] or "0000") > case["as_of"] or case["as_of"] >= (link["valid_until"] or "9999"):
        return []
    sources = set(link["from"])
    shown_by = {source: _proofs_named(source, case) for source in sources}
    if any(proofs == [] for proofs in shown_by.values()):
        return []  # what asks for nothing shows nothing
    body = frozenset(chain.from_iterable(shown_by.values()))
    heads = [link["to"]] if "#" in link["to"] else _proofs_named(link["to"], case)
    return [Clause(link["id"], link["relation"], head, _body(sources, body, head)) for head in heads]


def _body(sources: set[str], body: frozenset[str], head: str) -> frozenset[str]:
    """Of one requirement with a proof of the head's suffix, that proof; otherwise all the proofs of all the sources."""
    if len(sources) == 1:
        (source,) = sources
        namesake = f"{source}#{head.split('#')[1]}"
        if namesake in body:
            return frozenset({namesake})
    return body


def _socles(case: Json) -> list[Clause]:
    clauses = []
    for proof in proofs_of(case).values():
        if socle := proof.requirement["socle"]:
            shared = f"{socle}#{proof.code.split('#')[1]}"
            relation = {"identical": "equal", "overridden": "intersects"}[proof.requirement["socle_fidelity"]]
            clauses.append(Clause(f"socle:{socle}", relation, shared, frozenset({proof.code})))
            clauses.append(Clause(f"socle:{socle}", relation, proof.code, frozenset({shared})))
    return clauses


#: relation -> what the head gets from a full body, from a partial body.
TABLE: dict[str, tuple[str | None, str | None]] = {
    "equal": ("full", "partial"),
    "superset": ("full", None),
    "subset": ("partial", "partial"),
    "intersects": ("partial", None),
    "none": (None, None),
}


def strength_of_head(relation: str, body: list[str]) -> str | None:
    """What the head gets when every proof of the body has one of these strengths."""
    return TABLE[relation][0 if all(strength == "full" for strength in body) else 1]


def established(leaves: set[str], clauses: list[Clause]) -> tuple[dict[str, float], dict[str, float]]:
    """The smallest depths at which proofs can be had in full, and in part: relaxed until nothing changes."""
    depths: dict[str, dict[str, float]] = {"full": dict.fromkeys(leaves, 0), "partial": {}}

    def depth(code: str, *strengths: str) -> float:
        return min(depths[strength].get(code, inf) for strength in strengths)

    changed = True
    while changed:
        changed = False
        for clause in clauses:
            all_full = 1 + max(depth(code, "full") for code in clause.body)
            # With some of it partial: the shallowest of either kind, one of them at least in part.
            either = {code: depth(code, "full", "partial") for code in clause.body}
            some_partial = 1 + min(
                max([depth(code, "partial"), *(either[other] for other in clause.body - {code})])
                for code in clause.body
            )
            for found, strength in zip((all_full, some_partial), TABLE[clause.relation], strict=True):
                if strength and found < depth(clause.head, strength):
                    depths[strength][clause.head] = found
                    changed = True
    return depths["full"], depths["partial"]


# --- guards -------------------------------------------------------------------------------------------------


def spoken_for(case: Json, fact: Json, proofs: dict[str, Proof]) -> list[Proof]:
    if fact["type"] == "verification":
        return [proof for proof in proofs.values() if proof.code == fact["proof"]]
    covers = [
        cover
        for kind in case["certificate_kinds"]
        if kind["kind"] == fact["kind"]
        for cover in kind["covers"]
    ]
    return [proof for proof in proofs.values() if any(_selects(cover, proof) for cover in covers)]


def _selects(cover: Json, proof: Proof) -> bool:
    asked = {"dsr": "dsr", "requirement": "code", "chapter": "chapter"}
    return all(fnmatchcase(proof.requirement[key], cover.get(name, "*")) for name, key in asked.items())


def belongs(fact: Json, target: Json) -> bool:
    """Of the same product, or a certificate of its holders; of embedded products, see `embeddings_admitting`."""
    if fact["type"] == "verification":
        return bool(fact["product"] == target["product"])
    return fact["holder"] in [target["product"], *target["composition"].values()]


def embeddings_admitting(case: Json, fact: Json, proof: Proof, goal: Proof) -> list[str]:
    """What the one exception of `other_product` rests on: the fact was verified of a component of the target.

    Both proofs depend on some role; and each of these roles is one that the component fills, and has in the target.
    """
    target, roles = case["target"], [*proof.roles, *goal.roles]
    return [
        embedding["id"]
        for embedding in case.get("embeddings", [])
        if fact["type"] == "verification"
        and fact["status"] == "verified"
        and fact["product"] != target["product"]
        and embedding["product"] == target["product"]
        and embedding["embedded"] == fact["product"]
        and embedding["valid_from"] <= case["as_of"] < (embedding["revoked_on"] or "9999")
        and proof.roles
        and goal.roles
        and all(role in embedding["roles"] for role in roles)
        and all(target["composition"].get(role) == embedding["component"] for role in roles)
    ]


def judge(case: Json, fact: Json, proof: Proof, goal: Proof) -> Verdict:
    target, as_of, certificate = case["target"], case["as_of"], fact["type"] == "certificate"
    began = fact["valid_from" if certificate else "date"]
    embedded = bool(embeddings_admitting(case, fact, proof, goal))
    cases = _cases(fact, proof, goal, target) | ({"embedded"} if embedded else set())
    then = _policy(case, fact, proof, goal, cases)
    age = date.fromisoformat(target["deposited_on"] or as_of) - date.fromisoformat(began)
    fails = {
        "revoked": fact["revoked_on"] is not None and fact["revoked_on"] <= as_of,
        "not_yet": began > as_of,
        "rejected": fact.get("status") == "rejected",
        "other_product": not certificate and not belongs(fact, target) and not embedded,
        "other_holder": certificate and not belongs(fact, target),
        "expired": certificate and fact["valid_until"] is not None and fact["valid_until"] <= as_of,
        "policy_never": then["reuse"] == "never",
        "too_old": age.days > then.get("max_age_days", inf),
    }
    for role in {*proof.roles, *goal.roles} if not certificate else ():
        fails[f"component:{role}"] = not counts_as_own(case, fact, role)
    return Verdict(frozenset(code for code, failed in fails.items() if failed), then["reuse"], cases)


def counts_as_own(case: Json, fact: Json, role: str) -> bool:
    """Whether the fact's component of a role is the target's, or is declared to be as good in that role on that day."""
    return fact["composition"].get(role) == case["target"]["composition"].get(role) or bool(
        declarations_between(case, fact, role)
    )


def declarations_between(case: Json, fact: Json, role: str) -> list[str]:
    two = {fact["composition"].get(role), case["target"]["composition"].get(role)}
    return [
        declared["id"]
        for declared in case.get("alike_versions", [])
        if declared["role"] == role
        and {*declared["components"]} == two
        and declared["valid_from"] <= case["as_of"] < (declared["revoked_on"] or "9999")
    ]


def _cases(fact: Json, proof: Proof, goal: Proof, target: Json) -> frozenset[str]:
    verified = fact["type"] == "verification"
    holds = {
        "same_dsr": proof.requirement["dsr"] == goal.requirement["dsr"],
        "inter_vague": proof.requirement["vague"] != goal.requirement["vague"],
        "inter_dispositif": proof.requirement["dispositif"] != goal.requirement["dispositif"],
        "certificate": not verified,
        "commercial_name": verified and fact["solution"] != target["solution"],
        "component": verified and fact["composition"] != target["composition"],
    }
    return frozenset(label for label, held in holds.items() if held)


def _policy(case: Json, fact: Json, proof: Proof, goal: Proof, cases: frozenset[str]) -> Json:
    values = {
        "guichet": [goal.guichet],
        "chapter": [goal.requirement["chapter"]],
        "requirement": [goal.requirement["code"]],
        "kind": [goal.kind],
        "dispositif": [goal.requirement["dispositif"]],
        "vague": [str(goal.requirement["vague"])],
        "source_guichet": [proof.guichet],
        "mode": [fact.get("mode", "")],
        "standing": [fact.get("standing", "referenced") if fact["type"] == "verification" else ""],
        "case": list(cases),
    }
    for policy in case["policies"]:
        if all(_matches(values[key], globs) for key, globs in policy["when"].items()):
            then: Json = policy["then"]
            labels = policy["when"].get("case", [])
            named = labels == "embedded" or (isinstance(labels, list) and "embedded" in labels)
            if "embedded" in cases and not named and then["reuse"] == "auto":
                return {**then, "reuse": "confirm"}  # of what nobody spoke of, nothing goes unseen
            return then
    return {"reuse": "never"}


def _matches(values: list[str], globs: str | list[str]) -> bool:
    wanted = [globs] if isinstance(globs, str) else globs
    return any(fnmatchcase(value, glob) for value in values for glob in wanted)
