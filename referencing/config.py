"""What the environment decides: where the data, the files and the jobs live."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

from .variables import Misconfigured, Network, Variables

GIB = 1024**3
#: What clamd looks into by its own defaults (MaxFileSize); beyond, it would say OK of what it did not read.
LARGEST_SCANNED = 100 * 1024**2
#: Bytes of one resumable upload; and of all that an organisation has begun and not ended.
LARGEST_UPLOAD = 20 * GIB
UPLOAD_QUOTA = 100 * GIB
#: Days that a simulation is kept after its end; the last of each rulebook stays.
SIMULATIONS_KEPT = 365
#: Days after which no letter tells of a matter of which its person was told already.
LETTERS_OF_USE = 400
#: Minutes for which a forecast is not made again.
FORECAST_FRESH = 15
#: Days within which an invitation is to be accepted.
INVITATION_DAYS = 14
#: Seconds, for a server that may stand among others: with the embedded database it stands alone.
STOP_GRACE = 5
#: OpenTelemetry's variables that say where traces go, by OTLP over HTTP.
TRACES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
#: The schemes of its addresses: the one that is named, and those that are taken.
POSTGRESQL = ("postgresql",), ("postgres", "postgresql+psycopg")


def own_secret(file: Path, make: Callable[[], bytes]) -> bytes:
    """A secret of the service's own that its user alone reads, made where there is none yet. Raises OSError.

    Of processes that start together, the first one's stays.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.") as fresh:
            fresh.write(make())
            fresh.flush()
            with suppress(FileExistsError):
                file.hardlink_to(fresh.name)
    return file.read_bytes()


