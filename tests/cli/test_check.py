"""`referencing check` tries what is configured for real, and says what to do."""

import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from referencing.checking import Finding, in_the_clear, shown_to_browsers
from referencing.config import Settings
from tests.cli.conftest import Referencing
from tests.duo.rooms.certificates import of_loopback


def test_the_version_is_told(referencing: Referencing) -> None:
    assert referencing("--version").out == f"referencing {version('segur-referencing')}\n"


def test_what_works_is_said_part_by_part(on_database: Referencing, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as broker:
        url = f"redis://127.0.0.1:{broker.getsockname()[1]}/0"
        done = on_database("check", STORAGE_URL=str(tmp_path / "files"), BROKER_URL=url)
    assert done.code == 0, done
    database, storage, listening, record = done.out.splitlines()
    assert database.startswith("database ok: PostgreSQL ")
    assert storage == "storage ok: written, read and deleted"
    assert listening == "broker ok: listens"
    assert record == "record ok: no key signs its heads: see RECORD_KEY"
    assert [each for each in (tmp_path / "files").rglob("*") if each.is_file()] == []


@pytest.mark.parametrize(
    ("part", "settings"),
    [
        ("database", {"DATABASE_URL": "postgresql://user:secret@127.0.0.1:1/none"}),
        ("storage", {"STORAGE_URL": "s3://key:secret@127.0.0.1:1/bucket?secure=false"}),
        ("broker", {"BROKER_URL": "redis://:secret@127.0.0.1:1/0"}),
        ("scanner", {"CLAMD_URL": "tcp://127.0.0.1:1"}),
        ("mail", {"SMTP_URL": "smtp://user:secret@127.0.0.1:1", "MAIL_FROM": "agence@example.fr"}),
    ],
)
def test_what_does_not_work_is_named_with_what_to_do(
    on_database: Referencing, tmp_path: Path, part: str, settings: dict[str, str]
) -> None:
    done = on_database("check", **{"STORAGE_URL": str(tmp_path / "files"), **settings})
    assert done.code == 1
    (failing,) = [line for line in done.out.splitlines() if " fails: " in line]
    assert failing.startswith(f"{part} fails: does not answer as it should")
    assert "; see that " in failing
    assert "secret" not in done.out + done.err


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"database_url": "postgresql://u:secret@base/r?sslmode=require"}, ["DATABASE_URL leads to base"]),
        ({"database_url": "postgresql://u:secret@base/r?sslmode=verify-full"}, []),
        ({"database_url": "postgresql:///r?host=/run/postgresql"}, []),
        ({"database_url": "postgresql:///r?host=base"}, ["DATABASE_URL leads to base"]),
        ({"storage_url": "s3://k:secret@files/b?secure=false"}, ["STORAGE_URL leads to files"]),
        ({"storage_url": "s3://k:secret@files/b"}, []),
        ({"storage_url": "/srv/files"}, []),
        (
            {"database_url": "postgresql://u:secret@127.0.0.1:5432,far:5433/b"},
            ["DATABASE_URL leads to far"],
        ),
        ({"broker_url": "redis://:secret@broker/0"}, ["BROKER_URL leads to broker"]),
        ({"broker_url": "redis://127.0.0.1/0"}, []),
        ({"broker_url": "rediss://:secret@broker/0"}, []),
        ({"broker_url": "amqps://u:secret@broker/"}, []),
        ({"clamd_url": "tcp://scanner:3310"}, ["CLAMD_URL leads to scanner"]),
        ({"clamd_url": "unix:///run/clamd"}, []),
    ],
)
def test_a_line_to_another_machine_that_is_not_verified_is_named(
    settings: dict[str, Any], named: list[str]
) -> None:
    told = [finding.detail for finding in in_the_clear(Settings(data=Path(), **settings))]
    assert [detail.partition(" without ")[0] for detail in told] == named
    assert "secret" not in str(told)


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[str]:
    """The address of a proxy, whose certificate nobody trusts unless it is said."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(of_loopback(tmp_path / "server.pem"))
    with socket.create_server(("127.0.0.1", 0)) as plain, ThreadPoolExecutor(1) as thread:

        def greet() -> None:
            with suppress(OSError), context.wrap_socket(plain.accept()[0], server_side=True):
                pass

        thread.submit(greet)
        yield f"https://127.0.0.1:{plain.getsockname()[1]}"


def test_what_is_shown_to_browsers_is_to_be_trusted(
    shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    assert shown_to_browsers(shown) == Finding("public", "shows a certificate that is trusted")


def test_a_certificate_that_browsers_refuse_is_told(shown: str) -> None:
    finding = shown_to_browsers(shown)
    assert "self-signed" in finding.detail
    assert finding.advice


@pytest.mark.parametrize(
    ("address", "is_wrong"),
    [("http://dsr.example", True), ("http://127.0.0.1:8000", False), ("https://127.0.0.1:1", False)],
)
def test_an_address_in_the_clear_is_for_this_machine_alone(address: str, *, is_wrong: bool) -> None:
    assert bool(shown_to_browsers(address).advice) == is_wrong


def test_all_settings_that_are_wrong_are_told_in_one_line(referencing: Referencing) -> None:
    refusal = referencing(
        "check",
        UPLOAD_QUOTA="much",
        PROXIES="-1",
        DATABASE_URL="mysql://user:hunter2@host/base",
        STORAGE_URL="s3://incomplete",
        DUO_ROOMS="unknown",
    ).refusal
    for variable in ("UPLOAD_QUOTA", "PROXIES", "DATABASE_URL", "STORAGE_URL", "DUO_ROOMS"):
        assert variable in refusal
    assert "hunter2" not in refusal
