"""A rulebook as an OSCAL mapping collection (NIST OSCAL 1.2, JSON), and back. Pure.

What OSCAL has no place for (a rule's id, its days and its rank, policies, certificate kinds) stands in `props` of our
namespace, as JSON, so that our own documents come back without any loss. Documents of others are read as far as our
rules go; the rest is reported.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from referencing.base.errors import FieldError, Invalid
from referencing.base.workdays import instant, of_the_programme
from referencing.equivalence.engine.facts import Correspondence, Relation
from referencing.equivalence.engine.formats import read_certificate_kind, read_policy
from referencing.equivalence.rulebooks.rulebooks import CODE, Rules, plain_kind, plain_policy

VERSION = "1.2.0"
NS = "urn:referencing:oscal"
OSCAL_NS = "http://csrc.nist.gov/ns/oscal"
DSR = "urn:referencing:dsr:"
RELATIONSHIPS = {
    Relation.EQUAL: "equal-to",
    Relation.SUPERSET: "superset-of",
    Relation.SUBSET: "subset-of",
    Relation.INTERSECTS: "intersects-with",
    Relation.NONE: "no-relationship",
}
#: `equivalent-to` holds for the meaning, if not for the words: that is what our `equal` says.
RELATIONS = {name: relation for relation, name in RELATIONSHIPS.items()} | {"equivalent-to": Relation.EQUAL}
#: The relation to each target of a map that has several: who holds them all holds each.
_OF_EACH = {
    Relation.EQUAL: Relation.SUPERSET,
    Relation.SUPERSET: Relation.SUPERSET,
    Relation.NONE: Relation.NONE,
}
#: The keys of a map that our rules have no place for.
_UNREAD = ("qualifiers", "links", "remarks", "matching-rationale", "confidence-score")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was read; `left_out` points into it at what was not taken, with the reason."""

    label: str
    rules: Rules
    left_out: tuple[FieldError, ...] = ()


def write_oscal(rulebook: UUID, label: str, rules: Rules, *, at: datetime, version: str, final: bool) -> Json:
    """A rulebook as an OSCAL document; `at` is when it last changed.

    Raises ValueError without a correspondence: OSCAL asks for one at least.
    """
    if not rules.correspondences:
        raise ValueError("a mapping collection has at least one mapping")
    mappings: dict[tuple[str, str], list[Json]] = {}
    for rank, rule in enumerate(rules.correspondences):
        key = (_dsr(rule.sources[0]), _dsr(rule.target))
        mappings.setdefault(key, []).append(_map(rulebook, rank, rule))
    props = [
        *(_prop("certificate-kind", plain_kind(kind)) for kind in rules.certificate_kinds),
        *(_prop("policy", plain_policy(policy)) for policy in rules.policies),
    ]
    collection = {
        "uuid": str(uuid5(rulebook, version)),
        "metadata": {
            "title": label,
            "last-modified": instant(at),
            "version": version,
            "oscal-version": VERSION,
            **({"props": props} if props else {}),
        },
        "provenance": {
            "method": "human",
            "matching-rationale": "semantic",
            "status": "complete" if final else "draft",
            "mapping-description": "Ce qu'une preuve d'une exigence dit d'une autre exigence.",
        },
        "mappings": [
            {
                "uuid": str(uuid5(rulebook, f"{source} {target}")),
                "source-resource": {"type": "catalog", "href": f"{DSR}{source}"},
                "target-resource": {"type": "catalog", "href": f"{DSR}{target}"},
                "maps": maps,
            }
            for (source, target), maps in mappings.items()
        ],
    }
    return {"mapping-collection": collection}


def _map(rulebook: UUID, rank: int, rule: Correspondence) -> Json:
    days = (("valid-from", rule.valid_from), ("valid-until", rule.valid_until))
    return {
        "uuid": str(uuid5(rulebook, f"map {rule.id}")),
        "relationship": RELATIONSHIPS[rule.relation],
        "sources": [_item(code) for code in rule.sources],
        "targets": [_item(rule.target)],
        "props": [
            _prop("id", rule.id),
            _prop("rank", rank),
            *(_prop(name, day.isoformat()) for name, day in days if day is not None),
        ],
    }


