"""`equivalence-case/1` in, `equivalence-resolution/1` out: plain JSON values, checked as they are read."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from .facts import (
    AlikeVersions,
    Certificate,
    CertificateKind,
    Circumstances,
    Correspondence,
    Embedding,
    ExpectedProof,
    Fact,
    FactStatus,
    Policy,
    Relation,
    Requirement,
    Reuse,
    Standing,
    Target,
    Verification,
    alike,
    counting,
)
from .knowledge import Knowledge
from .resolution import Blocked, Derivation, Item, Leaf, Resolution, Status, Step, Strength, helping, resolve

CASE_FORMAT = "equivalence-case/1"
RESOLUTION_FORMAT = "equivalence-resolution/1"

_IDENTICAL = {None: True, "identical": True, "overridden": False}

Json = Mapping[str, Any]


class BadCase(ValueError):
    """The value is not a case; the message is one line that says where."""


def resolve_case(case: Json) -> dict[str, Any]:
    """Answer one case. Raises BadCase for a value of another shape."""
    if not isinstance(case, dict) or case.get("format") != CASE_FORMAT:
        raise BadCase(f"not a case: its format must be {CASE_FORMAT!r}")
    try:
        knowledge = Knowledge.of(
            date.fromisoformat(case["as_of"]),
            map(read_requirement, case["requirements"]),
            map(read_correspondence, case["correspondences"]),
            map(read_certificate_kind, case["certificate_kinds"]),
            map(read_policy, case["policies"]),
        )
        facts, target = [read_fact(fact) for fact in case["facts"]], read_target(case)
        return _with_helping_facts(
            dump_resolution(resolve(knowledge, facts, target)), knowledge, facts, target
        )
    except KeyError as error:
        raise BadCase(f"not a case: {error.args[0]!r} is missing") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise BadCase(f"not a case: {error}") from error


def _with_helping_facts(
    resolution: dict[str, Any], knowledge: Knowledge, facts: list[Fact], target: Target
) -> dict[str, Any]:
    """Add to each item to confirm, in `also`, the facts that help beside those of its derivation, if any."""
    items = [item for item in resolution["items"] if item["status"] == Status.TO_CONFIRM.value]
    helpful = helping(knowledge, facts, target, {item["proof"] for item in items})
    for item in items:
        if also := [fact for fact in helpful[item["proof"]] if fact not in item["facts"]]:
            item["also"] = also
    return resolution


def read_requirement(value: Json) -> Requirement:
    dsr, code = value["dsr"], value["code"]
    proofs = tuple(
        ExpectedProof(
            code=f"{dsr}:{code}#{proof['suffix']}",
            dsr=dsr,
            dispositif=value["dispositif"],
            vague=value["vague"],
            requirement=code,
            chapter=value["chapter"],
            guichet=proof["guichet"],
            kind=proof["kind"],
            roles=_texts(proof["roles"]),
        )
        for proof in value["proofs"]
    )
    return Requirement(
        dsr=dsr,
        code=code,
        profile=value["profile"],
        proofs=proofs,
        socle=value.get("socle"),
        identical=_IDENTICAL[value.get("socle_fidelity")],
    )


def read_correspondence(value: Json) -> Correspondence:
    return Correspondence(
        id=value["id"],
        sources=_texts(value["from"]),
        target=value["to"],
        relation=Relation(value["relation"]),
        valid_from=_day(value.get("valid_from")),
        valid_until=_day(value.get("valid_until")),
    )


def read_certificate_kind(value: Json) -> CertificateKind:
    return CertificateKind(value["kind"], tuple(dict(cover) for cover in value["covers"]))


def read_policy(value: Json) -> Policy:
    when = {
        key: (patterns,) if isinstance(patterns, str) else _texts(patterns)
        for key, patterns in value["when"].items()
    }
    then = value["then"]
    return Policy(when, Reuse(then["reuse"]), then.get("max_age_days"))


def read_fact(value: Json) -> Fact:
    if value["type"] == "certificate":
        return Certificate(
            id=value["id"],
            kind=value["kind"],
            holder=value["holder"],
            day=date.fromisoformat(value["valid_from"]),
            valid_until=_day(value.get("valid_until")),
            revoked_on=_day(value.get("revoked_on")),
        )
    if value["type"] != "verification":
        raise ValueError(f"unknown type of fact {value['type']!r}")
    circumstances = Circumstances(
        product=value["product"],
        solution=value["solution"],
        status=FactStatus(value["status"]),
        mode=value["mode"],
        day=date.fromisoformat(value["date"]),
        composition=_composition(value["composition"]),
        revoked_on=_day(value.get("revoked_on")),
        standing=Standing(value.get("standing", Standing.REFERENCED)),
    )
    return Verification(value["id"], value["proof"], circumstances)


def read_target(case: Json) -> Target:
    value, declared = case["target"], map(read_alike_versions, case.get("alike_versions", ()))
    composition, day = _composition(value["composition"]), date.fromisoformat(case["as_of"])
    embeddings = [
        read_embedding(one) for one in case.get("embeddings", ()) if one["product"] == value["product"]
    ]
    return Target(
        dsr=value["dsr"],
        product=value["product"],
        solution=value["solution"],
        composition=composition,
        profiles=frozenset(_texts(value["profiles"])),
        deposited_on=_day(value.get("deposited_on")),
        alike=alike(composition, declared, day),
        embeddings=counting(composition, embeddings, day),
        fills=frozenset(_texts(value.get("fills", []))),
    )


def read_embedding(value: Json) -> Embedding:
    return Embedding(
        id=value["id"],
        embedded=value.get("embedded", ""),
        component=value["component"],
        roles=frozenset(_texts(value["roles"])),
        day=date.fromisoformat(value["valid_from"]),
        revoked_on=_day(value.get("revoked_on")),
    )


def read_alike_versions(value: Json) -> AlikeVersions:
    first, second = sorted({*_texts(value["components"])})
    return AlikeVersions(
        id=value["id"],
        role=value["role"],
        components=(first, second),
        day=date.fromisoformat(value["valid_from"]),
        revoked_on=_day(value.get("revoked_on")),
    )


def dump_resolution(resolution: Resolution) -> dict[str, Any]:
    return {
        "format": RESOLUTION_FORMAT,
        "items": [dump_item(item) for item in resolution.items],
        "summary": resolution.summary,
    }


def dump_item(item: Item) -> dict[str, Any]:
    return {
        "proof": item.proof,
        "status": item.status.value,
        "strength": item.strength and item.strength.value,
        "depth": item.depth,
        "facts": list(item.facts),
        "cases": list(item.cases),
        "derivation": item.derivation and dump_derivation(item.derivation),
        "confirm": list(item.confirm),
        "blocked": [{"fact": blocked.fact, "reasons": list(blocked.reasons)} for blocked in item.blocked],
    }


def read_derivation(value: Json) -> Derivation:
    if "fact" in value:
        versions = tuple(map(read_alike_versions, value.get("alike", ())))
        embedding = value.get("embedding")
        return Leaf(value["proof"], value["fact"], versions, embedding and read_embedding(embedding))
    sources = tuple(read_derivation(source) for source in value["from"])
    return Step(value["proof"], value["clause"], value["relation"], sources)


def dump_derivation(derivation: Derivation) -> dict[str, Any]:
    if isinstance(derivation, Leaf):
        leaf: dict[str, Any] = {"proof": derivation.proof, "fact": derivation.fact}
        if derivation.alike:
            leaf["alike"] = [*map(_dump_alike, derivation.alike)]
        if derivation.embedding:
            leaf["embedding"] = _dump_embedding(derivation.embedding)
        return leaf
    return {
        "proof": derivation.proof,
        "clause": derivation.clause,
        "relation": derivation.relation,
        "from": [dump_derivation(source) for source in derivation.sources],
    }


def _dump_alike(versions: AlikeVersions) -> dict[str, Any]:
    return {
        "id": versions.id,
        "role": versions.role,
        "components": list(versions.components),
        "valid_from": versions.day.isoformat(),
    }


def _dump_embedding(embedding: Embedding) -> dict[str, Any]:
    """An embedding as who embeds reads it: whose the component is, is not said."""
    return {
        "id": embedding.id,
        "component": embedding.component,
        "roles": sorted(embedding.roles),
        "valid_from": embedding.day.isoformat(),
    }


def read_item(value: Json) -> Item:
    """An item as `dump_item` wrote it."""
    return Item(
        proof=value["proof"],
        status=Status(value["status"]),
        strength=value["strength"] and Strength(value["strength"]),
        depth=value["depth"],
        facts=tuple(value["facts"]),
        cases=tuple(value["cases"]),
        derivation=value["derivation"] and read_derivation(value["derivation"]),
        confirm=tuple(value["confirm"]),
        blocked=tuple(Blocked(blocked["fact"], tuple(blocked["reasons"])) for blocked in value["blocked"]),
    )


def _texts(value: Iterable[Any]) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"a list of texts was expected in the place of {value!r}")
    return tuple(value)


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _composition(value: Mapping[str, str | None] | Iterable[Any]) -> dict[str, str]:
    return {role: component for role, component in dict(value).items() if component is not None}
