"""HTTP to a provider: TLS verified, times bounded, answers bounded, a few tries, and errors that name no address."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import orjson
import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError

from .port import RoomUnavailable

CONNECTING, ANSWERING = 3.0, 6.0  # seconds
LARGEST = 1 << 20  # bytes of an answer
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


def base_address(setting: str, value: str) -> str:
    """An address without its last slash. Raises ValueError, without the address, unless it is https or loopback."""
    parts = urlsplit(value)
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError(f"{setting} must be https://HOST or https://HOST/PATH")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise ValueError(f"{setting} must begin with https://")
    return value.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
            answer = _sent_once(method, url, body, headers)
        except NewConnectionError:
            problem = "no connection"
            continue
        except (HTTPError, OSError) as error:  # whose text holds the address, and what was signed for it
            problem = type(error).__name__
            if again:
                continue
            break
        if answer.status not in UNWELL:
            return answer
        problem = f"status {answer.status}"
    raise RoomUnavailable(problem)


def _sent_once(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
    """One try. No redirection is followed: it would take what was signed to somebody else."""
    timeout = urllib3.Timeout(connect=CONNECTING, read=ANSWERING)
    with urllib3.PoolManager(timeout=timeout, retries=False, cert_reqs="CERT_REQUIRED") as pool:
        response = pool.request(
            method, url, body=body, headers=headers, redirect=False, preload_content=False
        )
        try:
            received = response.read(LARGEST + 1)
        finally:
            response.release_conn()
            response.close()
    if len(received) > LARGEST:
        raise RoomUnavailable("an answer that is too large")
    return Answer(response.status, received)
