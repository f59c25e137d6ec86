"""How long after each failure a delivery is tried again: three days in all, then never. Pure."""

from datetime import timedelta

#: After the first failure, the second, and so on; at the end of the last one the webhook is switched off.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 21)),
)
#: A receiver may ask for a longer pause, up to this.
LONGEST_ASKED = timedelta(hours=1)
#: Pauses are longer by up to this part, so that those who failed together do not come back together.
JITTER = 0.2


def pause(failures: int, chance: float, asked: int | None = None) -> timedelta | None:
    """The pause after so many failures in a row, from 1; None when it was the last one.

    `chance` is from 0 to 1, `asked` the seconds that the receiver asked for.
    """
    if failures > len(PAUSES):
        return None
    least = min(timedelta(seconds=asked or 0), LONGEST_ASKED)
    return max(PAUSES[failures - 1], least) * (1 + JITTER * chance)
