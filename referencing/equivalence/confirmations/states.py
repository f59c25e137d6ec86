"""What a verifier answers to a proposed reuse. Pure."""

from enum import StrEnum


class Outcome(StrEnum):
    CONFIRMED = "confirmed"
    REFUSED = "refused"
