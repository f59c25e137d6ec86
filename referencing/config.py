"""What the environment decides: where the data, the files and the jobs live."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

GIB = 1024**3
#: What clamd looks into by its own defaults (MaxFileSize); beyond, it would say OK of what it did not read.
LARGEST_SCANNED = 100 * 1024**2
#: Bytes of one resumable upload; and of all that an organisation has begun and not ended.
LARGEST_UPLOAD = 20 * GIB
UPLOAD_QUOTA = 100 * GIB
#: Days that a simulation is kept after its end; the last of each rulebook stays.
SIMULATIONS_KEPT = 365


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` and `broker_url` are None for the embedded default; sizes are in bytes.

    `smtp_url` is None where no e-mail is sent; `duo` holds all that begins with DUO_, for the rooms.
    """

    data: Path
    database_url: str | None = None
    storage_url: str | None = None
    broker_url: str | None = None
    clamd_url: str | None = None
    largest_scanned: int = LARGEST_SCANNED
    largest_file: int = 2 * GIB
    largest_table: int = 20 * 1024**2
    largest_upload: int = LARGEST_UPLOAD
    upload_quota: int = UPLOAD_QUOTA
    simulations_kept: int = SIMULATIONS_KEPT  # in days
    proxies: int = 0  # that stand before the application and say whom they speak for (X-Forwarded-For)
    processes: int = 0  # that answer requests; 0 is one for each core
    statement_seconds: int = 30  # that one statement of a request may take
    job_statement_seconds: int = 600
    rate_account: int = 6_000  # requests a minute, in each process; 0 is without a limit
    rate_organisation: int = 20_000
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    console_theme: Path | None = None  # a folder laid over the console's own templates and stylesheet
    duo: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        return cls(
            data=Path(environment.get("REFERENCING_DATA") or "var").resolve(),
            database_url=environment.get("DATABASE_URL") or None,
            storage_url=environment.get("STORAGE_URL") or None,
            broker_url=environment.get("BROKER_URL") or None,
            clamd_url=environment.get("CLAMD_URL") or None,
            largest_scanned=int(environment.get("CLAMD_LARGEST") or LARGEST_SCANNED),
            largest_upload=int(environment.get("UPLOAD_LARGEST") or LARGEST_UPLOAD),
            upload_quota=int(environment.get("UPLOAD_QUOTA") or UPLOAD_QUOTA),
            simulations_kept=int(environment.get("SIMULATIONS_KEPT") or SIMULATIONS_KEPT),
            proxies=int(environment.get("PROXIES") or 0),
            processes=int(environment.get("PROCESSES") or 0),
            statement_seconds=int(environment.get("STATEMENT_SECONDS") or 30),
            job_statement_seconds=int(environment.get("JOB_STATEMENT_SECONDS") or 600),
            rate_account=int(environment.get("RATE_ACCOUNT") or 6_000),
            rate_organisation=int(environment.get("RATE_ORGANISATION") or 20_000),
            smtp_url=environment.get("SMTP_URL") or None,
            mail_from=environment.get("MAIL_FROM") or None,
            console_theme=Path(theme).resolve() if (theme := environment.get("CONSOLE_THEME")) else None,
            duo={name: value for name, value in environment.items() if name.startswith("DUO_")},
        )

    @property
    def files(self) -> str:
        """Where the files are kept, as `storage` understands it."""
        return self.storage_url or str(self.data / "files")