def _dsr(code: str) -> str:
    return code.partition(":")[0]


def _item(code: str) -> Json:
    return {"type": "statement" if "#" in code else "control", "id-ref": code}


def _prop(name: str, value: object) -> Json:
    return {"name": name, "ns": NS, "value": json.dumps(value)}


def read_oscal(document: object) -> Document:
    """The rules of an OSCAL document. Raises Invalid for what is no mapping collection."""
    collection = document.get("mapping-collection") if isinstance(document, dict) else None
    if not isinstance(collection, dict):
        raise Invalid("Envoyez un document OSCAL dont la racine est « mapping-collection ».")
    left_out: list[FieldError] = []
    ranked = _read_maps(collection, left_out)
    metadata = collection.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    kinds, policies = (_read_props(metadata, name, left_out) for name in ("certificate-kind", "policy"))
    for at, mapping in _objects(collection.get("mappings"), "/mapping-collection/mappings"):
        unread = ("source-gap-summary", "target-gap-summary", "remarks", "links")
        left_out += [FieldError(f"{at}/{key}", "Non repris.") for key in unread if key in mapping]
    rules = Rules(
        tuple(rule for _, rule in sorted(ranked.values(), key=lambda pair: pair[0])),
        tuple(map(read_certificate_kind, kinds)),
        tuple(map(read_policy, policies)),
    )
    return Document(str(metadata.get("title") or ""), rules, tuple(left_out))


def _read_maps(collection: Json, left_out: list[FieldError]) -> dict[str, tuple[int, Correspondence]]:
    """The rules by their ids, each with its rank; what cannot be taken goes to `left_out`."""
    ranked: dict[str, tuple[int, Correspondence]] = {}
    catalogues = _catalogues(collection)
    for at, mapping in _objects(collection.get("mappings"), "/mapping-collection/mappings"):
        for place, entry in _objects(mapping.get("maps"), f"{at}/maps"):
            try:
                rules = _read_map(mapping, entry, len(ranked), catalogues)
            except ValueError as error:
                left_out.append(FieldError(place, f"Non repris : {error}."))
                continue
            taken = [rule.id for _, rule in rules if rule.id in ranked]
            if taken:
                left_out.append(FieldError(place, f"Non repris : « {taken[0]} » est déjà pris."))
                continue
            ranked.update((rule.id, (rank, rule)) for rank, rule in rules)
            left_out += [FieldError(f"{place}/{key}", "Non repris.") for key in _UNREAD if key in entry]
            if len(rules) > 1 and _relation(entry) is Relation.EQUAL:
                words = (
                    f"Repris en {len(rules)} règles « superset », une par cible : seul ce sens s'en déduit."
                )
                left_out.append(FieldError(f"{place}/relationship", words))
    return ranked


def _objects(value: object, at: str) -> Iterator[tuple[str, Json]]:
    """The objects of a JSON list, each with the pointer to it; `at` is the pointer to the list."""
    for index, member in enumerate(value if isinstance(value, list) else ()):
        if isinstance(member, dict):
            yield f"{at}/{index}", member


def _read_map(
    mapping: Json, entry: Json, rank: int, catalogues: Mapping[str, str]
) -> list[tuple[int, Correspondence]]:
    """A rule, or one for each target where that is what the map entails. Raises ValueError with a French reason."""
    props = {prop["name"]: _parsed(prop) for _, prop in _objects(entry.get("props"), "") if _ours(prop)}
    targets = list(dict.fromkeys(_codes(mapping, entry, "target", catalogues)))
    sources, relation = _codes(mapping, entry, "source", catalogues), _relation(entry)
    if len(targets) > 1 and relation not in _OF_EACH:
        raise ValueError("ce qui n'est dit que de plusieurs cibles ensemble ne se dit d'aucune d'elles")
    code = props.get("id", entry.get("uuid"))
    if not isinstance(code, str):
        raise ValueError("il manque un identifiant")  # noqa: TRY004 - wrong in a document, not in a call
    days = [_day(props.get(name)) for name in ("valid-from", "valid-until")]
    written_rank = props.get("rank")
    place = written_rank if isinstance(written_rank, int) else rank
    if len(targets) == 1:
        return [(place, Correspondence(code, sources, targets[0], relation, *days))]
    return [
        (place, Correspondence(f"{code} → {target}", sources, target, _OF_EACH[relation], *days))
        for target in targets
    ]


