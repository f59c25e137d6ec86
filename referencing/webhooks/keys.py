"""The key of the service from which the secrets of all webhooks follow: a setting, or a file beside the database."""

import secrets
from functools import cache, partial
from pathlib import Path

from referencing.config import Settings, own_secret

FILE = "webhooks.key"


def service_key(settings: Settings) -> bytes:
    """The key, made where there is none yet. Raises OSError where it can be neither read nor made."""
    if settings.webhook_key is not None:
        return settings.webhook_key.encode()
    return _kept(settings.data / FILE)


@cache
def _kept(file: Path) -> bytes:
    return own_secret(file, partial(secrets.token_bytes, 32))
