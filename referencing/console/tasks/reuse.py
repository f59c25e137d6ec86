"""What a reuse stands on, as a tree from the expected proof down to the facts, with the texts that it links."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from referencing.equivalence.engine.explanation import RELATIONS, alike_sentence, embedding_sentence
from referencing.equivalence.engine.facts import Relation
from referencing.equivalence.engine.formats import read_alike_versions, read_embedding

from .differences import Compared, compare

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Node:
    """A proof of the derivation: what it follows from, and by which rule; a leaf names its fact instead.

    `declared` are sentences on the declarations by which the fact counts.
    `proof` is the earlier proof that the fact was found on, with its files, where the reader may see it.
    """

    code: str
    relation: str
    rule: str
    fact: Told | None
    declared: Sequence[str]
    proof: Told | None
    sources: Sequence["Node"]


@dataclass(frozen=True, slots=True)
class Pair:
    """The text of an earlier requirement beside the one that it is to serve."""

    source: str
    target: str
    words: Compared


def tree(explanation: Told, earlier: Sequence[Told]) -> Node | None:
    """The tree of an explanation as the API gives it; `earlier` are the proofs that the reuse stands on."""
    reuse = explanation["reuse"]
    if not reuse or not reuse["derivation"]:
        return None
    facts = {fact["id"]: fact for fact in explanation["facts"]}
    proofs = {str(found["id"]): proof for proof in earlier for found in proof["verifications"]}
    return _node(reuse["derivation"], facts, proofs)


def _node(derivation: Told, facts: Mapping[str, Told], proofs: Mapping[str, Told]) -> Node:
    fact_id = derivation.get("fact")
    if fact_id is not None:
        said = [alike_sentence(read_alike_versions(versions)) for versions in derivation.get("alike", ())]
        if "embedding" in derivation:
            said.append(embedding_sentence(read_embedding(derivation["embedding"])))
        return Node(derivation["code"], "", "", facts.get(fact_id), said, proofs.get(fact_id), ())
    sources = [_node(source, facts, proofs) for source in derivation["from"]]
    relation = str(RELATIONS[Relation(derivation["relation"])])
    return Node(derivation["code"], relation, derivation["clause"], None, (), None, sources)


def pairs(explanation: Told, root: Node | None) -> list[Pair]:
    """Each other requirement of the derivation beside the one that is asked for, in the order of the tree."""
    asked = explanation["asked"]
    texts: dict[str, str] = {}
    for requirement in explanation["requirements"]:
        texts.setdefault(requirement["code"], requirement["text"])
    codes = dict.fromkeys(node.code.partition("#")[0] for node in _nodes(root)) if root else {}
    return [
        Pair(code, asked["code"], compare(texts[code], asked["text"]))
        for code in codes
        if code in texts and code != asked["code"]
    ]


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for source in node.sources:
        yield from _nodes(source)