@dataclass(frozen=True, slots=True)
class Kept:
    """Days for which what tells of people is kept, by kind (docs/personal-data.md)."""

    letters: int = LETTERS_OF_USE  # after they were sent
    reads: int = 365  # of files
    invitations: int = 90  # after their end
    places: int = 90  # from which keys were last used
    signal_authors: int = 730  # after the signal was assessed

    @classmethod
    def read(cls, of: Variables) -> "Kept":
        least = {"letters": LETTERS_OF_USE}
        return cls(
            **{
                kind: of.number(f"{kind.upper()}_KEPT", days, least.get(kind, 1), most=3_660)
                for kind, days in cls().days.items()
            }
        )

    @property
    def days(self) -> Mapping[str, int]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Probes:
    """From where this process looks at platforms, and the inner networks that it may reach there, on any port."""

    place: str = "ici"
    networks: tuple[Network, ...] = ()

    @classmethod
    def read(cls, of: Variables) -> "Probes":
        return cls(of.text("PROBE_PLACE") or cls().place, of.networks("PROBE_NETWORKS"))


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` and `broker_url` are None for the embedded default; sizes are in bytes.

    Where `database_direct_url` is given, `database_url` is a pooler's that lends connections by the transaction;
    `database_replica_url` is a standby's, for reads that may lag.
    `smtp_url` is None where no e-mail is sent; `duo` holds all that begins with DUO_, for the rooms, `oidc` all that
    begins with OIDC_, for the issuers, and `record` all that begins with RECORD_, for the signed heads of the record.
    """

    data: Path
    database_url: str | None = None
    database_direct_url: str | None = None
    database_replica_url: str | None = None
    storage_url: str | None = None
    broker_url: str | None = None
    clamd_url: str | None = None
    largest_scanned: int = LARGEST_SCANNED
    largest_file: int = 2 * GIB
    largest_table: int = 20 * 1024**2
    largest_upload: int = LARGEST_UPLOAD
    upload_quota: int = UPLOAD_QUOTA
    simulations_kept: int = SIMULATIONS_KEPT  # in days
    kept: Kept = Kept()
    forecast_fresh: int = FORECAST_FRESH  # in minutes
    proxies: int = 0  # that stand before the application and say whom they speak for (X-Forwarded-For)
    processes: int = 0  # that answer requests; 0 is one for each core
    migrate: bool = True  # whether a process that starts brings the schema to the latest revision
    stop_grace: int = 0  # seconds from SIGTERM until nothing new is taken, in which a balancer may see it
    stop_within: int = 20  # seconds after that, in which requests and jobs under way may come to their end
    statement_seconds: int = 30  # that one statement of a request may take
    job_statement_seconds: int = 600
    rate_account: int = 6_000  # requests a minute, in each process; 0 is without a limit
    rate_organisation: int = 20_000
    log_level: str = "INFO"
    log_format: str = "json"
    traced: bool = False  # whether OpenTelemetry's own variables name who takes traces
    metrics_token: str | None = field(default=None, repr=False)
    metrics_address: str | None = None  # HOST:PORT, of a process that performs jobs only
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    public_url: str | None = None  # where browsers find the console: links in letters begin with it
    invitation_days: int = INVITATION_DAYS  # in days
    keys_for_people: bool = True  # whether a key speaks for a person; else for programs alone
    webhook_key: str | None = field(default=None, repr=False)  # from which the secrets of webhooks follow
    webhook_networks: tuple[Network, ...] = ()  # inner ones that webhooks may reach, by http as well
    cors_origins: frozenset[str] = frozenset()  # of pages that may call the API, with a key of their own
    probes: Probes = Probes()
    security_contact: str | None = None  # whom to tell of a weakness, as `/.well-known/security.txt` says
    console_theme: Path | None = None  # a folder laid over the console's own templates and stylesheet
    record: Mapping[str, str] = field(default_factory=dict, repr=False)
    duo: Mapping[str, str] = field(default_factory=dict, repr=False)
    oidc: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Raises Misconfigured, with all that is wrong."""
        settings, problems = cls.read(environment)
        if problems:
            raise Misconfigured(problems)
        return settings

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> tuple["Settings", list[str]]:
        """The settings, and what is wrong with them; what cannot be read is as it is by default."""
        of = Variables(environment)
        theme, database = of.text("CONSOLE_THEME"), of.address("DATABASE_URL", *POSTGRESQL)
        settings = cls(
            data=Path(of.text("REFERENCING_DATA") or "var").resolve(),
            database_url=database,
            database_direct_url=of.address("DATABASE_DIRECT_URL", *POSTGRESQL),
            database_replica_url=of.address("DATABASE_REPLICA_URL", *POSTGRESQL),
            storage_url=of.address("STORAGE_URL", ("s3", "file"), path=True),
            broker_url=of.address("BROKER_URL", ("amqp", "redis"), also=("amqps", "rediss")),
            clamd_url=of.address("CLAMD_URL", ("unix", "tcp")),
            largest_scanned=of.size("CLAMD_LARGEST", LARGEST_SCANNED),
            largest_upload=of.size("UPLOAD_LARGEST", LARGEST_UPLOAD),
            upload_quota=of.size("UPLOAD_QUOTA", UPLOAD_QUOTA),
            simulations_kept=of.number("SIMULATIONS_KEPT", SIMULATIONS_KEPT, least=1),
            kept=Kept.read(of),
            forecast_fresh=of.number("FORECAST_FRESH", FORECAST_FRESH, least=1),
            proxies=of.number("PROXIES", 0, most=10),
            processes=of.number("PROCESSES", 0, most=1024),
            migrate=of.choice("MIGRATE", ("start", "never")) == "start",
            stop_grace=of.number("STOP_GRACE", STOP_GRACE if database else 0, most=600),
            stop_within=of.number("STOP_WITHIN", 20, least=1, most=3600),
            statement_seconds=of.number("STATEMENT_SECONDS", 30, least=1, most=3600),
            job_statement_seconds=of.number("JOB_STATEMENT_SECONDS", 600, least=1, most=86_400),
            rate_account=of.number("RATE_ACCOUNT", 6_000),
            rate_organisation=of.number("RATE_ORGANISATION", 20_000),
            log_level=of.choice("LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR")),
            log_format=of.choice("LOG_FORMAT", ("json", "text")),
            traced={of.address(name, ("http", "https")) for name in TRACES} != {None},
            metrics_token=of.text("METRICS_TOKEN"),
            metrics_address=of.place("METRICS_ADDRESS"),
            smtp_url=of.address("SMTP_URL", ("smtp", "smtps")),
            mail_from=of.text("MAIL_FROM"),
            public_url=of.address("PUBLIC_URL", ("https", "http")),
            keys_for_people=of.choice("KEYS_FOR", ("all", "programs")) == "all",
            invitation_days=of.number("INVITATION_DAYS", INVITATION_DAYS, least=1, most=90),
            webhook_key=of.key("WEBHOOK_KEY"),
            webhook_networks=of.networks("WEBHOOK_NETWORKS"),
            cors_origins=of.origins("CORS_ORIGINS"),
            probes=Probes.read(of),
            security_contact=of.address("SECURITY_CONTACT", ("https",), also=("mailto", "tel")),
            console_theme=Path(theme).resolve() if theme else None,
            record=of.beginning("RECORD_"),
            duo=of.beginning("DUO_", spared=frozenset({"DUO_JITSI_KEY_FILE"})),
            oidc=of.beginning("OIDC_"),
        )
        of.problems.extend(settings._contradictions())
        return settings, of.problems

    def _contradictions(self) -> Iterator[str]:
        """What no setting says wrongly by itself."""
        if not self.keys_for_people and not self.oidc.get("OIDC_ISSUERS"):
            yield "KEYS_FOR=programs lets people in by OIDC_ISSUERS alone: name one"
        if self.database_direct_url and not self.database_url:
            yield "DATABASE_DIRECT_URL goes past the pooler that DATABASE_URL names: set both"
        if self.database_replica_url and not self.database_url:
            yield "DATABASE_REPLICA_URL follows the database that DATABASE_URL names: set both"

    @property
    def is_pooled(self) -> bool:
        """Whether the database lends its connections by the transaction, and keeps nothing of theirs in between."""
        return self.database_direct_url is not None

    @property
    def files(self) -> str:
        """Where the files are kept, as `storage` understands it."""
        return self.storage_url or str(self.data / "files")
