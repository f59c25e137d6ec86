"""The budget of an inspection: bytes read or inflated, and seconds. Whoever reads pays before going on."""

import time
from collections.abc import Callable, Iterable, Iterator

MIB = 1 << 20
GIB = 1 << 30


class Exhausted(Exception):
    """The budget is spent: what was found stands, and it is not all."""


class Budget:
    """`size` in bytes, from now on for `seconds` of `clock`; one thread's."""

    def __init__(
        self, size: int = 2 * GIB, seconds: float = 120, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._left = size
        self._clock = clock
        self._deadline = clock() + seconds

    @property
    def seconds(self) -> float:
        """The seconds that are left."""
        return max(0.0, self._deadline - self._clock())

    def is_late(self, by: float) -> bool:
        """Whether the deadline lies so many seconds back: what goes on without paying has to end too."""
        return self._clock() >= self._deadline + by

    def spend(self, size: int) -> None:
        """Raises Exhausted beyond the bytes or the seconds."""
        self._left -= size
        if self._left < 0 or self._clock() >= self._deadline:
            raise Exhausted

    def metered(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Pass the pieces on, each paid for when it comes. Raises Exhausted, and again ever after."""
        return _Metered(self, iter(pieces))


class _Metered:
    # Not a generator: one that has raised is at its end, and would pass for a content that was cut short.
    def __init__(self, budget: Budget, pieces: Iterator[bytes]) -> None:
        self._budget = budget
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self._budget.spend(0)
        piece = next(self._pieces)
        self._budget.spend(len(piece))
        return piece
