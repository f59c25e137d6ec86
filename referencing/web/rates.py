"""How often one may ask: who tries keys that are none, and each account and organisation.

Counted in the memory of each process. A count in the database would be a write for each request, a stranger's first of
all; where several processes answer, a client that spreads its requests over them may ask as many times more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from time import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from referencing.base.errors import TooMany
from referencing.base.permissions import Actor
from referencing.config import Settings

#: Keys that are none, in a minute: by one place with one beginning, by one place, with one beginning from everywhere.
FROM_PLACE_WITH_PREFIX = RateLimitItemPerMinute(10, namespace="place-prefix")
FROM_PLACE = RateLimitItemPerMinute(120, namespace="place")
WITH_PREFIX = RateLimitItemPerMinute(60, namespace="prefix")
#: Characters of a key's beginning: enough to tell a script that goes on with an old key from who tries many.
PREFIX = 10
_GUESSING = "Trop de clés refusées viennent d'être essayées : vérifiez la vôtre et réessayez dans une minute."
_OFTEN = "Trop de demandes en une minute : réessayez après le délai indiqué, ou espacez vos demandes."


@dataclass(frozen=True, slots=True)
class Rates:
    """`account` and `organisation` are requests a minute; 0 is without a limit."""

    account: int = 0
    organisation: int = 0
    _window: SlidingWindowCounterRateLimiter = field(
        default_factory=lambda: SlidingWindowCounterRateLimiter(MemoryStorage())
    )

    @classmethod
    def of(cls, settings: Settings) -> "Rates":
        return cls(settings.rate_account, settings.rate_organisation)

    def refuse_guessing(self, place: str, key: str) -> None:
        """Before a key is looked up. Raises TooMany where too many that are none came from."""
        if not self._window.test(FROM_PLACE, place) or not self._window.test(
            FROM_PLACE_WITH_PREFIX, place, key[:PREFIX]
        ):
            raise TooMany(_GUESSING)

    def count_failure(self, place: str, key: str) -> None:
        """Count a key that is none. Raises TooMany when too many begin like it, wherever they come from."""
        self._window.hit(FROM_PLACE, place)
        self._window.hit(FROM_PLACE_WITH_PREFIX, place, key[:PREFIX])
        if not self._window.hit(WITH_PREFIX, key[:PREFIX]):
            raise TooMany(_GUESSING)

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
        limit = RateLimitItemPerMinute(most, namespace=name)
        allowed = self._window.hit(limit, whose)
        window = self._window.get_window_stats(limit, whose)
        wait = max(ceil(window.reset_time - time()), 1)
        headers = _headers(name, most, window.remaining, wait)
        if not allowed:
            raise TooMany(_OFTEN, wait, headers)
        return headers


def _headers(name: str, most: int, left: int, seconds: int) -> dict[str, str]:
    """The fields of draft-ietf-httpapi-ratelimit-headers."""
    return {"RateLimit-Policy": f'"{name}";q={most};w=60', "RateLimit": f'"{name}";r={left};t={seconds}'}
