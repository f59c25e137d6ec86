"""The headers of tus 1.0.0, and the body that a PATCH brings (https://tus.io/protocols/resumable-upload)."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from hmac import compare_digest

from referencing.base.errors import ChecksumMismatch, Malformed, TooLarge
from storage.port import Readable

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
ALGORITHMS = ("sha256", "sha1", "md5")
MEDIA_TYPE = "application/offset+octet-stream"
LONGEST_METADATA = 8 * 1024

_INTERRUPTED = (
    "Le contenu reçu est plus long que ce qui restait à envoyer : reprenez à l'octet où l'envoi en est."
)


@dataclass(frozen=True, slots=True)
class Checksum:
    """A checksum of the bytes of one request; `algorithm` is one of ALGORITHMS."""

    algorithm: str
    digest: bytes


def number(header: str, value: str | None) -> int:
    """A length or an offset, in bytes. Raises Malformed."""
    if value is None or not value.isascii() or not value.isdecimal() or len(value) > 15:
        raise Malformed(f"Donnez un nombre d'octets dans l'en-tête {header}.")
    return int(value)


def metadata(value: str | None) -> dict[str, str]:
    """The pairs of Upload-Metadata: keys, each with a value in base64, or none. Raises Malformed."""
    if value is None or not value.strip():
        return {}
    if len(value) > LONGEST_METADATA:
        raise Malformed(f"L'en-tête Upload-Metadata dépasse {LONGEST_METADATA} octets.")
    pairs: dict[str, str] = {}
    for pair in value.split(","):
        key, _, encoded = pair.strip().partition(" ")
        if not key or key in pairs:
            raise Malformed("Dans l'en-tête Upload-Metadata, donnez à chaque valeur une clé, une seule fois.")
        try:
            pairs[key] = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Malformed(
                f"Dans l'en-tête Upload-Metadata, « {key} » doit être en UTF-8, encodé en base64."
            ) from error
    return pairs


def checksum(value: str | None) -> Checksum | None:
    """The checksum that Upload-Checksum announces, if any. Raises Malformed, also for an unknown algorithm."""
    if value is None:
        return None
    algorithm, _, encoded = value.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise Malformed(
            f"Dans l'en-tête Upload-Checksum, donnez l'une de ces valeurs : {', '.join(ALGORITHMS)}."
        )
    try:
        digest = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise Malformed("Dans l'en-tête Upload-Checksum, encodez la somme en base64.") from error
    if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise Malformed(f"La somme de l'en-tête Upload-Checksum n'a pas la longueur de {algorithm}.")
    return Checksum(algorithm, digest)


class Body:
    """The bytes of one request: no more than were left to send; one that is cut short ends where it was cut."""

    def __init__(self, stream: Readable, left: int, announced: Checksum | None) -> None:
        self._stream = stream
        self._left = left
        self._announced = announced
        self._digest = hashlib.new(announced.algorithm, usedforsecurity=False) if announced else None
        self.cut = False

    @property
    def is_announced(self) -> bool:
        """Whether a checksum came before the bytes."""
        return self._announced is not None

    def read(self, size: int, /) -> bytes:
        """Raises TooLarge when more comes than was left."""
        if self.cut:
            return b""
        try:
            block = self._stream.read(min(size, self._left + 1))
        except OSError:  # the client is gone, or silent for too long
            self.cut = True
            return b""
        if len(block) > self._left:
            raise TooLarge(_INTERRUPTED)
        self._left -= len(block)
        if self._digest is not None:
            self._digest.update(block)
        return block

    def verify(self) -> None:
        """Raises ChecksumMismatch when this is not what was announced, be it because it was cut."""
        if self._announced is None or self._digest is None:
            return
        if self.cut or not compare_digest(self._digest.digest(), self._announced.digest):
            raise ChecksumMismatch(
                "La somme de contrôle ne correspond pas à ce qui est arrivé ; rien n'a été gardé de cet envoi. "
                "Renvoyez ces octets."
            )
