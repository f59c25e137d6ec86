"""How a certificate that was entered stands against the list of its issuer. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Standing(StrEnum):
    NO_LIST = "no_list"  # its issuer's was never imported, or it has no known issuer
    LISTED = "listed"
    DIFFERS = "differs"  # the number is listed with another holder or other dates
    ABSENT = "absent"
    TOO_RECENT = "too_recent"  # begins after the day of the list, which cannot know it


class HeldBy(StrEnum):
    """Whose certificate it is, as far as the compositions of the software tell."""

    SOFTWARE = "software"
    COMPONENT = "component"  # montage
    UNKNOWN = "unknown"


#: A verifier looks before such a certificate is reused, whatever the policy.
IN_DOUBT = frozenset({Standing.DIFFERS, Standing.ABSENT})


@dataclass(frozen=True, slots=True)
class Match:
    """The line of the list that has its number and is the most like it: what of it is the same."""

    holder: bool
    valid_from: bool
    valid_until: bool


@dataclass(frozen=True, slots=True)
class Check:
    """`differs` names the fields that the list tells otherwise; `list_number` and `as_of` are of the list."""

    standing: Standing
    differs: tuple[str, ...] = ()
    issuer: str | None = None
    list_number: int | None = None
    as_of: date | None = None

    @property
    def in_doubt(self) -> bool:
        return self.standing in IN_DOUBT


def standing(valid_from: date, as_of: date | None, match: Match | None) -> tuple[Standing, tuple[str, ...]]:
    """Against the list as of a day, if there is one; and the fields that differ."""
    if as_of is None:
        return Standing.NO_LIST, ()
    if match is None:
        return (Standing.TOO_RECENT if valid_from > as_of else Standing.ABSENT), ()
    told = {"holder": match.holder, "valid_from": match.valid_from, "valid_until": match.valid_until}
    differs = tuple(field for field, same in told.items() if not same)
    return (Standing.DIFFERS if differs else Standing.LISTED), differs
