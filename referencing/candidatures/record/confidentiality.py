"""What an editor is not told where its software shares its core with another organisation's, or embeds what another
makes: whose a fact is, and when.

That its item stands on a fact of the other, and through which proofs and rules, is what a derivation must say. What
stands in the way of the other's facts is not.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.candidatures.record.queries import facts_of_others
from referencing.equivalence.engine.facts import Fact
from referencing.equivalence.engine.resolution import Derivation, Item, Leaf, Resolution


def veiled(
    session: Session, organisation_id: UUID, resolution: Resolution, facts: Mapping[str, Fact]
) -> tuple[Resolution, Mapping[str, Fact]]:
    """A resolution as the editor reads it; the facts of others have names that say nothing, and no description."""
    cited = dict.fromkeys(fact for item in resolution.items for fact in _cited(item))
    others = facts_of_others(session, organisation_id, cited)
    names = _names([fact for fact in cited if fact in others])
    own = {name: fact for name, fact in facts.items() if name not in names}
    return Resolution(tuple(_item(item, names) for item in resolution.items)), own


def veiled_answer(answer: Item, others: Collection[str]) -> Item:
    """One answer of the engine as the editor reads it: the facts `others` have names that say nothing."""
    return _item(answer, _names([fact for fact in _cited(answer) if fact in others]))


def veiled_derivation(derivation: dict[str, Any], others: Collection[str]) -> dict[str, Any]:
    """A derivation, as it is stored, as the editor reads it: the facts `others` have names that say nothing."""
    if not others:
        return derivation
    names = _names(sorted(others))

    def renamed(step: Mapping[str, Any]) -> dict[str, Any]:
        if step.get("fact") in names:
            told = {key: step[key] for key in ("proof", "embedding") if key in step}
            return {**told, "fact": names[step["fact"]]}
        if "fact" in step:
            return {**step}
        return {**step, "from": [renamed(source) for source in step.get("from", ())]}

    return renamed(derivation)


def _names(facts: Collection[str]) -> dict[str, str]:
    return {fact: f"autre-{number}" for number, fact in enumerate(facts, start=1)}


def _cited(item: Item) -> Collection[str]:
    return (*item.facts, *(blocked.fact for blocked in item.blocked))


def _item(item: Item, names: Mapping[str, str]) -> Item:
    return item._replace(
        facts=tuple(names.get(fact, fact) for fact in item.facts),
        derivation=item.derivation and _derivation(item.derivation, names),
        blocked=tuple(blocked for blocked in item.blocked if blocked.fact not in names),
    )


def _derivation(derivation: Derivation, names: Mapping[str, str]) -> Derivation:
    if isinstance(derivation, Leaf):
        if derivation.fact not in names:
            return derivation
        # With which components is not told either; that the dossier embeds one is its own affair.
        return Leaf(derivation.proof, names[derivation.fact], embedding=derivation.embedding)
    return derivation._replace(sources=tuple(_derivation(source, names) for source in derivation.sources))
