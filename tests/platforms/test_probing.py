"""What one look sees of real servers that answer, hang, are late, speak otherwise, or show a certificate."""

import socket
import ssl
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from cryptography import x509

from referencing.base.outgoing import receivers
from referencing.base.outgoing.receivers import Reach
from referencing.platforms import probing
from referencing.platforms.judging import Reason, Sighting
from referencing.platforms.models import Probe, ProbeKind
from referencing.platforms.probing import look
from tests.platforms.servers import CHUNKED, NAME, certificate, secured, serving
from tests.webhooks.receivers import LOOPBACK, REACH

NOW = datetime.now(UTC)
Outcome = tuple[Sighting, Reason | None]


def seen(
    *steps: dict[str, Any], kind: ProbeKind = ProbeKind.HTTP, reach: Reach = REACH, **words: Any
) -> Outcome:
    found = look(Probe(kind=kind, steps=[*steps], **words), reach, NOW)
    return found.sighting, found.reason


def step(address: str, status: int = 200, text: str = "") -> dict[str, Any]:
    return {"address": address, "status": status, "text": text}


def test_an_answer_is_looked_at_its_status_and_its_text() -> None:
    with serving() as server:
        assert seen(step(server.address, text="Gazelle")) == (Sighting.FINE, None)
        assert seen(step(server.address, 204)) == (Sighting.FAILED, Reason.STATUS)
        assert seen(step(server.address, text="Platine")) == (Sighting.FAILED, Reason.TEXT)
        server.sends = CHUNKED
        assert seen(step(server.address, text="<h1>Gazelle</h1>")) == (Sighting.FINE, None), (
            "a text that two chunks part is whole"
        )
        assert seen(step(server.address, text="cafe")) == (Sighting.FINE, None), (
            "a line that looks like the size of a chunk is text"
        )


def test_steps_are_taken_one_after_the_other() -> None:
    with serving() as first, serving() as second:
        second.sends = b"HTTP/1.1 503 Down\r\n\r\n"
        assert seen(step(first.address), step(second.address, 503)) == (Sighting.FINE, None)
        assert seen(step(first.address), step(second.address)) == (Sighting.FAILED, Reason.STATUS)


def test_who_hangs_or_never_ends_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server:
        server.sends = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 4_000_000
        assert seen(step(server.address, text="never")) == (Sighting.FAILED, Reason.TEXT)
        server.hangs = True
        monkeypatch.setattr(probing, "WHOLE", 0.5)
        assert seen(step(server.address)) == (Sighting.FAILED, Reason.TIMEOUT)


def test_the_bound_is_of_the_whole_whatever_the_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    elapsed = count(0, 15)
    monkeypatch.setattr(probing, "monotonic", lambda: next(elapsed))
    with serving() as server:
        assert seen(step(server.address)) == (Sighting.FINE, None)
        assert seen(step(server.address), step(server.address)) == (Sighting.FAILED, Reason.TIMEOUT)


def test_a_name_is_waited_for_within_the_bound_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receivers, "RESOLVING", 600.0)
    monkeypatch.setattr(probing, "WHOLE", 0.1)
    late = Event()

    def resolve(_host: str, _port: int) -> list[str]:
        late.wait(5)
        return ["127.0.0.1"]

    reach = Reach(LOOPBACK, resolver=resolve)
    assert seen(step("https://platform.example/"), reach=reach) == (Sighting.FAILED, Reason.UNRESOLVED)
    late.set()


def test_a_slow_answer_degrades_and_none_fails() -> None:
    with serving() as server:
        server.after = 0.05
        assert seen(step(server.address), slow_after=20) == (Sighting.DEGRADED, Reason.SLOW)
        assert seen(step(server.address), slow_after=20_000) == (Sighting.FINE, None)
        server.sends = b"220 mail ESMTP\r\n\r\n"
        assert seen(step(server.address)) == (Sighting.FAILED, Reason.UNREADABLE)
    assert seen(step(server.address)) == (Sighting.FAILED, Reason.UNREACHABLE)


def test_a_connection_is_enough_for_tcp() -> None:
    with serving() as server:
        address = f"tcp://127.0.0.1:{server.port}"
        assert seen(step(address), kind=ProbeKind.TCP) == (Sighting.FINE, None)
    assert seen(step(address), kind=ProbeKind.TCP) == (Sighting.FAILED, Reason.UNREACHABLE)


def test_a_certificate_is_seen_to_end_and_to_have_ended(tmp_path: Path) -> None:
    for days, expected in ((40, (Sighting.FINE, None)), (9, (Sighting.DEGRADED, Reason.EXPIRING))):
        file = certificate(tmp_path, days)
        trusting = ssl.create_default_context(cafile=str(file))
        reach = Reach(LOOPBACK, trusting, resolver=lambda _host, _port: ["127.0.0.1"])
        with secured(file) as port:
            tls = step(f"tls://{NAME}:{port}")
            assert seen(tls, kind=ProbeKind.TLS, reach=reach, expiry_days=10) == expected
            ends_at = look(Probe(kind=ProbeKind.TLS, steps=[tls]), reach, NOW).certificate_ends_at
            assert ends_at == x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    with secured(certificate(tmp_path, -1)) as port:
        broken = step(f"tls://{NAME}:{port}")
        assert seen(broken, kind=ProbeKind.TLS, reach=reach) == (Sighting.FAILED, Reason.TLS)


def test_what_is_not_to_be_reached_is_not_looked_at() -> None:
    inward = Reach(resolver=lambda _host, _port: ["10.0.0.1"])
    assert seen(step("https://inner.example/"), reach=inward) == (Sighting.FAILED, Reason.FORBIDDEN)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        tcp = step(f"tcp://127.0.0.1:{port}")
        assert seen(tcp, kind=ProbeKind.TCP, reach=Reach()) == (Sighting.FAILED, Reason.FORBIDDEN)
