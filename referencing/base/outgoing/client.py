"""HTTP to the servers of others: TLS verified, times and answers bounded, no redirection followed."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

CONNECTING, ANSWERING = 3.0, 6.0  # seconds
#: Seconds for the whole of an answer, however slowly it comes.
LONGEST = 15.0
LARGEST = 1 << 20  # bytes of an answer
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Received:
    status: int
    content_type: str
    body: bytes


class OutOfBounds(HTTPError):
    """An answer that is too large, or that comes too slowly."""


def base_address(setting: str, value: str) -> str:
    """An address without its last slash. Raises ValueError, without the address, unless it is https or loopback."""
    parts = urlsplit(value)
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError(f"{setting} must be https://HOST or https://HOST/PATH")
    if not is_safe(value):
        raise ValueError(f"{setting} must begin with https://")
    return value.rstrip("/")


def is_safe(address: str) -> bool:
    """Whether nobody on the way can read or change what is sent there."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its own name for itself: nothing that is sent there leaves it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def send(method: str, url: str, body: bytes | str | None, headers: Mapping[str, str]) -> Received:
    """Send once. A redirection is not followed: it would take what was signed to somebody else.

    Raises HTTPError or OSError, whose text may hold the address.
    """
    timeout = urllib3.Timeout(connect=CONNECTING, read=ANSWERING)
    with urllib3.PoolManager(timeout=timeout, retries=False, cert_reqs="CERT_REQUIRED") as pool:
        response = pool.request(
            method, url, body=body, headers=headers, redirect=False, preload_content=False
        )
        try:
            content_type = response.headers.get("Content-Type", "")
            return Received(response.status, content_type, _read(response))
        finally:
            response.release_conn()
            response.close()


def _read(response: urllib3.BaseHTTPResponse) -> bytes:
    until, received = time.monotonic() + LONGEST, bytearray()
    while piece := response.read1(_PIECE):
        received += piece
        if len(received) > LARGEST:
            raise OutOfBounds("an answer that is too large")
        if time.monotonic() > until:
            raise OutOfBounds("an answer that is too slow")
    return bytes(received)
