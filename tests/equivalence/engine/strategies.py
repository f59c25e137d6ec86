"""Whole cases, `equivalence-case/1` as plain JSON values, small and dense: short of names, rich in links.

A case is dealt from one string of bytes, each of which picks one of a list of values: a case costs Hypothesis
a single draw, and shrinks towards the first of every list. Good values stand first and more often than bad
ones, or nearly everything would be `required`.
"""

from collections.abc import Sequence
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

Json = dict[str, Any]
T = TypeVar("T")

AS_OF = "2026-03-02"
BYTES = 480  # more than the largest case picks

DSRS = (
    {"dsr": "LGC-V2", "dispositif": "LGC", "vague": 2},
    {"dsr": "LGC-V2", "dispositif": "LGC", "vague": 2},
    {"dsr": "LGC-V1", "dispositif": "LGC", "vague": 1},
    {"dsr": "LGC-V2-BIS", "dispositif": "LGC", "vague": 2},  # another DSR, yet no inter_ label holds
    {"dsr": "RIS-V1", "dispositif": "RIS", "vague": 1},
    {"dsr": "RIS-V2", "dispositif": "RIS", "vague": 2},
)
CHAPTERS = ("INS", "DMP", "MSS")
PROFILES = (*["Général"] * 4, "IAM", "Médecin traitant")
TARGET_PROFILES: tuple[list[str], ...] = (["IAM", "Médecin traitant"], ["IAM"], ["Général"], [])
SOCLES = (
    {"socle": None, "socle_fidelity": None},
    {"socle": None, "socle_fidelity": None},
    {"socle": "SC.INS/00", "socle_fidelity": "identical"},
    {"socle": "SC.INS/00", "socle_fidelity": "overridden"},
    {"socle": "SC.MSS/00", "socle_fidelity": "identical"},
)
SUFFIXES = (("01.01", "01.02", "02.01"), ("01.01", "02.01", "01.02"), ("01.02", "02.01", "01.01"))
GUICHETS = ("ANS", "CNDA", "EDC_PSC")
KINDS = ("document", "pentest", "log")
ROLES: tuple[list[str], ...] = ([], [], ["mss"], ["dmp"], ["dmp", "mss"])

UNKNOWN = ("LGC-V1:UNKNOWN.01", "LGC-V1:UNKNOWN.01#01.01")
#: Added to the suffix of a known proof: as if a version had renamed it.
RENAMED = ".bis"
RELATIONS = (*["equal"] * 3, *["superset"] * 2, *["subset"] * 2, "intersects", "none")
#: In force, then not: what ends on the very day is over, what starts on it has begun.
WINDOWS = (
    *[(None, None)] * 6,
    (AS_OF, None),
    ("2024-01-01", "2027-01-01"),
    (None, AS_OF),
    ("2026-06-01", None),
)

COMPOSITIONS: tuple[dict[str, str], ...] = (
    {},
    {"mss": "NIL-77@4"},
    {"mss": "NIL-77@3"},
    {"mss": "NIL-77@5", "dmp": "NIL-88@2"},
    {"mss": "NIL-77@4", "dmp": "NIL-88@1"},
    {"dmp": "NIL-88@1", "psc": "NIL-77@4"},
)
#: Some of whom nobody has; declared both ways round, and for a role that the two do not fill.
ALIKE = (
    *[("mss", ["NIL-77@3", "NIL-77@4"])] * 3,
    ("mss", ["NIL-77@4", "NIL-77@5"]),
    ("psc", ["NIL-77@4", "NIL-77@3"]),
    ("dmp", ["NIL-88@2", "NIL-88@1"]),
)
#: Products that are components of others, some of versions that nobody has or of roles that they have nowhere.
EMBEDDINGS = (
    *[("NIL-1", "NIL-77", "NIL-77@4", ["mss"])] * 3,
    ("NIL-1", "NIL-77", "NIL-77@4", ["mss", "psc"]),
    ("NIL-1", "NIL-77", "NIL-77@5", ["mss", "dmp"]),
    ("NIL-1", "NIL-2", "NIL-88@1", ["dmp"]),
    ("NIL-2", "NIL-77", "NIL-77@4", ["mss"]),
)
FILLED: tuple[list[str], ...] = (*[[]] * 9, ["mss"], ["dmp", "mss"])
SOLUTIONS = ("Alpha", "Beta")
STANDINGS = (*[None] * 3, "referenced", "open", "suspended", "delisted", "refused", "withdrawn", "imported")
STATUSES = (*["verified"] * 4, *["submitted"] * 3, "rejected")
DATES = (*["2025-09-01", "2026-01-15"] * 3, AS_OF, "2025-03-02", "2025-03-01", "2023-05-05", "2026-03-03")
ENDS = (*[None] * 4, "2026-03-03", AS_OF)
REVOCATIONS = (*[None] * 9, "2026-09-01", AS_OF, "2026-01-01")
CERTIFICATE_KINDS: tuple[Json, ...] = (
    {"kind": "DMN", "covers": [{"dsr": "LGC-V2*", "chapter": "INS"}, {"chapter": "MSS"}]},
    {"kind": "CNDA-DMP", "covers": [{"requirement": "DMP*"}]},
    {"kind": "STLC", "covers": [{}]},
    {"kind": "VIDE", "covers": [{"chapter": "ins"}]},
)

