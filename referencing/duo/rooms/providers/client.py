"""HTTP to a provider: a few tries, and errors that name no address."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from urllib3.exceptions import HTTPError, NewConnectionError

from referencing.base.outgoing.client import OutOfBounds, send

from .port import RoomUnavailable

TRIES = 2
PAUSE = 0.3  # seconds between two of them
#: The provider is there and says that it is not well: another try may succeed.
UNWELL = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    def json(self) -> Any:
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise RoomUnavailable("an answer that is not JSON") from None


def get(url: str) -> Answer:
    """GET, tried again when there is no answer: for what may be asked twice. Raises RoomUnavailable."""
    return _tried("GET", url, None, {}, again=True)


def post_json(url: str, body: Any, headers: Mapping[str, str] | None = None, method: str = "POST") -> Answer:
    """Send JSON, tried again only when no connection was had: it may have been done. Raises RoomUnavailable."""
    sent = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
    return _tried(method, url, orjson.dumps(body), sent, again=False)


def _tried(method: str, url: str, body: bytes | None, headers: Mapping[str, str], *, again: bool) -> Answer:
    problem = ""
    for number in range(TRIES):
        if number:
            time.sleep(PAUSE)
        try:
            received = send(method, url, body, headers)
        except OutOfBounds as error:
            raise RoomUnavailable(str(error)) from None
        except NewConnectionError:
            problem = "no connection"
            continue
        except (HTTPError, OSError) as error:  # whose text holds the address, and what was signed for it
            problem = type(error).__name__
            if again:
                continue
            break
        if received.status not in UNWELL:
            return Answer(received.status, received.body)
        problem = f"status {received.status}"
    raise RoomUnavailable(problem)
