"""A client of clamd: one content streamed at a time (INSTREAM), one answer.

Written here because the libraries for it on the index have had no release for years; the exchange is a dozen lines of
the protocol in clamd(8).
"""

import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from urllib.parse import urlsplit

TIMEOUT = 120.0  # seconds without a byte from clamd, which answers once it has read the whole
CONNECTING = 5.0  # seconds until it is there, and until it answers a ping
PIECE = 64 * 1024
LONGEST_ANSWER = 4096


class ScanVerdict(StrEnum):
    CLEAN = "clean"
    MALWARE = "malware"
    UNSCANNABLE = "unscannable"


@dataclass(frozen=True, slots=True)
class ScanResult:
    """`detail` is the signature that matched, or why the content could not be scanned."""

    verdict: ScanVerdict
    detail: str = ""


class ScannerUnavailable(Exception):
    """clamd cannot be reached, or went away in the middle: nothing is known of the content."""


@dataclass(frozen=True, slots=True)
class Clamd:
    """`address` is a path for a Unix socket, or a host and a port."""

    address: str | tuple[str, int]

    @classmethod
    def of(cls, url: str) -> "Clamd":
        """From `unix:///run/clamav/clamd.ctl` or `tcp://127.0.0.1:3310`. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme == "unix" and parts.path:
            return cls(parts.path)
        if parts.scheme == "tcp" and parts.hostname:
            return cls((parts.hostname, parts.port or 3310))
        raise ValueError("CLAMD_URL must be unix:///PATH or tcp://HOST:PORT")

    def scan(self, content: Iterable[bytes]) -> ScanResult:
        """Raises ScannerUnavailable; what clamd refuses for its size or cannot open is `unscannable`."""
        try:
            with self._connect() as connection:
                connection.sendall(b"zINSTREAM\0")
                answer = self._stream(connection, content)
        except OSError as error:
            raise ScannerUnavailable(type(error).__name__) from error
        return _scan_result(answer)

    def ping(self) -> None:
        """Raises ScannerUnavailable."""
        try:
            with self._connect() as connection:
                connection.settimeout(CONNECTING)
                connection.sendall(b"zPING\0")
                answer = _receive_answer(connection)
        except OSError as error:
            raise ScannerUnavailable(type(error).__name__) from error
        if answer != "PONG":
            raise ScannerUnavailable(answer)

    def _connect(self) -> socket.socket:
        if not isinstance(self.address, str):
            connection = socket.create_connection(self.address, timeout=CONNECTING)
        else:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(CONNECTING)
            try:
                connection.connect(self.address)
            except OSError:
                connection.close()
                raise
        connection.settimeout(TIMEOUT)
        return connection

    def _stream(self, connection: socket.socket, content: Iterable[bytes]) -> str:
        try:
            for chunk in content:
                for start in range(0, len(chunk), PIECE):
                    piece = chunk[start : start + PIECE]
                    connection.sendall(struct.pack("!I", len(piece)) + piece)
            connection.sendall(struct.pack("!I", 0))
        except (BrokenPipeError, ConnectionResetError):
            # Beyond its StreamMaxLength clamd answers and closes before it has been sent all.
            return _receive_answer(connection)
        return _receive_answer(connection)


def _receive_answer(connection: socket.socket) -> str:
    """The answer, which has to be there, whole, within the connection's timeout."""
    received = bytearray()
    until = monotonic() + (connection.gettimeout() or TIMEOUT)
    while not received.endswith(b"\0") and len(received) < LONGEST_ANSWER:
        connection.settimeout(max(until - monotonic(), 0.001))
        piece = connection.recv(LONGEST_ANSWER)
        if not piece:
            break
        received += piece
    if not received:
        raise ConnectionResetError
    return received.rstrip(b"\0").decode(errors="replace").strip()


def _scan_result(answer: str) -> ScanResult:
    outcome = answer.removeprefix("stream: ")
    if outcome == "OK":
        return ScanResult(ScanVerdict.CLEAN)
    if outcome.endswith(" FOUND"):
        name = outcome.removesuffix(" FOUND")
        # With AlertExceedsMax and AlertEncrypted, clamd says by a name of its own what it could not look into.
        if name.startswith(("Heuristics.Limits.Exceeded", "Heuristics.Encrypted")):
            return ScanResult(ScanVerdict.UNSCANNABLE, name)
        return ScanResult(ScanVerdict.MALWARE, name)
    return ScanResult(ScanVerdict.UNSCANNABLE, outcome.removesuffix(" ERROR"))
