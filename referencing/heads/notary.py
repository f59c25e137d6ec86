"""Who signs the heads of the record, and where they are sent, as the settings say."""

from collections.abc import Mapping
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
from referencing.config import Settings, own_secret

from .stamps import Authority

#: In the folder of the data, where nothing else is configured.
KEY_FILE = "record-key.pem"


@dataclass(frozen=True, slots=True)
class Notary:
    """`places` are addresses that heads go to. Without a `key` the one in the file `own` signs, or none."""

    key: Ed25519PrivateKey | None = field(default=None, repr=False)
    places: tuple[str, ...] = ()
    authority: Authority | None = None
    own: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Notary":
        """Raises ValueError, beginning with the variable that is wrong."""
        places = tuple(
            _place(address, settings) for address in (settings.record.get("RECORD_HEADS_TO", "")).split()
        )
        given = settings.record.get("RECORD_KEY")
        key = None if given is None else _read_key(given.encode())
        # Where several machines may serve a database, none of them makes a key for all.
        own = settings.data / KEY_FILE if settings.database_url is None else None
        return cls(key, places, Authority.of(settings.record), own)

    def place_named(self, name: str) -> str | None:
        """The address of which `name_of` made this name; None where the settings have it no longer."""
        return next((place for place in self.places if name_of(place) == name), None)

    @property
    def signer(self) -> Ed25519PrivateKey | None:
        """The key that signs, made where it is of its own and there is none yet. Raises OSError."""
        if self.key is not None or self.own is None:
            return self.key
        return _read_key(own_secret(self.own, _new_key))


def with_own_key(settings: Settings) -> Mapping[str, str]:
    """The settings of the record for processes that are told where the embedded database is: it signs by its own key.

    Raises OSError.
    """
    own = {"RECORD_KEY": own_secret(settings.data / KEY_FILE, _new_key).decode()}
    return {**own, **settings.record}


def name_of(place: str) -> str:
    """A name for an address that may be kept: the address may hold a secret."""
    return sha256(place.encode()).hexdigest()[:16]


def _read_key(pem: bytes) -> Ed25519PrivateKey:
    key = None
    with suppress(ValueError, TypeError, UnsupportedAlgorithm):
        key = load_pem_private_key(pem, password=None)
    if isinstance(key, Ed25519PrivateKey):
        return key
    raise ValueError("RECORD_KEY must be a private key as `openssl genpkey -algorithm ed25519` writes it")


def _new_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


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