CONDITIONS: tuple[tuple[str, str | list[str]], ...] = (
    ("guichet", "CNDA"),
    ("guichet", "cnda"),  # no guichet: globs are case-sensitive
    ("source_guichet", ["CNDA", "EDC_PSC"]),
    ("chapter", ["DMP", "M?S"]),
    ("requirement", "INS*"),
    ("kind", ["pen*", "[!ld]*"]),
    ("dispositif", "[LX]*"),
    ("vague", "2"),
    ("vague", ["1", "3"]),
    ("mode", "duo"),
    ("mode", ""),
    ("mode", "*"),
    ("standing", ["delisted", "suspended"]),
    ("standing", "re*"),
    ("standing", ""),
    ("standing", "*"),
    ("case", "certificate"),
    ("case", "inter_*"),
    ("case", ["same_dsr", "component"]),
    ("case", "commercial_name"),
    ("case", []),
)
ON_COMPONENTS = (("case", "embedded"), ("case", ["embedded", "inter_vague"]), ("case", "embed*"))
REUSES = ("auto", "auto", "confirm", "never")
AGES: tuple[Json, ...] = ({}, {}, {"max_age_days": 365}, {"max_age_days": 366}, {"max_age_days": 30})
LAST_POLICY: tuple[list[Json], ...] = (
    *[[{"when": {}, "then": {"reuse": "auto"}}]] * 3,
    [{"when": {}, "then": {"reuse": "confirm"}}],
    [],
)


@st.composite
def cases(draw: st.DrawFn) -> Json:
    return _Deal(draw(st.binary(min_size=BYTES, max_size=BYTES))).case()


@st.composite
def cases_with_components(draw: st.DrawFn) -> Json:
    """Of products that embed others, and of some that are embedded themselves."""
    return _DealWithComponents(draw(st.binary(min_size=BYTES, max_size=BYTES))).case()


def dealt(seed: int) -> Json:
    """A case from a well-shuffled deck: few tries, each of which takes long, then see more of what there is."""
    return _Deal(Random(seed).randbytes(BYTES)).case()


def dealt_with_components(seed: int) -> Json:
    return _DealWithComponents(Random(seed).randbytes(BYTES)).case()


