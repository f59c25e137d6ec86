"""The vocabulary of equivalence: requirements, proofs, rules, facts and targets.

Shapes follow the case format `equivalence-case/1`; a proof is named by its code,
`DSR:REQUIREMENT#SUFFIX`, a requirement by `DSR:REQUIREMENT`.
What is made by the hundred for each candidature is a named tuple: frozen dataclasses take five times as long to make.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

GENERAL_PROFILE = "Général"


class Relation(StrEnum):
    """How the source's demands relate to the target's."""

    EQUAL = "equal"
    SUPERSET = "superset"  # the source asks at least all that the target asks
    SUBSET = "subset"  # the source is a part of the target
    INTERSECTS = "intersects"
    NONE = "none"

    @property
    def covers(self) -> bool:
        """The source asks all that the target asks."""
        return self in {Relation.EQUAL, Relation.SUPERSET}

    @property
    def within(self) -> bool:
        """The source asks nothing but what the target asks."""
        return self in {Relation.EQUAL, Relation.SUBSET}

    @property
    def meets(self) -> bool:
        """The source and the target ask something in common."""
        return self is not Relation.NONE

    @classmethod
    def between(cls, *, covers: bool, within: bool) -> "Relation":
        """The relation of demands that have something in common."""
        return next(
            relation
            for relation in cls
            if relation.meets and (relation.covers, relation.within) == (covers, within)
        )

    @classmethod
    def in_socle(cls, *, identical: bool) -> "Relation":
        """The relation of demands taken from one socle: equal where its words were kept, else they overlap."""
        return cls.EQUAL if identical else cls.INTERSECTS


class Reuse(StrEnum):
    AUTO = "auto"
    CONFIRM = "confirm"
    NEVER = "never"


class FactStatus(StrEnum):
    SUBMITTED = "submitted"  # under review: may only be waited for
    VERIFIED = "verified"
    REJECTED = "rejected"


class Standing(StrEnum):
    """The state of the dossier in which a fact was found."""

    OPEN = "open"
    REFERENCED = "referenced"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"
    DELISTED = "delisted"
    IMPORTED = "imported"  # a referencing taken over from before


class Doubt(StrEnum):
    """Why a certificate is not reused unseen."""

    ABSENT = "absent"  # from the list of its issuer
    DIFFERS = "differs"  # what the list says of it
    HOLDER_UNPROVEN = "holder_unproven"  # nobody says that its NIL is this software's: it serves nothing
    UNCONFIRMED = "unconfirmed"  # an editor's side entered it, and no list nor person answers for it


@dataclass(frozen=True, slots=True)
class ExpectedProof:
    code: str
    dsr: str
    dispositif: str
    vague: int
    requirement: str
    chapter: str
    guichet: str
    kind: str
    roles: tuple[str, ...] = ()

    @property
    def suffix(self) -> str:
        return self.code.rpartition("#")[2]


@dataclass(frozen=True, slots=True)
class Requirement:
    dsr: str
    code: str
    profile: str
    proofs: tuple[ExpectedProof, ...]
    socle: str | None = None
    identical: bool = True  # whether the text is the socle's, word for word

    @property
    def full_code(self) -> str:
        return f"{self.dsr}:{self.code}"


@dataclass(frozen=True, slots=True)
class Correspondence:
    """What sources show of a target; `besides` are proofs of it for which a more precise correspondence speaks."""

    id: str
    sources: tuple[str, ...]
    target: str
    relation: Relation
    valid_from: date | None = None
    valid_until: date | None = None  # the first day on which it no longer holds
    besides: frozenset[str] = field(default=frozenset(), kw_only=True)

    def active(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )


@dataclass(frozen=True, slots=True)
class CertificateKind:
    kind: str
    covers: tuple[Mapping[str, str], ...]  # globs on dsr, requirement, chapter; a missing one matches all


@dataclass(frozen=True, slots=True)
class Policy:
    when: Mapping[str, tuple[str, ...]]
    reuse: Reuse
    max_age_days: int | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The circumstances in which something was found on a software on a `day`: many facts share them, and their use.

    `standing` is that of the dossier in which it was found, on the day of which the engine is asked; `source` names in
    French where a finding from before this service was taken over from.
    """

    product: str
    solution: str
    status: FactStatus
    mode: str
    day: date
    composition: Mapping[str, str] = field(default_factory=dict)
    revoked_on: date | None = None
    standing: Standing = Standing.REFERENCED
    source: str | None = None


