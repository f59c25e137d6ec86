"""The draw of the requirements that an audit verifies again: anyone can make it again. Pure.

Each requirement has as many tickets as its weight. The number of a ticket is the first eight bytes of
SHA-256(`SEED:REQUIREMENT:TICKET`), read as an unsigned big-endian number, tickets being numbered from 1; a requirement
stands where its lowest ticket stands, and the first so many are drawn. This is a draw of tickets one after the other in
which a requirement leaves with all its tickets once one of them was drawn. `printf '%s:%s:%s' SEED REQUIREMENT TICKET |
sha256sum | cut -c1-16` is all that it takes.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Standing:
    """A proof of a requirement: whether it stands on proofs of another dossier, and was looked at again since.

    `doubt` is that of the rule with the weakest record under a reuse: 1 where none was found false.
    """

    requirement: str
    reused: bool
    verified_again: bool
    doubt: int = 1


@dataclass(frozen=True, slots=True)
class Entrant:
    """A requirement with its number of tickets, and in French why it has so many: what its heaviest proof stands on."""

    requirement: str
    weight: int
    reason: str = field(default="", compare=False)


#: By (reused, verified again): who reuses shows nothing new, so that is looked at first.
WEIGHTS = {(False, True): 1, (False, False): 2, (True, True): 3, (True, False): 6}


_REASONS = {
    (False, True): "preuve propre, vérifiée de nouveau",
    (False, False): "preuve propre, jamais vérifiée de nouveau",
    (True, True): "réemploi, vérifié de nouveau",
    (True, False): "réemploi, jamais vérifié de nouveau",
}


def weight(standing: Standing) -> int:
    return WEIGHTS[standing.reused, standing.verified_again] * standing.doubt


def entrants(standings: Iterable[Standing]) -> list[Entrant]:
    """An entrant for each requirement, in the order of `standings`; its weight is the heaviest of its proofs."""
    heaviest: dict[str, Standing] = {}
    for standing in standings:
        heaviest[standing.requirement] = max(
            standing, heaviest.get(standing.requirement, standing), key=weight
        )
    return [Entrant(code, weight(standing), _reason(standing)) for code, standing in heaviest.items()]


def _reason(standing: Standing) -> str:
    reason = _REASONS[standing.reused, standing.verified_again]
    if standing.doubt > 1:
        reason += f" ; une règle de ce réemploi a un bilan faible : poids × {standing.doubt}"
    return reason


def place(seed: str, entrant: Entrant) -> int:
    """The number of the lowest ticket of an entrant."""
    return min(_ticket(seed, entrant.requirement, number) for number in range(1, entrant.weight + 1))


def _ticket(seed: str, requirement: str, number: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}:{requirement}:{number}".encode()).digest()[:8])


def draw(seed: str, among: Sequence[Entrant], size: int) -> list[str]:
    """`size` requirements, or all when there are no more, in the order of drawing."""
    ordered = sorted(among, key=lambda one: (place(seed, one), one.requirement))
    return [one.requirement for one in ordered[:size]]
