"""What somebody should know before a dossier is filed, point by point. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class Topic(StrEnum):
    """What a point is about."""

    MISSING = "missing"  # submission refuses it, unless it is said to be meant
    REFUSAL = "refusal"  # submission refuses it
    FILE = "file"  # was refused when it came, and nothing took its place
    EXPIRY = "expiry"  # a test, a certificate or a finding is too old, or will be before a decision
    ROLE = "role"  # of the composition: no expected proof depends on it
    COMPONENT = "component"  # a finding would serve with the component that it was made with
    DECLARATION = "declaration"  # the trust space of Pro Santé Connect was not told of a component
    MESSAGE = "message"  # the agency wrote and nobody has answered


@dataclass(frozen=True, slots=True)
class Point:
    """A French sentence, and the expected proofs that it is about; `item` is the first one's."""

    topic: Topic
    detail: str
    codes: Sequence[str] = ()
    item: UUID | None = None


@dataclass(frozen=True, slots=True)
class Preflight:
    """`missing` holds codes by guichet. `decision_on` is the day by which the agency decides of what is filed today."""

    missing: Mapping[str, Sequence[str]]
    decision_on: date
    points: Sequence[Point]
    covered: Sequence[str]
    to_confirm: Sequence[str]
    awaiting: Sequence[str]
