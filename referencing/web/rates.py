"""How often one may ask: who tries keys that are none, and each account and organisation.

Counted in the memory of each process. A count in the database would be a write for each request, a stranger's first of
all; where several processes answer, a client that spreads its requests over them may ask as many times more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from math import ceil
from threading import Lock
from time import time

from referencing.base.errors import TooMany
from referencing.base.permissions import Actor
from referencing.config import Settings

MINUTE = 60  # seconds
#: Keys that are none, in a minute: by one place with one beginning, by one place, with one beginning from everywhere.
FROM_PLACE_WITH_PREFIX, FROM_PLACE, WITH_PREFIX = 10, 120, 60
#: Questions that are answered with a signature, in a minute, to one place without a key.
QUESTIONS = 120
#: Characters of a key's beginning: enough to tell a script that goes on with an old key from who tries many.
PREFIX = 10
#: How a token begins whose header is JSON: all of them alike.
_JSON_HEADER = "eyJ"
_GUESSING = "Trop de clés refusées viennent d'être essayées : vérifiez la vôtre et réessayez dans une minute."
_OFTEN = "Trop de demandes en une minute : réessayez après le délai indiqué, ou espacez vos demandes."


@dataclass(frozen=True, slots=True)
class Share:
    """What is left of a minute's share, and in how many seconds the next minute begins."""

    allowed: bool
    left: int
    seconds: int


class Window:
    """Counts by key over a minute that slides: all of this one, and of the last the part not yet a minute ago."""

    def __init__(self, clock: Callable[[], float] = time) -> None:
        self._clock = clock
        self._lock = Lock()
        self._minute = 0
        self._now: dict[tuple[str, ...], int] = {}
        self._before: dict[tuple[str, ...], int] = {}

    def count(self, most: int, *key: str) -> Share:
        """Count one more, unless `most` were counted already."""
        with self._lock:
            used, seconds = self._used(key)
            if used >= most:
                return Share(allowed=False, left=0, seconds=seconds)
            self._now[key] = self._now.get(key, 0) + 1
            return Share(allowed=True, left=most - used - 1, seconds=seconds)

    def is_full(self, most: int, *key: str) -> bool:
        with self._lock:
            return self._used(key)[0] >= most

    def _used(self, key: tuple[str, ...]) -> tuple[int, int]:
        """How many count for a key now, and the seconds until the next minute; counts of other minutes are let go."""
        minute, second = divmod(self._clock(), MINUTE)
        if minute != self._minute:
            self._before = self._now if minute == self._minute + 1 else {}
            self._now, self._minute = {}, int(minute)
        part = int(self._before.get(key, 0) * (1 - second / MINUTE))
        return self._now.get(key, 0) + part, max(ceil(MINUTE - second), 1)


@dataclass(frozen=True, slots=True)
class Rates:
    """`account` and `organisation` are requests a minute; 0 is without a limit."""

    account: int = 0
    organisation: int = 0
    window: Window = field(default_factory=Window)

    @classmethod
    def of(cls, settings: Settings) -> "Rates":
        return cls(settings.rate_account, settings.rate_organisation)

    def refuse_guessing(self, place: str, key: str) -> None:
        """Before a key is looked up. Raises TooMany where too many that are none came from."""
        if self.window.is_full(FROM_PLACE, "place", place) or self.window.is_full(
            FROM_PLACE_WITH_PREFIX, "place", place, mark_of(key)
        ):
            raise TooMany(_GUESSING)

    def count_failure(self, place: str, key: str) -> None:
        """Count a key that is none. Raises TooMany when too many begin like it, wherever they come from."""
        self.window.count(FROM_PLACE, "place", place)
        self.window.count(FROM_PLACE_WITH_PREFIX, "place", place, mark_of(key))
        if not self.window.count(WITH_PREFIX, "prefix", mark_of(key)).allowed:
            raise TooMany(_GUESSING)

    def count_question(self, place: str) -> None:
        """Count a question of who shows no key, where an answer takes work. Raises TooMany."""
        share = self.window.count(QUESTIONS, "question", place)
        if not share.allowed:
            raise TooMany(_OFTEN, share.seconds)

    def count_request(self, actor: Actor) -> Mapping[str, str]:
        """Count a request of an account, and of its organisation; answers what is left, as headers. Raises TooMany."""
        counted = [
            self._count(name, most, str(whose))
            for name, most, whose in (
                ("account", self.account, actor.account_id),
                ("organisation", self.organisation, actor.organisation_id),
            )
            if most and whose is not None
        ]
        return {
            name: ", ".join(fields[name] for fields in counted) for name in (counted[0] if counted else ())
        }

    def _count(self, name: str, most: int, whose: str) -> dict[str, str]:
        """The fields of draft-ietf-httpapi-ratelimit-headers. Raises TooMany."""
        share = self.window.count(most, name, whose)
        headers = {
            "RateLimit-Policy": f'"{name}";q={most};w={MINUTE}',
            "RateLimit": f'"{name}";r={share.left};t={share.seconds}',
        }
        if not share.allowed:
            raise TooMany(_OFTEN, share.seconds, headers)
        return headers


def mark_of(key: str) -> str:
    """What tells a key from others: its beginning, or the end of a token, which is of its signature."""
    return key[-PREFIX:] if key.startswith(_JSON_HEADER) else key[:PREFIX]


def network_of(address: str | None) -> str:
    """The network that stands for a place: an IPv4 address, or the /64 that one subscriber of IPv6 has.

    Whoever comes without an address, as by a local socket, is one place together.
    """
    try:
        source = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(source, IPv6Address):
        mapped = source.ipv4_mapped
        return str(mapped) if mapped else f"{IPv6Address(int(source) >> 64 << 64)}/64"
    return str(source)