def _relation(entry: Json) -> Relation:
    name = entry.get("relationship")
    if isinstance(name, dict):  # as drafts of the model had it
        entry, name = name, name.get("type")
    if entry.get("ns", OSCAL_NS) != OSCAL_NS or not isinstance(name, str) or name not in RELATIONS:
        raise ValueError("cette relation n'est pas de celles d'OSCAL")
    return RELATIONS[name]


def _catalogues(collection: Json) -> dict[str, str]:
    """The name of each resource as a DSR: as much of the end of its address as tells it from all others."""
    hrefs = {
        _href(mapping, side)
        for _, mapping in _objects(collection.get("mappings"), "")
        for side in ("source", "target")
    }
    parts = {href: [part for part in re.split(r"[/:]", href) if part] for href in sorted(hrefs)}
    names: dict[str, str] = {}
    for length in range(1, 1 + max(map(len, parts.values()), default=0)):
        tried = {href: _dsr_name(path[-length:]) for href, path in parts.items() if href not in names}
        counted = Counter([*tried.values(), *names.values()])
        names.update((href, name) for href, name in tried.items() if counted[name] == 1)
    for href in parts.keys() - names.keys():  # addresses that differ in signs that no code has
        names[href] = f"{_dsr_name(parts[href][-1:])}-{hashlib.sha256(href.encode()).hexdigest()[:8]}"
    return names


def _dsr_name(parts: Sequence[str]) -> str:
    return re.sub(r"[\s:#]", "-", "-".join(parts).removesuffix(".json").strip("#"))


def _href(mapping: Json, side: str) -> str:
    resource = mapping.get(f"{side}-resource")
    return str(resource.get("href", "")) if isinstance(resource, dict) else ""


def _codes(mapping: Json, entry: Json, side: str, catalogues: Mapping[str, str]) -> tuple[str, ...]:
    """The codes of a side; an item that names no DSR is of the resource of its side."""
    dsr = catalogues[_href(mapping, side)]
    codes = []
    for _, item in _objects(entry.get(f"{side}s"), ""):
        written = str(item.get("id-ref", ""))
        code = written if CODE.fullmatch(written) else f"{dsr}:{written}"
        if not CODE.fullmatch(code):
            raise ValueError(f"« {written} » ne désigne pas une exigence")
        codes.append(code)
    if not codes:
        raise ValueError("il manque une source ou une cible")
    return tuple(codes)


def _day(value: object) -> date | None:
    try:
        day = None if value is None else date.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError("une date n'est pas lisible") from error
    if day is not None and not of_the_programme(day):
        raise ValueError(f"l'année {day.year} n'est pas de celles du programme")
    return day


def _ours(prop: Mapping[str, Any]) -> bool:
    return prop.get("ns") == NS and isinstance(prop.get("name"), str)


def _parsed(prop: Mapping[str, Any]) -> Any:
    try:
        return json.loads(prop.get("value", ""))
    except (RecursionError, TypeError, ValueError) as error:
        raise ValueError("une propriété n'est pas lisible") from error


def _read_props(metadata: Json, name: str, left_out: list[FieldError]) -> list[Json]:
    """The values of our props of a name, those that read as in an equivalence case."""
    reader = read_policy if name == "policy" else read_certificate_kind
    values: list[Json] = []
    at = "/mapping-collection/metadata/props"
    for place, prop in _objects(metadata.get("props"), at):
        if not _ours(prop) or prop["name"] != name:
            continue
        try:
            value = _parsed(prop)
            reader(value)
        except (AttributeError, KeyError, TypeError, ValueError):
            left_out.append(FieldError(place, "Non repris : cette propriété n'est pas lisible."))
        else:
            values.append(value)
    return values
