"""The key of the service from which the secrets of all webhooks follow: a setting, or a file beside the database."""

import os
import secrets
from contextlib import suppress
from functools import cache
from pathlib import Path

from referencing.config import Settings

FILE = "webhooks.key"


def service_key(settings: Settings) -> bytes:
    """The key, made where there is none yet. Raises OSError where it can be neither read nor made."""
    if settings.webhook_key is not None:
        return settings.webhook_key.encode()
    return _kept(settings.data / FILE)


@cache
def _kept(file: Path) -> bytes:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f"{FILE}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
            written.write(secrets.token_bytes(32))
        with suppress(FileExistsError):  # another process was first
            file.hardlink_to(fresh)
        fresh.unlink()
    return file.read_bytes()