class _Deal:
    products: tuple[str, ...] = (*["NIL-1"] * 7, "NIL-2")
    conditions = CONDITIONS

    def __init__(self, deck: bytes) -> None:
        self.bytes = iter(deck)

    def pick(self, values: Sequence[T]) -> T:
        return values[next(self.bytes) % len(values)]

    def case(self) -> Json:
        requirements = [self.requirement(rank) for rank in range(self.pick((4, 3, 5, 6, 7)))]
        target = self.target([one["dsr"] for one in requirements])
        codes = [f"{one['dsr']}:{one['code']}" for one in requirements]
        proofs = [
            f"{code}#{proof['suffix']}"
            for code, one in zip(codes, requirements, strict=True)
            for proof in one["proofs"]
        ]
        named = [*codes, *proofs]
        goals = [code for code in named if code.startswith(f"{target['dsr']}:")]
        return {
            "format": "equivalence-case/1",
            "as_of": AS_OF,
            "requirements": requirements,
            "correspondences": [self.link(rank, named, goals) for rank in range(self.pick(range(13)))],
            "certificate_kinds": list(CERTIFICATE_KINDS[: self.pick((4, 3, 2, 0))]),
            "policies": [self.policy() for _ in range(self.pick((0, 1, 2, 3)))] + self.pick(LAST_POLICY),
            "facts": [self.fact(rank, proofs, target) for rank in range(self.pick(range(11)))],
            "target": target,
            "alike_versions": [self.alike(rank) for rank in range(self.pick((0, 1, 2, 3)))],
        }

    def alike(self, rank: int) -> Json:
        role, components = self.pick(ALIKE)
        began, revoked = self.pick(DATES), self.pick(REVOCATIONS)
        return {
            "id": f"A{rank}",
            "role": role,
            "components": components,
            "valid_from": began,
            "revoked_on": revoked,
        }

    def requirement(self, rank: int) -> Json:
        chapter = self.pick(CHAPTERS)
        return {
            **self.pick(DSRS),
            "code": f"{chapter}.{rank:02}",
            "chapter": chapter,
            "profile": self.pick(PROFILES),
            **self.pick(SOCLES),
            "proofs": [
                {
                    "suffix": suffix,
                    "guichet": self.pick(GUICHETS),
                    "kind": self.pick(KINDS),
                    "roles": self.pick(ROLES),
                }
                for suffix in self.pick(SUFFIXES)[: self.pick((1, 1, 2, 2, 3, 0))]
            ],
        }

    def target(self, dsrs: Sequence[str]) -> Json:
        return {
            "dsr": self.pick(dsrs),
            "product": "NIL-1",
            "solution": self.pick(SOLUTIONS),
            "composition": self.pick(COMPOSITIONS),
            "profiles": self.pick(TARGET_PROFILES),
            "deposited_on": self.pick((None, AS_OF, "2026-03-01", "2025-12-01")),
        }

    def link(self, rank: int, named: list[str], goals: list[str]) -> Json:
        sources = [self.source(named) for _ in range(self.pick((1, 1, 1, 2, 2, 3)))]
        start, end = self.pick(WINDOWS)
        return {
            "id": f"C{rank}",
            "from": sources + sources[: self.pick((0, 0, 0, 1))],
            "to": self.pick([*named, *goals]),
            "relation": self.pick(RELATIONS),
            "valid_from": start,
            "valid_until": end,
        }

    def source(self, named: list[str]) -> str:
        """Mostly what is listed; else a proof under another suffix, or what nobody knows."""
        code = self.pick([*named, *named, *UNKNOWN])
        return code + self.pick((*[""] * 9, RENAMED)) if "#" in code else code

    def policy(self) -> Json:
        when = dict(self.pick(self.conditions) for _ in range(self.pick((1, 1, 2))))
        return {"when": when, "then": {"reuse": self.pick(REUSES), **self.pick(AGES)}}

    def fact(self, rank: int, proofs: list[str], target: Json) -> Json:
        if not proofs or self.pick((False, False, False, True)):
            return {"id": f"F{rank}", **self.certificate(list(target["composition"].values()))}
        return {"id": f"F{rank}", **self.verification(proofs, target["composition"])}

    def verification(self, proofs: list[str], own: dict[str, str]) -> Json:
        return {
            "type": "verification",
            "proof": self.pick(proofs),
            "product": self.pick(self.products),
            "solution": self.pick(SOLUTIONS),
            "composition": self.pick([*[own] * 8, *COMPOSITIONS]),
            "status": self.pick(STATUSES),
            "mode": self.pick(("async", "duo")),
            "date": self.pick(DATES),
            "revoked_on": self.pick(REVOCATIONS),
            **({} if (standing := self.pick(STANDINGS)) is None else {"standing": standing}),
        }

    def certificate(self, components: list[str]) -> Json:
        return {
            "type": "certificate",
            "kind": self.pick([*(one["kind"] for one in CERTIFICATE_KINDS), "INCONNU"]),
            "holder": self.pick(["NIL-1", *components, *components, "NIL-1", "NIL-2", "NIL-88@9"]),
            "valid_from": self.pick(DATES),
            "valid_until": self.pick(ENDS),
            "revoked_on": self.pick(REVOCATIONS),
        }


class _DealWithComponents(_Deal):
    products = (*_Deal.products, *["NIL-77"] * 4)
    conditions = (*CONDITIONS, *ON_COMPONENTS)

    def case(self) -> Json:
        one = super().case()
        if fills := self.pick(FILLED):
            one["target"]["fills"] = fills
        return {**one, "embeddings": [self.embedding(rank) for rank in range(self.pick((1, 2, 3)))]}

    def embedding(self, rank: int) -> Json:
        product, embedded, component, roles = self.pick(EMBEDDINGS)
        began, revoked = self.pick(DATES), self.pick(REVOCATIONS)
        return {
            "id": f"E{rank}",
            "product": product,
            "embedded": embedded,
            "component": component,
            "roles": roles,
            "valid_from": began,
            "revoked_on": revoked,
        }
