"""How a delivery is signed, after Standard Webhooks 1.0: HMAC-SHA256 (`v1`) and ed25519 (`v1a`). Pure.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SECRET, PUBLIC_KEY = "whsec_", "whpk_"


@dataclass(frozen=True)
class Signer:
    """What one generation of a webhook signs with: both secrets follow from the service's own key, and are not kept."""

    shared: bytes
    private: Ed25519PrivateKey

    @classmethod
    def of(cls, key: bytes, webhook_id: UUID, generation: int) -> "Signer":
        def derived(purpose: str) -> bytes:
            return hmac.digest(key, f"webhook {purpose} {webhook_id} {generation}".encode(), sha256)

        return cls(derived("hmac"), Ed25519PrivateKey.from_private_bytes(derived("ed25519")))

    @property
    def secret(self) -> str:
        """The shared secret as its owner is shown it, once."""
        return SECRET + b64encode(self.shared).decode()

    @property
    def public_key(self) -> str:
        return PUBLIC_KEY + b64encode(self.private.public_key().public_bytes_raw()).decode()

    def sign(self, content: bytes) -> str:
        signed = {"v1": hmac.digest(self.shared, content, sha256), "v1a": self.private.sign(content)}
        return " ".join(f"{version},{b64encode(words).decode()}" for version, words in signed.items())


def signature(signers: Sequence[Signer], message: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: of each generation that counts, what it says of this very attempt."""
    content = f"{message}.{timestamp}.".encode() + body
    return " ".join(signer.sign(content) for signer in signers)
