"""One look at a platform: what is asked there, within which bounds, and what was seen."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from referencing.base.outgoing.receivers import Connection, Reach, Undelivered

from .judging import Reason, Sighting
from .models import Probe, ProbeKind

#: Seconds for all steps of a probe, and bytes of an answer in which a text is looked for.
WHOLE, LARGEST = 20.0, 256 * 1024
#: What stands for `https://` where it is asked whether an address may be reached.
_WITHOUT_HTTP = re.compile("^(?:tcp|tls)://")


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
    return _WITHOUT_HTTP.sub("https://", address)


def look(probe: Probe, reach: Reach, now: datetime) -> Seen:
    """Do all steps of a probe one after the other, within `WHOLE` seconds."""
    begun = monotonic()
    ends_at = None
    try:
        for step in probe.steps:
            with Connection(reachable(step["address"]), reach) as connection:
                ends_at = _take(probe.kind, step, connection, begun + WHOLE - monotonic())
    except Undelivered as error:
        return Seen(Sighting.FAILED, Reason(error.failure.value), _since(begun))
    except _Unexpected as error:
        return Seen(Sighting.FAILED, error.reason, _since(begun))
    milliseconds = _since(begun)
    if ends_at is not None and ends_at - timedelta(days=probe.expiry_days or 0) <= now:
        return Seen(Sighting.DEGRADED, Reason.EXPIRING, milliseconds, ends_at)
    if probe.slow_after is not None and milliseconds > probe.slow_after:
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
