"""Small worlds to plan in: the rules, lists and facts of a drawn case, and a few dossiers on its DSRs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random
from typing import Any

from referencing.candidatures.record.states import ItemState, Track
from referencing.equivalence.engine.facts import (
    Circumstances,
    Embedding,
    FactStatus,
    Standing,
    Target,
    Verification,
    counting,
)
from referencing.equivalence.engine.formats import (
    read_certificate_kind,
    read_correspondence,
    read_fact,
    read_policy,
    read_requirement,
)
from referencing.equivalence.engine.knowledge import Knowledge
from referencing.equivalence.grants.known import KnownFacts
from referencing.equivalence.rulebooks.queries import KnownRules
from referencing.plans.suppositions import Basis, Line, Suppositions
from tests.equivalence.engine.strategies import COMPOSITIONS, SOLUTIONS, dealt

#: Lines that are to be supplied or to follow, at the most: every set of them is tried.
MOST = 9
_OTHERS = (ItemState.COMPLEMENT, ItemState.UNDER_REVIEW, ItemState.CONFORM, ItemState.COVERED)


@dataclass(frozen=True)
class World:
    """The dossiers with their lines, and what the engine is told of them."""

    dossiers: list[Basis]
    lines: list[Line]

    @property
    def suppositions(self) -> Suppositions:
        return Suppositions(self.dossiers, self.lines)

    @property
    def undecided(self) -> list[int]:
        return [number for number, line in enumerate(self.lines) if line.undecided]

    @property
    def asked(self) -> frozenset[int]:
        return frozenset(number for number, line in enumerate(self.lines) if line.asked)

    def fact_of(self, number: int) -> Verification:
        """What a line shows once it is found conform, of a name that no case has."""
        line = self.lines[number]
        target = self.dossiers[line.dossier].target
        circumstances = Circumstances(
            target.product,
            target.solution,
            FactStatus.VERIFIED,
            line.track.value,
            self.dossiers[line.dossier].rules.knowledge.day,
            target.composition,
            standing=Standing.OPEN,
        )
        return Verification(f"supposed-{number}", line.code, circumstances)


def drawn_world(seed: int, *, refusals: bool = False) -> World:
    """Two to five dossiers of one or two products, on the DSRs of a case to which more links were added.

    In every other world the second product is a component of the first.
    """
    draw, case = Random(seed), dealt(seed)
    _link_more(case, draw)
    embeddings = _embeddings(case, Random(seed)) if seed % 4 > 1 else []
    knowledge = _knowledge(case)
    rules = KnownRules(knowledge, dict.fromkeys(knowledge.proofs, "words"), date.min, date.max)
    facts = KnownFacts(tuple(map(read_fact, case["facts"])), frozenset())
    codes = sorted({requirement.dsr for requirement in knowledge.requirements})
    dossiers, lines, left = [], [], MOST
    for rank in range(draw.randint(2, 5)):
        target = Target(
            dsr=draw.choice(codes),
            product=draw.choice(["NIL-1"] * 5 + ["NIL-2"]),
            solution=draw.choice(SOLUTIONS),
            composition=draw.choice([case["target"]["composition"]] * 3 + [*COMPOSITIONS]),
            profiles=frozenset(case["target"]["profiles"]),
        )
        if embeddings:
            target = _embedding_or_embedded(target, embeddings, rank, knowledge.day)
        asked = [
            goal.code for profile, goal in knowledge.goals(target.dsr) if profile in target.asked_profiles
        ]
        for code in asked:
            state = draw.choice(_OTHERS) if left <= 0 or draw.random() < 0.15 else ItemState.REQUIRED
            left -= state is ItemState.REQUIRED
            lines.append(Line(rank, code, state, draw.choice([Track.ASYNC, Track.ASYNC, Track.DUO])))
        names = [fact.id for fact in facts.facts]
        refused = {
            code: [frozenset(draw.sample(names, draw.randint(1, len(names))))]
            for code in asked
            if refusals and names and draw.random() < 0.5
        }
        dossiers.append(Basis(target, rules, facts, refused, target.product))
    return World(dossiers, lines)


def _embeddings(case: dict[str, Any], draw: Random) -> list[Embedding]:
    role, component = draw.choice(
        sorted({pair for composition in COMPOSITIONS for pair in composition.items()})
    )
    for requirement in case["requirements"]:
        for proof in requirement["proofs"]:
            if draw.random() < 0.8:
                proof["roles"] = [role]
    return [Embedding("E1", "NIL-2", component, frozenset({role}), date.min)]


def _embedding_or_embedded(target: Target, embeddings: Sequence[Embedding], rank: int, day: date) -> Target:
    """Every other dossier is of the component itself, and those of the other product have it, but for one."""
    composition = target.composition
    if rank != 2:
        composition = {role: one.component for one in embeddings for role in one.roles}
    embedding = counting(composition, embeddings, day)
    if rank % 2:
        return replace(target, product="NIL-2", composition=composition)
    return replace(target, product="NIL-1", composition=composition, embeddings=embedding)


def _link_more(case: dict[str, Any], draw: Random) -> None:
    """Links between proofs, alone and joint, and in most cases a policy that lets all of them serve."""
    proofs = [
        f"{requirement['dsr']}:{requirement['code']}#{proof['suffix']}"
        for requirement in case["requirements"]
        for proof in requirement["proofs"]
    ]
    for rank in range(draw.randint(0, 8) if len(proofs) > 3 else 0):
        *sources, target = draw.sample(proofs, draw.choice([2, 2, 3, 4]))
        relation = draw.choice(["equal", "superset", "superset", "subset"])
        window = {"valid_from": None, "valid_until": None}
        case["correspondences"].append(
            {"id": f"M{rank}", "from": sources, "to": target, "relation": relation, **window}
        )
    if draw.random() < 0.7:
        confirmed = {"when": {"guichet": "CNDA"}, "then": {"reuse": "confirm"}}
        case["policies"] = [confirmed, {"when": {}, "then": {"reuse": "auto"}}]


def _knowledge(case: dict[str, Any]) -> Knowledge:
    return Knowledge.of(
        date.fromisoformat(case["as_of"]),
        map(read_requirement, case["requirements"]),
        map(read_correspondence, case["correspondences"]),
        map(read_certificate_kind, case["certificate_kinds"]),
        map(read_policy, case["policies"]),
    )