class Verification(NamedTuple):
    """A verifier's finding on one expected proof of one software."""

    id: str
    proof: str
    circumstances: Circumstances

    @property
    def solution(self) -> str:
        return self.circumstances.solution

    @property
    def status(self) -> FactStatus:
        return self.circumstances.status

    @property
    def mode(self) -> str:
        return self.circumstances.mode

    @property
    def day(self) -> date:
        return self.circumstances.day

    @property
    def composition(self) -> Mapping[str, str]:
        return self.circumstances.composition

    @property
    def revoked_on(self) -> date | None:
        return self.circumstances.revoked_on

    @property
    def standing(self) -> Standing:
        return self.circumstances.standing

    @property
    def source(self) -> str | None:
        return self.circumstances.source


class Certificate(NamedTuple):
    """Issued elsewhere, held by a product or by a component; `day` is its first one.

    `doubt` says what stands against it, if anything: a verifier then looks, whatever the policy; or it serves nothing.
    """

    id: str
    kind: str
    holder: str
    day: date
    valid_until: date | None = None  # the first day on which it no longer holds
    revoked_on: date | None = None
    doubt: Doubt | None = None

    @property
    def circumstances(self) -> "Certificate":
        """A certificate shares them with no other."""
        return self


Fact = Verification | Certificate


class AlikeVersions(NamedTuple):
    """Two versions of a component that count as one in a role from a `day` on: these two alone, both ways."""

    id: str
    role: str
    components: tuple[str, str]
    day: date
    revoked_on: date | None = None

    def counts(self, day: date) -> bool:
        return self.day <= day and (self.revoked_on is None or day < self.revoked_on)


class Embedding(NamedTuple):
    """A product that another one embeds as a `component`, in the `roles` that it fills, from a `day` on."""

    id: str
    embedded: str  # the product that the component is
    component: str
    roles: frozenset[str]
    day: date
    revoked_on: date | None = None

    def counts(self, day: date) -> bool:
        return self.day <= day and (self.revoked_on is None or day < self.revoked_on)


def counting(
    composition: Mapping[str, str], declared: Iterable[Embedding], day: date
) -> tuple[Embedding, ...]:
    """The embeddings that count for a composition on a day, each in the roles that its component has in it."""
    filled = [
        embedding._replace(
            roles=frozenset(role for role in embedding.roles if composition.get(role) == embedding.component)
        )
        for embedding in sorted(declared, key=lambda embedding: embedding.id)
        if embedding.counts(day)
    ]
    return tuple(embedding for embedding in filled if embedding.roles)


#: What counts as a component of the target, by the role and the component that takes its place.
Alike = Mapping[tuple[str, str], AlikeVersions]


def alike(composition: Mapping[str, str], declared: Iterable[AlikeVersions], day: date) -> Alike:
    """The components that count as those of a composition on a day; of several declarations, the smallest id."""
    counting = {}
    for versions in sorted(declared, reverse=True):
        component = composition.get(versions.role)
        if component in versions.components and versions.counts(day):
            (other,) = {*versions.components} - {component}
            counting[versions.role, other] = versions
    return counting


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked about; `alike` are the components that count as its own, each in the role it is declared for.

    `embeddings` are the products that it embeds, of which findings may serve it. A component that is asked about itself
    `fills` roles.
    """

    dsr: str
    product: str
    solution: str
    composition: Mapping[str, str] = field(default_factory=dict)
    profiles: frozenset[str] = frozenset()
    deposited_on: date | None = None
    alike: Alike = field(default_factory=dict)
    embeddings: tuple[Embedding, ...] = ()
    fills: frozenset[str] = frozenset()

    @property
    def asked_profiles(self) -> frozenset[str]:
        """The profiles of which each requirement is asked."""
        return self.profiles | {GENERAL_PROFILE}

    def concerns(self, proof: ExpectedProof) -> bool:
        """Whether an expected proof is asked of a component: it depends on its roles, and on nothing beside them."""
        return bool(proof.roles) and self.fills.issuperset(proof.roles)
