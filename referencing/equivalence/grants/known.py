"""What is known of one technical core, as the engine takes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from referencing.equivalence.engine import facts
from referencing.equivalence.engine.facts import AlikeVersions, Embedding, Target, alike, counting


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """The facts of one technical core. The engine names them by text; what is no certificate is on a proof."""

    facts: tuple[facts.Fact, ...]
    certificates: frozenset[str]
    alike: Sequence[AlikeVersions] = ()
    embeddings: Sequence[Embedding] = ()

    def counting(self, target: Target, day: date) -> Target:
        """A target with the components that count as its own on a day, and those of which findings may serve it."""
        if not self.alike and not self.embeddings:
            return target
        return replace(
            target,
            alike=alike(target.composition, self.alike, day),
            embeddings=counting(target.composition, self.embeddings, day),
        )


class OnProofs(NamedTuple):
    """Facts of the same circumstances: the id of each, its proof, and the digest of the words that it was found on."""

    circumstances: facts.Circumstances
    ids: Sequence[str]
    proofs: Sequence[str]
    wordings: Sequence[str]


@dataclass(frozen=True, slots=True)
class CoreFacts:
    """The facts of one technical core, whatever words they were found on."""

    on_proofs: Sequence[OnProofs]
    certificates: Sequence[facts.Certificate]
    alike: Sequence[AlikeVersions]  # of versions in compositions of its softwares
    embeddings: Sequence[
        Embedding
    ]  # of components in its softwares; what is found on them is `on_proofs` too

    def worded(self, wordings: Mapping[str, str]) -> KnownFacts:
        """A finding on other words than those in force (`wordings`, by proof) says nothing of them."""
        of_proofs = [
            facts.Verification(fact, proof, circumstances)
            for circumstances, ids, proofs, digests in self.on_proofs
            for fact, proof, wording in zip(ids, proofs, digests, strict=True)
            if wordings.get(proof) == wording
        ]
        certificates = frozenset(certificate.id for certificate in self.certificates)
        return KnownFacts((*of_proofs, *self.certificates), certificates, self.alike, self.embeddings)
