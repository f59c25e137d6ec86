"""Who signs the heads of the record, and where they are sent, as the settings say."""

import os
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from referencing.accounts.email import mailbox
from referencing.base.outgoing.client import is_safe
from referencing.config import Settings

from .stamps import Authority

#: In the folder of the data, where nothing else is configured.
KEY_FILE = "record-key.pem"


@dataclass(frozen=True, slots=True)
class Notary:
    """`key` is None where none is configured: no head is signed then. `places` are addresses that heads go to."""

    key: Ed25519PrivateKey | None = field(default=None, repr=False)
    places: tuple[str, ...] = ()
    authority: Authority | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Notary":
        """Raises ValueError, beginning with the variable that is wrong."""
        places = tuple(
            _place(address, settings) for address in (settings.record.get("RECORD_HEADS_TO", "")).split()
        )
        authority = Authority.of(settings.record)
        return cls(_key(settings), places, authority)

    def place_named(self, name: str) -> str | None:
        """The address of which `name_of` made this name; None where the settings have it no longer."""
        return next((place for place in self.places if name_of(place) == name), None)

    @property
    def public_key(self) -> bytes | None:
        return self.key.public_key().public_bytes_raw() if self.key else None


def name_of(place: str) -> str:
    """A name for an address that may be kept: the address may hold a secret."""
    return sha256(place.encode()).hexdigest()[:16]


def _key(settings: Settings) -> Ed25519PrivateKey | None:
    given = settings.record.get("RECORD_KEY")
    if given is not None:
        return _read_key(given.encode())
    if settings.database_url is not None:  # several machines may serve it: none of them makes a key for all
        return None
    file = settings.data / KEY_FILE
    if not file.exists():
        _make_key(file)
    return _read_key(file.read_bytes())


def _read_key(pem: bytes) -> Ed25519PrivateKey:
    key = None
    with suppress(ValueError, TypeError, UnsupportedAlgorithm):
        key = load_pem_private_key(pem, password=None)
    if isinstance(key, Ed25519PrivateKey):
        return key
    raise ValueError("RECORD_KEY must be a private key as `openssl genpkey -algorithm ed25519` writes it")


def _make_key(file: Path) -> None:
    """Write a new key that only its owner reads; of processes that start together, the first one's stays."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(pem)
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()


def _place(address: str, settings: Settings) -> str:
    parts = urlsplit(address)
    if parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc:
        return address
    if parts.scheme == "mailto" and mailbox(unquote(parts.path)):
        if settings.smtp_url is None:
            raise ValueError("RECORD_HEADS_TO names a mailbox, and SMTP_URL is not set: set it too")
        return address
    if parts.hostname and not parts.username and is_safe(address):
        return address
    raise ValueError(
        "RECORD_HEADS_TO must be addresses such as file:///PATH, mailto:MAILBOX or https://HOST/PATH"
    )
