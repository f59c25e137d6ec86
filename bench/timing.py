"""Best of many runs, and a table of ratios."""

import time
from collections.abc import Callable, Sequence
from typing import Any


def best(action: Callable[[], Any], runs: int = 20) -> float:
    """Seconds of the fastest run: what the machine can do when nothing else disturbs it."""
    fastest = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        action()
        fastest = min(fastest, time.perf_counter() - start)
    return fastest


def table(title: str, rows: Sequence[tuple[str, float]]) -> None:
    """The first row is the floor; the others are shown as multiples of it."""
    floor = rows[0][1]
    print(f"\n{title}")
    for label, seconds in rows:
        print(f"  {label:<58} {seconds * 1000:>10.2f} ms {seconds / floor:>8.2f} x")
