"""Policies that never decide anything, and proofs of other guichets that would be reused unseen. Pure.

The first policy that matches applies (spec, Policies). All that a fact, its proof and the target can look like besides
the target proof itself is finite: the source's guichet, the mode, the standing, the cases. Each policy is read as the
set of these that it takes, a number of one bit each; what is left of them to the next policy follows by subtraction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from referencing.base.french import agreed, counted
from referencing.catalogue.proposals import Guichet, ProofKind
from referencing.equivalence.engine.facts import ExpectedProof, Policy, Requirement, Reuse, Standing
from referencing.equivalence.engine.guards import EMBEDDED, Glob

from ..rulebooks import POLICY_KEYS
from .findings import Finding, Severity, enumerated

#: What these verified is theirs: the agency's rules do not reuse it without anybody looking.
OTHERS = frozenset({Guichet.CNDA.value, Guichet.EDC_PSC.value})
_OF_DSRS: tuple[set[str], ...] = (
    {"same_dsr"},
    set(),
    {"inter_vague"},
    {"inter_dispositif"},
    {"inter_vague", "inter_dispositif"},
)
_OF_TARGET = ("guichet", "chapter", "requirement", "kind", "dispositif", "vague")


#: What a policy sees of a source: its guichet, the mode, the standing of its dossier, and the cases.
Context = tuple[str, str, str, frozenset[str]]


def _contexts() -> Iterator[Context]:
    """Every source guichet, mode, standing and set of cases that can come together."""
    labels = ("commercial_name", "component", EMBEDDED)
    changes = [set(some) for size in range(len(labels) + 1) for some in combinations(labels, size)]
    for guichet, cases in product(Guichet, _OF_DSRS):
        yield guichet.value, "", "", frozenset(cases | {"certificate"})
        for mode, standing, changed in product(("async", "duo"), Standing, changes):
            yield guichet.value, mode, standing.value, frozenset(cases | changed)


CONTEXTS = tuple(_contexts())
_ALL = (1 << len(CONTEXTS)) - 1
#: A certificate is the other guichet's own word, and the same solution as it was, in the same DSR, is what was looked
#: at: these may count without anybody looking again.
_TO_CONFIRM = sum(1 << at for at, (_, mode, _, cases) in enumerate(CONTEXTS) if mode and cases - {"same_dsr"})
#: What was found on a component: nobody looks at it where the policy names that case alone.
_ON_COMPONENTS = sum(1 << at for at, (*_, cases) in enumerate(CONTEXTS) if EMBEDDED in cases)


def _contexts_by_value() -> dict[str, dict[str, int]]:
    """For each key of a policy that looks at the source, the contexts of each value, one bit each."""
    masks: dict[str, dict[str, int]] = {key: {} for key in ("source_guichet", "mode", "standing", "case")}
    for at, (guichet, mode, standing, cases) in enumerate(CONTEXTS):
        of_context = {"source_guichet": (guichet,), "mode": (mode,), "standing": (standing,), "case": cases}
        for key, values in of_context.items():
            for value in values:
                masks[key][value] = masks[key].get(value, 0) | 1 << at
    return masks


_BY_VALUE = _contexts_by_value()
#: Conditions whose words are all known, whatever lists are published.
_CLOSED = _BY_VALUE.keys() | {"guichet", "kind"}
#: What a rulebook has to speak of: facts of these dossiers are reused else as if nothing had happened.
_TO_SPEAK_OF = {
    Standing.DELISTED: "déréférencée",
    Standing.SUSPENDED: "suspendue",
}


@dataclass(slots=True)
class _Read:
    """A policy, which contexts it takes, and what it was seen to do."""

    index: int
    policy: Policy
    takes: int
    globs: Mapping[str, Glob]
    kept: dict[tuple[str, str], bool] = field(default_factory=dict)
    matched: int = 0  # target proofs
    decides: int = 0  # target proofs
    reused: list[str] = field(default_factory=list)  # of other guichets, without confirmation
    hidden_by: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, index: int, policy: Policy) -> "_Read":
        globs = {key: Glob(patterns) for key, patterns in policy.when.items()}
        takes = _ALL
        for key in _BY_VALUE.keys() & globs.keys():
            taken = 0
            for value, contexts in _BY_VALUE[key].items():
                taken |= contexts if globs[key]((value,)) else 0
            takes &= taken
        return cls(index, policy, takes, {key: globs[key] for key in _OF_TARGET if key in globs})

    def matches(self, features: Mapping[str, str]) -> bool:
        return all(self._match(key, features[key]) for key in self.globs)

    def _match(self, key: str, value: str) -> bool:
        if (key, value) not in self.kept:
            self.kept[key, value] = self.globs[key]((value,))
        return self.kept[key, value]


def policy_findings(policies: Sequence[Policy], known: Sequence[Requirement]) -> Iterator[Finding]:
    read = [_Read.of(index, policy) for index, policy in enumerate(policies)]
    proofs = [proof for requirement in known for proof in requirement.proofs]
    for proof in proofs:
        _decide(read, proof)
    vocabulary = _vocabulary(proofs)
    for one in read:
        yield from _said(one, vocabulary)
    yield from _unsaid(policies)
    if not policies:
        yield Finding(
            "/policies",
            "no_policies",
            Severity.ERROR,
            "Sans politique, rien ne serait plus réutilisé : écrivez au moins une politique, par exemple « à confirmer "
            'dans tous les cas » ({"when": {}, "then": {"reuse": "confirm"}}).',
        )


def _unsaid(policies: Sequence[Policy]) -> Iterator[Finding]:
    """Standings of which no policy speaks, where facts may be reused at all."""
    if all(policy.reuse is Reuse.NEVER for policy in policies):
        return
    spoken_of = [Glob(policy.when["standing"]) for policy in policies if "standing" in policy.when]
    for standing, word in _TO_SPEAK_OF.items():
        if not any(glob((standing.value,)) for glob in spoken_of):
            detail = (
                f"Rien n'est dit de ce qui fut vérifié pour une solution {word} depuis : ces faits seraient réutilisés "
                f"comme les autres. Ajoutez en tête une politique de condition {_called('standing')} : "
                f"{standing.value}."
            )
            yield Finding("/policies", "standing_unsaid", Severity.WARNING, detail)


def _called(key: str) -> str:
    """A condition by the words that people read and the key that programs write."""
    return f"« {POLICY_KEYS[key]} » ({key})"


def _features(proof: ExpectedProof) -> dict[str, str]:
    return {key: str(getattr(proof, key)) for key in _OF_TARGET}


def _decide(read: Iterable[_Read], proof: ExpectedProof) -> None:
    features = _features(proof)
    left = _ALL
    before: list[_Read] = []
    for one in read:
        if not one.takes or not one.matches(features):
            continue
        one.matched += 1
        if one.takes & left:
            one.decides += 1
            unseen = one.takes & left & _TO_CONFIRM
            if EMBEDDED not in one.policy.when.get("case", ()):
                unseen &= ~_ON_COMPONENTS
            if unseen and one.policy.reuse is Reuse.AUTO and proof.guichet in OTHERS:
                one.reused.append(proof.code)
        elif not one.decides:
            one.hidden_by.update(earlier.index for earlier in before if earlier.takes & one.takes)
        left &= ~one.takes
        before.append(one)


def _vocabulary(proofs: Iterable[ExpectedProof]) -> dict[str, set[str]]:
    """What each key can be; of what the lists themselves name, nothing is said while no list is known."""
    found: dict[str, set[str]] = {"guichet": {*Guichet}, "kind": {*ProofKind}}
    found |= {key: {*values} for key, values in _BY_VALUE.items()}
    for proof in proofs:
        for key, value in _features(proof).items():
            found.setdefault(key, set()).add(value)
    return found


def _said(one: _Read, vocabulary: Mapping[str, set[str]]) -> Iterator[Finding]:
    at = f"/policies/{one.index}"
    unknown = {
        key: [pattern for pattern in patterns if not Glob((pattern,))(vocabulary[key])]
        for key, patterns in one.policy.when.items()
        if key in vocabulary
    }
    wrong = sorted(key for key, patterns in unknown.items() if len(patterns) == len(one.policy.when[key]))
    if wrong or not one.takes:
        keys = list(map(_called, wrong or sorted(_BY_VALUE.keys() & one.policy.when.keys())))
        detail = (
            f"Cette politique ne peut jamais s'appliquer : rien de connu ne répond à {enumerated(keys)}. "
            "Corrigez-la ou retirez-la."
        )
        place = f"{at}/when/{wrong[0]}" if len(wrong) == 1 else f"{at}/when"
        yield Finding(place, "policy_never_matches", Severity.WARNING, detail)
    elif not one.matched:
        detail = "Aucune preuve des DSR publiés ne répond à la fois à toutes ces conditions."
        yield Finding(f"{at}/when", "policy_idle", Severity.INFO, detail)
    elif not one.decides:
        earlier = enumerated([str(index) for index in sorted(one.hidden_by)])
        detail = (
            f"Cette politique ne décide jamais : les précédentes ({earlier}, comptées depuis 0) s'appliquent "
            "toujours avant elle. Placez-la plus haut ou retirez-la."
        )
        yield Finding(at, "policy_shadowed", Severity.WARNING, detail)
    for key in sorted(_CLOSED & unknown.keys() - {*wrong}):
        if unknown[key]:
            detail = (
                f"Rien de connu ne répond à {enumerated(unknown[key])} pour {_called(key)} : corrigez ce mot."
            )
            yield Finding(f"{at}/when/{key}", "unknown_word", Severity.WARNING, detail)
    if one.reused:
        detail = (
            f"{counted(len(one.reused), 'preuve')} de la CNDA ou d'EDC PSC "
            f"{agreed(len(one.reused), 'serait réutilisée', 'seraient réutilisées')} sans confirmation : "
            f"{enumerated(sorted(one.reused), 5)}. Écrivez « à confirmer » (confirm) ou « jamais » "
            "(never) pour ces guichets, avant cette politique."
        )
        yield Finding(f"{at}/then/reuse", "unconfirmed_reuse", Severity.WARNING, detail)
