"""A dossier that its editor plans: what it would say. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from referencing.candidatures.record.states import Track


@dataclass(frozen=True, slots=True)
class Planned:
    """A dossier that is not drafted; `composition` holds roles with their components."""

    dsr: str
    solution: UUID
    composition: Sequence[tuple[str, str]] = ()
    profiles: Sequence[str] = ()
    mode: Track = Track.ASYNC
