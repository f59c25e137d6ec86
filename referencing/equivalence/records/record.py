"""The safety record of a rule: what became of the reuses that lean on it, and the bound that this allows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import exp, lgamma, log, log1p

from referencing.base.french import counted

CONFIDENCE = 0.95
_HALVINGS = 60
#: Shares of false reuses, as the bound tells them: little, and one in two.
_SAFE, _EVEN = 0.1, 0.5


class RuleKind(StrEnum):
    POLICY = "policy"
    CORRESPONDENCE = "correspondence"
    SOCLE = "socle"


def upper_bound(false: int, verified: int) -> float:
    """The largest share of false ones that so many among those verified do not exclude, from 0 to 1.

    Clopper and Pearson's exact bound, one-sided, at 95 %: with any larger share, so few are found false in less than
    one case in twenty. Without any that was verified nothing is excluded. Source: Biometrika 26 (1934), 404.
    """
    if false >= verified:
        return 1.0
    low, high = false / verified, 1.0
    for _ in range(_HALVINGS):
        share = (low + high) / 2
        low, high = (share, high) if _at_most(false, verified, share) > 1 - CONFIDENCE else (low, share)
    return high


def _at_most(false: int, verified: int, share: float) -> float:
    """The probability of at most so many, each being false with this probability: the binomial distribution."""
    ways = [lgamma(verified + 1) - lgamma(n + 1) - lgamma(verified - n + 1) for n in range(false + 1)]
    return sum(exp(way + n * log(share) + (verified - n) * log1p(-share)) for n, way in enumerate(ways))


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """The reuses that lean on a rule, counted; each counts for every rule that it leans on.

    `rule` is its lasting name, `code` what its rulebook calls it: a correspondence's id, a policy's place from 1 on, or
    the code of a socle. `counts` is by `Counted`. `tolerated` is the share in a hundred that leads tolerate,
    None where they said none.
    """

    rule: str
    kind: RuleKind
    code: str
    counts: Mapping[str, int]
    tolerated: int | None = None

    @property
    def is_beyond(self) -> bool:
        """Whether a reuse was found false, and the numbers allow a larger share of them than is tolerated."""
        return self.tolerated is not None and bool(self.found_false) and 100 * self.bound > self.tolerated

    @property
    def found_false(self) -> int:
        return self.counts.get("false_by_audit", 0) + self.counts.get("false_by_revocation", 0)

    @property
    def verified_again(self) -> int:
        return self.counts.get("upheld", 0) + self.found_false

    @property
    def bound(self) -> float:
        return upper_bound(self.found_false, self.verified_again)

    @property
    def doubt(self) -> int:
        """How many times as likely an audit looks at what leans on it: once, unless reuses were found false."""
        if not self.found_false or self.bound <= _SAFE:
            return 1
        return 2 if self.bound <= _EVEN else 3

    @property
    def sentence(self) -> str:
        """What the numbers allow to say, in French."""
        if not self.verified_again:
            return "Rien ne le dit encore : aucun réemploi n'a été vérifié de nouveau."
        share = f"{100 * self.bound:.1f}".replace(".", ",")
        return (
            f"Au plus {share} % de réemplois faux, avec une confiance de 95 % : "
            f"{counted(self.found_false, 'trouvé')} faux "
            f"sur {counted(self.verified_again, 'vérifié')} de nouveau."
        )
