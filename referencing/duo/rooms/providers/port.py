"""A conference room, whoever provides it: opened late, entered by a link of one's own, closed early.

A provider knows the room by a name that says nothing of people, companies or software. Sessions live with us: of what
a provider cannot do (a schedule, a deletion), nothing is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


class RoomUnavailable(Exception):
    """The provider did not do it. The message is for the log of those who run it: no address, no secret."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Who enters; `name` is what the others in the room read."""

    account_id: UUID
    name: str
    moderator: bool


@dataclass(frozen=True, slots=True)
class Room:
    """What is kept of a room. `reference` finds it again; `address` is set where all enter by the same link."""

    name: str
    reference: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """`address` is where it is played, none while the provider still works on it."""

    reference: str
    state: str
    begins_at: datetime
    ends_at: datetime
    address: str | None


class RoomProvider(Protocol):
    """Times carry their offset. Everything may raise RoomUnavailable."""

    @property
    def kind(self) -> str: ...

    def open(self, name: str, now: datetime, until: datetime) -> Room:
        """The room of that name; opened twice, it is the same one wherever the provider allows that."""

    def link(self, room: Room, guest: Guest, now: datetime, until: datetime) -> str:
        """Where this guest enters, from now until `until`. For their eyes only."""

    def close(self, room: Room) -> None:
        """Nobody enters any more, as far as the provider knows how to; closing twice is closing once."""

    def recordings(self, room: Room) -> Sequence[Recording]:
        """What the provider recorded there, oldest first; none where it does not tell."""
