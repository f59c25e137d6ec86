"""Where contents are kept, and what looks at them before anybody reads them."""

from dataclasses import dataclass

from referencing.config import LARGEST_SCANNED, Settings
from storage.address import storage_from_url
from storage.port import ObjectStorage

from .outgoing.clamd import Clamd


@dataclass(frozen=True, slots=True)
class Vault:
    """`scanner` is None where none is configured; `largest_scanned` in bytes."""

    storage: ObjectStorage
    scanner: Clamd | None = None
    largest_scanned: int = LARGEST_SCANNED

    @classmethod
    def of(cls, settings: Settings) -> "Vault":
        """Raises ValueError for an address that is none."""
        scanner = Clamd.of(settings.clamd_url) if settings.clamd_url else None
        return cls(storage_from_url(settings.files), scanner, settings.largest_scanned)
