"""HTTP and TLS to an address that a stranger gave: only where it may be reached, never for longer than is said.

Each connection is made to an address that was checked after it was resolved, so that no other answer of a name server
comes between. Redirections are not followed, and of an answer no more is read than is said. Written here because no
client on the index bounds the whole of an exchange, however slowly the other side speaks.
"""

import re
import select
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Thread
from time import monotonic
from types import TracebackType
from urllib.parse import urlsplit

from referencing.variables import Network

#: Seconds: for a name, for one address, for the whole of one delivery, and for a short answer's rest.
RESOLVING, CONNECTING, WHOLE, REST = 5.0, 4.0, 15.0, 1.0
#: Bytes of an answer's head, and of a body that is read so that the connection goes on.
LARGEST_HEAD, LARGEST_REST = 16 * 1024, 16 * 1024
LONGEST_ADDRESS = 2_000
#: Where the world may be reached; inside the networks of the setting, any port.
PORTS = frozenset({443, 8443})
#: Addresses of one name that are tried.
MOST_TRIED = 4
MOST_INTERIM = 5

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Sequence[str]]

#: Of IPv6, what is routed in the world, but for what leads to IPv4 addresses, or to nobody.
_WORLD = IPv6Network("2000::/3")
_LEADS_ELSEWHERE = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
#: Of IPv4, beside what Python says: what serves protocols alone, and the relays of 6to4.
_SPECIAL = tuple(map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24")))
_STATUS = re.compile(rb"HTTP/1\.([01]) (\d{3})[ \r]")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
_RETRY_AFTER = re.compile(rb"\r\nretry-after:[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\n(connection:[^\r]*close|transfer-encoding:)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked", re.IGNORECASE)
#: What stands before a chunk, with its size, and behind the last one.
_CHUNK, _LAST_CHUNK = re.compile(rb"\r\n([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n"), b"\r\n0\r\n\r\n"
_PIECE = 1 << 14
_PRINTED = re.compile("[!-~]+")


class Failure(StrEnum):
    """Why nobody answered."""

    UNRESOLVED = "unresolved"  # the name has no address
    FORBIDDEN = "forbidden"  # an address that is not reached from here
    UNREACHABLE = "unreachable"
    TLS = "tls"  # the certificate, or the protocol
    TIMEOUT = "timeout"
    CUT = "cut"  # before an answer
    UNREADABLE = "unreadable"  # what is no answer of HTTP/1.1, or one whose head has no end


class Undelivered(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Answer:
    """`retry_after` in seconds, where the receiver said so."""

    status: int
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """An address taken apart; `target` is its path and query."""

    secure: bool
    host: str
    port: int
    target: str

    @property
    def named(self) -> str:
        """The host as the request names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


@cache
def _verifying() -> ssl.SSLContext:
    return ssl.create_default_context()


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host by the system's resolver, which has bounds of its own only. Raises OSError."""
    return [str(place[4][0]) for place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be reached: the world by https, and `networks` by http as well, on any port."""

    networks: tuple[Network, ...] = ()
    context: ssl.SSLContext = field(default_factory=_verifying, repr=False, compare=False)
    resolver: Resolver = field(default=resolve, repr=False, compare=False)

    def destination(self, address: str) -> Destination:
        """Raises ValueError, in French, for an address at which nothing would ever be delivered."""
        if len(address) > LONGEST_ADDRESS or not _PRINTED.fullmatch(address):
            raise ValueError(
                f"Donnez une adresse sans espace ni accent, de {LONGEST_ADDRESS} caractères au plus."
            )
        try:
            parts = urlsplit(address)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            host, port = "", None
        if not host or parts.scheme not in {"https", "http"} or "@" in parts.netloc or parts.fragment:
            raise ValueError("Donnez une adresse https://…, sans identifiant, mot de passe ni « # ».")
        secure = parts.scheme == "https"
        if not secure and not self.networks:
            raise ValueError("Donnez une adresse qui commence par https://.")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        place = Destination(secure, host, port or (443 if secure else 80), target)
        if not self.networks and place.port not in PORTS:
            raise ValueError("Ce port n'est pas ouvert d'ici : prenez 443 ou 8443.")
        literal = _literal(host)
        if literal is not None and not self._admits(literal, place):
            raise ValueError(
                "Cette adresse n'est pas joignable d'ici : donnez une adresse publique, en https."
            )
        return place

    def addresses(self, place: Destination, within: float) -> Sequence[str]:
        """The addresses of a host, each of which may be reached. Raises Undelivered, within seconds."""
        told = [place.host] if _literal(place.host) else self._resolved(place, min(RESOLVING, within))
        if not told:
            raise Undelivered(Failure.UNRESOLVED)
        if not all((address := _literal(each)) and self._admits(address, place) for each in told):
            raise Undelivered(Failure.FORBIDDEN)
        return list(dict.fromkeys(told))[:MOST_TRIED]

    def _admits(self, address: Address, place: Destination) -> bool:
        embedded = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        address = embedded or address
        inside = any(address.version == network.version and address in network for network in self.networks)
        return inside or (place.secure and place.port in PORTS and is_public(address))

    def _resolved(self, place: Destination, within: float) -> Sequence[str]:
        """Who resolves is left behind when it takes too long: nothing else bounds it."""
        told: list[str] = []

        def ask() -> None:
            with suppress(OSError, UnicodeError):
                told.extend(self.resolver(place.host, place.port))

        asking = Thread(target=ask, name="resolver", daemon=True)
        asking.start()
        asking.join(within)
        return tuple(told)


def _literal(host: str) -> Address | None:
    """The address that a host is by itself; None for a name, and for an address of one line alone (`fe80::1%eth0`)."""
    try:
        return None if "%" in host else ip_address(host)
    except ValueError:
        return None


def is_public(address: Address) -> bool:
    """Whether an address is one of the world: not private, local, reserved or shared, nor leading to one that is."""
    if isinstance(address, IPv4Address):
        special = address.is_multicast or any(address in each for each in _SPECIAL)
    else:
        special = address not in _WORLD or any(address in each for each in _LEADS_ELSEWHERE)
    return address.is_global and not special


class Connection:
    """A connection to one receiver, made when something is sent, and kept for the next where both sides keep it."""

    def __init__(self, address: str, reach: Reach) -> None:
        self.address = address
        self.reach = reach
        self._socket: socket.socket | None = None

    @cached_property
    def place(self) -> Destination:
        """Raises Undelivered for an address that is not reached any more: the setting is another by now."""
        try:
            return self.reach.destination(self.address)
        except ValueError:
            raise Undelivered(Failure.FORBIDDEN) from None

    def __enter__(self) -> "Connection":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def post(self, body: bytes, headers: Sequence[tuple[str, str]]) -> Answer:
        """Send once, and answer what the receiver said. Raises Undelivered, within `WHOLE` seconds."""
        until = monotonic() + WHOLE
        try:
            kept = self._kept()
            if kept is not None:
                with suppress(ConnectionError):  # it was closed while nothing went over it
                    return self._exchange(kept, body, headers, until)
                self.close()
            self._socket = self._secured(self._connect(until), until)
            return self._exchange(self._socket, body, headers, until)
        except BaseException as error:
            self.close()
            raise _failure(error) from None

    def get(self, within: float, most: int) -> tuple[int, bytes]:
        """Ask once, and answer the status with up to `most` bytes of what comes. Raises Undelivered, within seconds."""
        until = monotonic() + within
        lines = [f"GET {self.place.target} HTTP/1.1", f"Host: {self.place.named}", "User-Agent: referencing"]
        try:
            with self._secured(self._connect(until), until) as sock:
                sock.settimeout(_left(until))
                sock.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("ascii"))
                status, head, rest = _final(sock, until)
                return status, _body(sock, head, rest, most, until)
        except BaseException as error:
            raise _failure(error) from None

    def touch(self, within: float) -> None:
        """Connect, and send nothing. Raises Undelivered, within seconds."""
        try:
            self._connect(monotonic() + within).close()
        except BaseException as error:
            raise _failure(error) from None

    def certificate_ends_at(self, within: float) -> datetime:
        """When the certificate ends that is shown there, which is a good one. Raises Undelivered, within seconds."""
        until = monotonic() + within
        try:
            with self._secured(self._connect(until), until) as sock:
                shown = sock.getpeercert() if isinstance(sock, ssl.SSLSocket) else None
        except BaseException as error:
            raise _failure(error) from None
        if not shown:
            raise Undelivered(Failure.TLS)
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)

    def _kept(self) -> socket.socket | None:
        if self._socket is not None:
            incoming = select.poll()
            incoming.register(self._socket.fileno(), select.POLLIN)
            if incoming.poll(0):  # nothing was asked: it is an end
                self.close()
        return self._socket

    def _connect(self, until: float) -> socket.socket:
        for address in self.reach.addresses(self.place, _left(until)):
            left = _left(until)
            try:
                sock = socket.create_connection((address, self.place.port), min(CONNECTING, left))
            except OSError:
                continue
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
        raise Undelivered(Failure.UNREACHABLE)

    def _secured(self, sock: socket.socket, until: float) -> socket.socket:
        try:
            sock.settimeout(_left(until))
            if self.place.secure:
                return self.reach.context.wrap_socket(sock, server_hostname=self.place.host)
        except BaseException:
            sock.close()
            raise
        return sock

    def _exchange(
        self, sock: socket.socket, body: bytes, headers: Sequence[tuple[str, str]], until: float
    ) -> Answer:
        lines = [f"POST {self.place.target} HTTP/1.1", f"Host: {self.place.named}"]
        lines += [f"{name}: {value}" for name, value in (*headers, ("Content-Length", str(len(body))))]
        sock.settimeout(_left(until))
        sock.sendall("\r\n".join([*lines, "", ""]).encode("ascii") + body)
        status, head, rest = _final(sock, until)
        if not self._goes_on(sock, head, rest, status):
            self.close()
        waits = _RETRY_AFTER.search(head)
        return Answer(status, int(waits[1]) if waits else None)

    def _goes_on(self, sock: socket.socket, head: bytes, received: bytes, status: int) -> bool:
        """Whether the connection serves again: a short body is read to its end, a long one never."""
        length = _LENGTH.search(head)
        if not head.startswith(b"HTTP/1.1") or _CLOSES.search(head) or not (length or status == 204):
            return False
        left = (int(length[1]) if length else 0) - len(received)
        until = monotonic() + REST
        try:
            while 0 < left <= LARGEST_REST:
                sock.settimeout(_left(until))
                piece = sock.recv(left)
                if not piece:
                    return False
                left -= len(piece)
        except OSError:
            return False
        return left == 0


def _final(sock: socket.socket, until: float) -> tuple[int, bytes, bytes]:
    """The status and the head of the answer behind those that only announce one (1xx), and what came after it."""
    rest = b""
    for _ in range(MOST_INTERIM):
        head, rest = _head(sock, rest, until)
        said = _STATUS.match(head)
        if said is None:
            break
        if said[2] >= b"200":
            return int(said[2]), head, rest
    raise Undelivered(Failure.UNREADABLE)


def _head(sock: socket.socket, received: bytes, until: float) -> tuple[bytes, bytes]:
    """The head of an answer with its last line's end, and what came after it."""
    while b"\r\n\r\n" not in received:
        if len(received) > LARGEST_HEAD:
            raise Undelivered(Failure.UNREADABLE)
        sock.settimeout(_left(until))
        piece = sock.recv(4096)
        if not piece:
            raise ConnectionResetError
        received += piece
    head, _, rest = received.partition(b"\r\n\r\n")
    return head + b"\r\n", rest


def _body(sock: socket.socket, head: bytes, received: bytes, most: int, until: float) -> bytes:
    """What comes behind a head, up to `most` bytes, without what parts its chunks."""
    length, chunked = _LENGTH.search(head), _CHUNKED.search(head)
    wanted = min(int(length[1]), most) if length and not chunked else most
    received = b"\r\n" + received if chunked else received
    while len(received) < wanted and not (chunked and received.endswith(_LAST_CHUNK)):
        sock.settimeout(_left(until))
        piece = sock.recv(min(_PIECE, wanted - len(received)))
        if not piece:
            break
        received += piece
    return b"".join(_chunks(received)) if chunked else received[:wanted]


def _chunks(received: bytes) -> Iterator[bytes]:
    """The chunks of a body behind a line's end, the last of which may be cut."""
    end = 0
    while size := _CHUNK.match(received, end):
        end = size.end() + int(size[1], 16)
        yield received[size.end() : end]


def _left(until: float) -> float:
    """The seconds that are left. Raises TimeoutError when none are."""
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _failure(error: BaseException) -> BaseException:
    """The failure that an error is; what is none stays what it is."""
    kinds = ((TimeoutError, Failure.TIMEOUT), (ssl.SSLEOFError, Failure.CUT), (ssl.SSLError, Failure.TLS))
    for kind, failure in (*kinds, (OSError, Failure.CUT)):
        if isinstance(error, kind):
            return Undelivered(failure)
    return error
