"""A tally of the matricules in a file, number by number. Its findings never give the number."""

from collections.abc import Callable
from dataclasses import dataclass

from .fictitious import Authority, authority, is_fictitious
from .nir import Kind, Matricule, matricules
from .wording import masked_name

MOST_NUMBERS = 10_000  # distinct ones; a file with more is a patient base, or no text
MOST_FINDINGS = 100
_LONGEST_PLACE = 250  # characters: names of files and of elements come from outside


@dataclass(frozen=True, slots=True)
class Finding:
    """A matricule that no sign shows to be a test patient's; `where` it stands first, `count` times in all."""

    kind: Kind
    masked: str  # the first digit and the last two
    where: str
    count: int


@dataclass(slots=True)
class _Seen:
    first: Matricule
    where: str
    count: int = 0
    real: bool = False
    fictitious: bool = False


class Tally:
    """Gathers over all the texts of one file: a number that one of them shows to be fictitious is so in all."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self.full = False

    def search(self, text: str, where: Callable[[int], str], start: int = 0, end: int | None = None) -> None:
        """Add the matricules that begin between the two positions; `where` names the place of a position."""
        for matricule in matricules(text, start, end):
            self._add(matricule, authority(text, matricule.start, matricule.end), where)

    def _add(self, matricule: Matricule, assigned_by: Authority | None, where: Callable[[int], str]) -> None:
        seen = self._seen.get(matricule.written)
        if seen is None:
            if len(self._seen) >= MOST_NUMBERS:
                self.full = True
                return
            seen = self._seen[matricule.written] = _Seen(
                matricule, masked_name(where(matricule.start), _LONGEST_PLACE)
            )
        seen.count += 1
        seen.real |= assigned_by is Authority.REAL
        seen.fictitious |= assigned_by is Authority.FICTITIOUS

    def merge(self, other: "Tally") -> None:
        for written, theirs in other._seen.items():  # noqa: SLF001 - of the same class
            ours = self._seen.get(written)
            if ours is not None:
                ours.count += theirs.count
                ours.real |= theirs.real
                ours.fictitious |= theirs.fictitious
            elif len(self._seen) < MOST_NUMBERS:
                self._seen[written] = theirs
            else:
                self.full = True
        self.full |= other.full

    def findings(self) -> tuple[Finding, ...]:
        """The flagged numbers in the order in which they were met, the first hundred."""
        flagged = [seen for written, seen in self._seen.items() if _is_somebody(written, seen)]
        return tuple(
            Finding(seen.first.kind, seen.first.masked, seen.where, seen.count)
            for seen in flagged[:MOST_FINDINGS]
        )

    def count(self) -> int:
        """Distinct numbers that are flagged, beyond the hundred too."""
        return sum(_is_somebody(written, seen) for written, seen in self._seen.items())


def _is_somebody(written: str, seen: _Seen) -> bool:
    if is_fictitious(written):
        return False
    return seen.real or not seen.fictitious
