"""When the editor is reminded of a complement: so many working days before its day, and once it is late. Pure."""

#: Working days left at which a reminder is due, the first day late included.
LEVELS = (5, 2, -1)


def reached(days_left: int) -> int | None:
    """The last of these that is reached."""
    return min((level for level in LEVELS if days_left <= level), default=None)


def due(days_left: int, told: int | None) -> bool:
    """Whether a reminder is due when `told` was the last one; what was skipped is not told any more."""
    level = reached(days_left)
    return level is not None and (told is None or level < told)
