"""What a delivery reaches, and for how long: checked addresses only, and never beyond its bounds."""

import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from referencing.base.outgoing import receivers
from referencing.base.outgoing.receivers import Connection, Failure, Reach, Undelivered, is_public
from tests.webhooks.receivers import LOOPBACK, REACH, listening, receiver, speaking

HEADERS = [("webhook-id", "message")]


def failure(address: str, reach: Reach = REACH) -> Failure:
    with Connection(address, reach) as connection, pytest.raises(Undelivered) as refused:
        connection.post(b"{}", HEADERS)
    return refused.value.failure


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *(
            "192.0.0.8",
            "198.18.0.1",
            "203.0.113.5",
            "224.0.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "192.88.99.1",
        ),
        *("::1", "::", "fe80::1", "fd00::1", "fec0::1", "ff0e::1", "fd00:ec2::254"),
        *("::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "2002:0808:0808::1", "2001::1", "::8.8.8.8"),
        *("2001:db8::1", "3fff::1", "5f00::1", "100::1"),
    ],
)
def test_what_is_not_of_the_world_is_not_reached(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a01:e0a::1"])
def test_what_is_of_the_world_is_reached(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("http://example.org/", "ftp://example.org/", "https://", "example.org", "https://example.org:22/"),
        *("https://u:p@example.org/", "https://example.org/#f", "https://exa mple.org/", "https://é.org/"),
        *("https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/"),
        *("https://example.org:99999/", "https://example.org/\r\nX: y", f"https://example.org/{'a' * 2000}"),
    ],
)
def test_an_address_at_which_nothing_would_arrive_is_refused_when_it_is_given(address: str) -> None:
    with pytest.raises(ValueError, match=r"onnez|prenez"):
        Reach().destination(address)


@pytest.mark.parametrize(
    "address", ["https://2130706433/", "https://0x7f.1/", "https://127.1/", "https://localhost/"]
)
def test_other_ways_to_write_this_machine_are_refused_once_they_are_resolved(address: str) -> None:
    assert failure(address, Reach()) in {Failure.FORBIDDEN, Failure.UNRESOLVED}


def test_a_name_is_refused_when_one_of_its_addresses_is_not_to_be_reached() -> None:
    several = Reach(resolver=lambda _host, _port: ["93.184.216.34", "10.0.0.1"])
    assert failure("https://receiver.example/", several) is Failure.FORBIDDEN
    mapped = Reach(resolver=lambda _host, _port: ["::ffff:127.0.0.1"])
    assert failure("https://receiver.example/", mapped) is Failure.FORBIDDEN


def test_a_name_that_changes_between_check_and_connection_leads_nowhere_else() -> None:
    """The connection goes to the address that was checked: the name is asked once for each connection."""
    with receiver() as good:
        port = good.address.rpartition(":")[2].partition("/")[0]
        answers = iter((["127.0.0.1"], ["169.254.169.254"]))
        asked: list[str] = []

        def rebinding(host: str, _port: int) -> Sequence[str]:
            asked.append(host)
            return next(answers)

        reach = Reach(LOOPBACK, resolver=rebinding)
        with Connection(f"http://rebound.example:{port}/", reach) as connection:
            assert connection.post(b"{}", HEADERS).status == 204
            assert connection.post(b"{}", HEADERS).status == 204, (
                "the connection that was checked serves again"
            )
            assert asked == ["rebound.example"]
            connection.close()
            with pytest.raises(Undelivered) as refused:
                connection.post(b"{}", HEADERS)
        assert refused.value.failure is Failure.FORBIDDEN
        assert [one.headers["host"] for one in good.received] == [f"rebound.example:{port}"] * 2


def test_http_is_for_inner_networks_alone() -> None:
    assert failure("http://receiver.example/", Reach(LOOPBACK, resolver=lambda *_: ["93.184.216.34"])) is (
        Failure.FORBIDDEN
    )


def test_a_redirection_is_not_followed() -> None:
    with receiver() as elsewhere, receiver([307]) as redirecting:
        redirecting.headers["Location"] = elsewhere.address
        with Connection(redirecting.address, REACH) as connection:
            assert connection.post(b"{}", HEADERS).status == 307
        assert not elsewhere.received


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receivers, "WHOLE", 0.5)


def hang(_: socket.socket) -> None:
    Event().wait(3)


def drip(connection: socket.socket) -> None:
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Slow: yes\r\n" * 20:
        connection.sendall(bytes([byte]))
        Event().wait(0.05)


def flood_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: of the same\r\n" * 1000)


def gibber(connection: socket.socket) -> None:
    connection.sendall(b"220 mail.example ESMTP\r\n\r\n")


def leave(_: socket.socket) -> None:
    pass


@pytest.mark.usefixtures("_soon")
@pytest.mark.parametrize(
    ("speak", "expected"),
    [
        (hang, Failure.TIMEOUT),
        (drip, Failure.TIMEOUT),
        (flood_head, Failure.UNREADABLE),
        (gibber, Failure.UNREADABLE),
        (leave, Failure.CUT),
    ],
)
def test_who_misbehaves_is_left_in_time(speak: Callable[[socket.socket], None], expected: Failure) -> None:
    with speaking(speak) as address:
        begun = monotonic()
        assert failure(address) is expected
        assert monotonic() - begun < 1.5


def test_ten_gigabytes_are_not_read() -> None:
    sent = []

    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
        while True:
            sent.append(connection.send(b"x" * 1_000_000))

    with speaking(flood) as address, Connection(address, REACH) as connection:
        begun = monotonic()
        assert connection.post(b"{}", HEADERS).status == 200
        assert monotonic() - begun < 1
    assert sum(sent) < 50_000_000


def test_what_only_announces_an_answer_is_none_and_a_pause_that_is_asked_for_is_told() -> None:
    def announce(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 429 Slow\r\nRetry-After: 120\r\n\r\n")

    with speaking(announce) as address, Connection(address, REACH) as connection:
        answer = connection.post(b"{}", HEADERS)
    assert (answer.status, answer.retry_after) == (429, 120)


def test_nobody_there_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert failure(f"http://127.0.0.1:{port}/") is Failure.UNREACHABLE
    assert failure("https://nobody.example/", Reach(resolver=lambda *_: [])) is Failure.UNRESOLVED


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of `receiver.example` and its key, by itself."""
    key, now = Ed25519PrivateKey.generate(), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver.example")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("receiver.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, None)
    )
    file = tmp_path_factory.mktemp("certificate") / "receiver.pem"
    words = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(words + certificate.public_bytes(Encoding.PEM))
    return file


@pytest.fixture
def secured(certified: Path) -> Iterator[int]:
    """The port of a receiver that speaks TLS as `receiver.example`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certified)

    def speak(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(65536)
            secured.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with listening(speak) as port:
        yield port


def test_the_certificate_is_that_of_the_name_though_the_connection_goes_to_an_address(
    secured: int, certified: Path
) -> None:
    trusting = ssl.create_default_context(cafile=str(certified))
    reach = Reach(LOOPBACK, trusting, resolver=lambda _host, _port: ["127.0.0.1"])
    with Connection(f"https://receiver.example:{secured}/", reach) as connection:
        assert connection.post(b"{}", HEADERS).status == 204
    assert failure(f"https://other.example:{secured}/", reach) is Failure.TLS
    stranger = Reach(LOOPBACK, resolver=lambda _host, _port: ["127.0.0.1"])
    assert failure(f"https://receiver.example:{secured}/", stranger) is Failure.TLS
