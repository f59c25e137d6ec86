"""The standing of a certificate that was entered against the list of its issuer. Pure."""

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
    """The holder of a certificate, as far as the compositions of the software tell."""

    SOFTWARE = "software"
    COMPONENT = "component"  # montage
    UNKNOWN = "unknown"


#: What the list of the issuer has against a certificate.
CONTRADICTED = frozenset({Standing.DIFFERS, Standing.ABSENT})


@dataclass(frozen=True, slots=True)
class Match:
    """The line of the list with the certificate's number that is most like it: the fields that are the same."""

    holder: bool
    valid_from: bool
    valid_until: bool


@dataclass(frozen=True, slots=True)
class Check:
    """A standing with its reasons: `differs` names the fields that the list tells otherwise.

    `confirmed` is whether the agency or the issuer's counter answers for the certificate; `holder_shown` whether its
    holder is a component, or a NIL that the agency or the issuer's list says to be its software's.
    """

    standing: Standing
    confirmed: bool
    holder_shown: bool
    differs: tuple[str, ...] = ()
    issuer: str | None = None
    list_number: int | None = None
    as_of: date | None = None

    @property
    def in_doubt(self) -> bool:
        """Whether somebody looks before the certificate is reused, whatever the policy."""
        answered_for = self.confirmed or self.standing is Standing.LISTED
        return self.standing in CONTRADICTED or not (answered_for and self.holder_shown)


def standing(valid_from: date, as_of: date | None, match: Match | None) -> tuple[Standing, tuple[str, ...]]:
    """The standing against the list as of a day, None without a list; and the fields that differ."""
    if as_of is None:
        return Standing.NO_LIST, ()
    if match is None:
        return (Standing.TOO_RECENT if valid_from > as_of else Standing.ABSENT), ()
    sameness = {"holder": match.holder, "valid_from": match.valid_from, "valid_until": match.valid_until}
    differs = tuple(field for field, same in sameness.items() if not same)
    return (Standing.DIFFERS if differs else Standing.LISTED), differs
