"""One line a minute for one fault: what fails again and again says so once, and then how often."""

import logging
import traceback
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

#: Seconds between two lines of one fault.
QUIET = 60.0
#: Faults that are told apart at a time.
MOST = 1_000

#: The logger, the words before their arguments, the kind of error, and the line of code that raised it.
Fault = tuple[str, str, str, str]


@dataclass(slots=True)
class _Told:
    at: float
    more: int = 0


class Repeats(logging.Filter):
    """Holds back a warning or error whose fault was told less than `QUIET` seconds ago; the next line counts them."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._told: OrderedDict[Fault, _Told] = OrderedDict()
        self._lock = Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        with self._lock:
            more = self._held_back(_fault(record))
        if more:
            record.msg, record.args = (
                f"{record.getMessage()} (and {more} more like it since the last line)",
                None,
            )
        return more is not None

    def _held_back(self, fault: Fault) -> int | None:
        """How many were held back since the last line; None for one that is to be."""
        now, told = self._clock(), self._told.get(fault)
        if told is not None and now - told.at < QUIET:
            told.more += 1
            return None
        self._told[fault] = _Told(now)
        self._told.move_to_end(fault)
        while len(self._told) > MOST:
            self._told.popitem(last=False)
        return told.more if told else 0


def _fault(record: logging.LogRecord) -> Fault:
    kind = place = ""
    if record.exc_info and record.exc_info[0]:
        kind = record.exc_info[0].__qualname__
        frames = traceback.extract_tb(record.exc_info[2])
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return record.name, str(record.msg), kind, place
