"""`referencing check`: every part that is configured, tried for real, and what to do where it fails."""

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from secrets import token_hex
from urllib.parse import parse_qsl, urlsplit

import psycopg
import sqlalchemy as sa
from psycopg import sql

from storage.port import StorageFailure

from .accounts.openid.provider import providers as issuers
from .base import db
from .base.jobs import broker_for, reach
from .base.outgoing.clamd import ScannerUnavailable
from .base.outgoing.client import is_loopback
from .base.outgoing.connections import CONNECTING, Bounds, open_connection, revision_at
from .base.outgoing.replica import Replica
from .base.vault import Vault
from .config import Settings
from .duo.rooms.providers.settings import providers
from .heads.notary import Notary
from .mail.relay import Relay, Undelivered

OLDEST_POSTGRESQL = 15
#: Seconds by which this machine's clock and the database's may differ.
CLOCKS = 5.0
#: What each connection has of its own where no pooler stands between, and when it is right.
OF_THE_ROLE: Mapping[str, Callable[[str], bool]] = {
    "timezone": "UTC".__eq__,
    "jit": "off".__eq__,
    "lock_timeout": "0".__ne__,
    "statement_timeout": "0".__ne__,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one part; `advice` is empty where it works."""

    part: str
    detail: str
    advice: str = ""


def problems_of(settings: Settings) -> list[str]:
    """What the parts refuse of their addresses before anything is contacted, each naming its variable."""
    refused = []
    for variable, read in (
        ("STORAGE_URL", lambda: Vault.of(settings)),
        ("BROKER_URL", lambda: broker_for(settings.broker_url).close()),
        ("SMTP_URL", lambda: Relay.of(settings.smtp_url, settings.mail_from)),
        ("RECORD_KEY", lambda: Notary.of(settings)),
        ("DUO_ROOMS", lambda: providers(settings.duo)),
        ("OIDC_ISSUERS", lambda: issuers(settings.oidc)),
    ):
        try:
            read()
        except ValueError as error:
            said = str(error)
            refused.append(said if said.partition(" ")[0].isupper() else f"{variable}: {said}")
    return refused


def check(settings: Settings) -> Iterator[Finding]:
    """Try what is configured, part by part, within seconds each."""
    yield _tried("database", lambda: _database(settings))
    if settings.is_pooled:
        yield _tried("pooler", lambda: _pooler(settings))
    if settings.database_replica_url is not None:
        yield _tried("replica", lambda: _replica(settings))
    yield _tried("storage", lambda: _storage(settings))
    if settings.broker_url is not None:
        yield _tried("broker", lambda: _broker(str(settings.broker_url)))
    vault = Vault.of(settings)
    if vault.scanner is not None:
        scanner = vault.scanner
        yield _tried("scanner", lambda: _answers(scanner.ping))
    relay = Relay.of(settings.smtp_url, settings.mail_from)
    if relay is not None:
        yield _tried("mail", lambda: _answers(relay.greet))
    for provider in issuers(settings.oidc).values():
        yield _tried("issuer", partial(_answers, provider.reach))
    if settings.public_url is not None:
        yield shown_to_browsers(settings.public_url)
    notary = Notary.of(settings)
    if notary.key is None and notary.own is None:
        yield Finding("record", "no key signs its heads: see RECORD_KEY")
    yield from in_the_clear(settings)


def shown_to_browsers(address: str) -> Finding:
    """Whether browsers trust what is shown at the address that they are given, where it can be reached from here."""
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or 443
    if not address.startswith("https:"):
        advice = "" if is_loopback(host) else "give PUBLIC_URL an address of https"
        return Finding("public", f"{address} is in the clear", advice)
    try:
        with (
            socket.create_connection((host, port), CONNECTING) as line,
            ssl.create_default_context().wrap_socket(line, server_hostname=host),
        ):
            return Finding("public", "shows a certificate that is trusted")
    except ssl.SSLCertVerificationError as error:
        advice = "have the proxy show a certificate of an authority that browsers know, for this name"
        return Finding("public", f"shows a certificate that is not trusted ({error.verify_message})", advice)
    except OSError:
        return Finding(
            "public", f"{host} cannot be reached from here: look at its certificate from elsewhere"
        )


def in_the_clear(settings: Settings) -> Iterator[Finding]:
    """The lines to other machines that somebody on the way can read, or where nobody is asked for a certificate.

    They work: it is for whoever runs the service to know that the way is theirs alone.
    """
    named = {
        "DATABASE_URL": settings.database_url,
        "DATABASE_DIRECT_URL": settings.database_direct_url,
        "DATABASE_REPLICA_URL": settings.database_replica_url,
        "STORAGE_URL": settings.storage_url,
        "BROKER_URL": settings.broker_url,
        "CLAMD_URL": settings.clamd_url,
    }
    for variable, address in named.items():
        for host in _hosts(address or ""):
            if not is_loopback(host) and not _verifies(str(address)):
                yield Finding(
                    "line", f"{variable} leads to {host} without verified TLS: {_VERIFIED[variable]}"
                )


#: What makes a line one whose other end is known, by the variable of its address.
_VERIFIED = {
    "DATABASE_URL": "sslmode=verify-full",
    "DATABASE_DIRECT_URL": "sslmode=verify-full",
    "DATABASE_REPLICA_URL": "sslmode=verify-full",
    "STORAGE_URL": "without secure=false",
    "BROKER_URL": "rediss:// or amqps://",
    "CLAMD_URL": "on this machine, unix:// or tcp://127.0.0.1, as clamd speaks no TLS",
}


def _hosts(address: str) -> list[str]:
    """The machines that an address leads to; none for a path, a socket and the embedded default."""
    if "://" not in address:
        return []
    parts = urlsplit(address)
    named = [urlsplit(f"//{server}").hostname for server in parts.netloc.rpartition("@")[2].split(",")]
    if named == [None]:
        named = [*dict(parse_qsl(parts.query)).get("host", "").split(",")]
    return [host for host in named if host and not host.startswith("/")]


def _verifies(address: str) -> bool:
    parts = urlsplit(address)
    asked = dict(parse_qsl(parts.query))
    if parts.scheme.startswith("postgres"):
        return asked.get("sslmode") == "verify-full"
    return parts.scheme in {"rediss", "amqps"} or (parts.scheme == "s3" and asked.get("secure") != "false")


_ADVICE = {
    "database": "see that DATABASE_URL leads to a PostgreSQL that this account may create tables in",
    "pooler": "see that DATABASE_URL leads to a pooler that lends connections to this database by the transaction",
    "replica": "see that DATABASE_REPLICA_URL leads to a standby of this database that answers queries (hot_standby)",
    "storage": "see that STORAGE_URL leads to a folder or bucket that may be written, read and deleted from",
    "broker": "see that BROKER_URL leads to a broker that listens",
    "scanner": "see that CLAMD_URL leads to a clamd that answers PING",
    "issuer": "see that each OIDC_..._URL is what the issuer calls itself, and that it answers there",
    "mail": "see that SMTP_URL leads to a server that takes this account",
}


def _tried(part: str, attempt: Callable[[], Finding | str]) -> Finding:
    try:
        outcome = attempt()
    except (
        sa.exc.SQLAlchemyError,
        psycopg.Error,
        StorageFailure,
        ScannerUnavailable,
        Undelivered,
        OSError,
    ) as error:
        cause = getattr(error, "orig", None) or error
        return Finding(part, f"does not answer as it should ({type(cause).__name__})", _ADVICE[part])
    return outcome if isinstance(outcome, Finding) else Finding(part, outcome)


def _database(settings: Settings) -> Finding | str:
    url = db.direct_url(settings)
    engine = db.connect(url, pool_size=1, bounds=Bounds(CONNECTING, CONNECTING, CONNECTING))
    try:
        with engine.connect() as connection:
            version = db.server_version(connection)
            clock: datetime = connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
            apart = abs((datetime.now(UTC) - clock).total_seconds())
            may_create = connection.scalar(sa.text("SELECT has_schema_privilege(current_schema(), 'CREATE')"))
    finally:
        engine.dispose()
    schema = db.schema_of(revision_at(url))
    detail = f"PostgreSQL {version}"
    if version < OLDEST_POSTGRESQL:
        return Finding("database", detail, f"use PostgreSQL {OLDEST_POSTGRESQL} or newer")
    if apart > CLOCKS:
        return Finding(
            "database", f"{detail}, its clock {apart:.0f} s from this machine's", "set both by NTP"
        )
    if not schema.is_usable and not may_create:
        return Finding("database", f"{detail}, schema {schema}", "let its owner run `referencing db upgrade`")
    detail = f"{detail}, schema {schema}"
    return detail if schema.is_usable else f"{detail}: `serve` or `db upgrade` brings it there"


def _pooler(settings: Settings) -> Finding | str:
    url, bounds = db.database_url(settings), Bounds(CONNECTING, CONNECTING, CONNECTING, pooled=True)
    asked = sql.SQL(", ").join(sql.SQL("current_setting({})").format(name) for name in OF_THE_ROLE)
    with open_connection(url, bounds) as connection:
        (values,) = connection.execute(sql.SQL("SELECT {}").format(asked))
    unlike = [
        name
        for (name, is_right), value in zip(OF_THE_ROLE.items(), values, strict=True)
        if not is_right(value)
    ]
    if unlike:
        advice = "set them for the role, as deploy/pgbouncer/role.sql does"
        return Finding("pooler", f"lends connections without {', '.join(unlike)}", advice)
    return "answers"


def _replica(settings: Settings) -> Finding | str:
    bounds = Bounds(CONNECTING, CONNECTING, CONNECTING)
    primary, standby = (
        db.connect(url, pool_size=1, bounds=bounds)
        for url in (db.direct_url(settings), db.replica_url(settings))
    )
    try:
        behind = Replica(primary, standby).behind()
    finally:
        primary.dispose()
        standby.dispose()
    return f"answers, {behind} bytes behind"


def _storage(settings: Settings) -> str:
    storage = Vault.of(settings).storage
    content = f"referencing check {token_hex(16)}".encode()
    stored = storage.store(BytesIO(content))
    try:
        if b"".join(storage.read(stored.sha256)) != content:
            raise OSError("another content came back")
    finally:
        storage.delete(stored.sha256)
    return "written, read and deleted"


def _broker(url: str) -> str:
    reach(url)
    return "listens"


def _answers(ask: Callable[[], None]) -> str:
    ask()
    return "answers"
