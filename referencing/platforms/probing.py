"""One look at a platform: what is asked there, within which bounds, and what was seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from referencing.base.outgoing.receivers import Connection, Reach, Undelivered

from .judging import Reason, Sighting
from .models import ProbeKind

#: Seconds for all steps of a probe, and bytes of an answer in which a text is looked for.
WHOLE, LARGEST = 20.0, 256 * 1024
#: What `tcp://` and `tls://` stand for, where it is asked whether an address may be reached.
_SCHEMES = {"tcp://": "https://", "tls://": "https://"}


@dataclass(frozen=True, slots=True)
class Look:
    """What is to be looked at: what a probe says of it."""

    kind: ProbeKind
    steps: Sequence[Mapping[str, Any]]
    slow_after: int | None
    expiry_days: int | None


@dataclass(frozen=True, slots=True)
class Seen:
    sighting: Sighting
    reason: Reason | None
    milliseconds: int
    certificate_ends_at: datetime | None = None


class _Unexpected(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def reachable(address: str) -> str:
    """The address by which it is asked whether it may be reached."""
    for scheme, stands_for in _SCHEMES.items():
        if address.startswith(scheme):
            return stands_for + address.removeprefix(scheme)
    return address


def look(at: Look, reach: Reach, now: datetime) -> Seen:
    """Do all steps of a probe one after the other, within `WHOLE` seconds."""
    begun = monotonic()
    ends_at = None
    try:
        for step in at.steps:
            with Connection(reachable(step["address"]), reach) as connection:
                ends_at = _take(at.kind, step, connection, begun + WHOLE - monotonic())
    except Undelivered as error:
        return Seen(Sighting.FAILED, Reason(error.failure.value), _since(begun))
    except _Unexpected as error:
        return Seen(Sighting.FAILED, error.reason, _since(begun))
    milliseconds = _since(begun)
    if ends_at is not None and ends_at - timedelta(days=at.expiry_days or 0) <= now:
        return Seen(Sighting.DEGRADED, Reason.EXPIRING, milliseconds, ends_at)
    if at.slow_after is not None and milliseconds > at.slow_after:
        return Seen(Sighting.DEGRADED, Reason.SLOW, milliseconds, ends_at)
    return Seen(Sighting.FINE, None, milliseconds, ends_at)


def _take(kind: ProbeKind, step: Mapping[str, Any], connection: Connection, within: float) -> datetime | None:
    """One step; answers when a certificate ends. Raises Undelivered, _Unexpected."""
    if kind is ProbeKind.TLS:
        return connection.certificate_ends_at(within)
    if kind is ProbeKind.TCP:
        connection.touch(within)
        return None
    status, body = connection.get(within, LARGEST)
    if status != step["status"]:
        raise _Unexpected(Reason.STATUS)
    if step["text"].encode() not in body:
        raise _Unexpected(Reason.TEXT)
    return None


def _since(begun: float) -> int:
    return round((monotonic() - begun) * 1000)
