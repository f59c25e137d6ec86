"""A timestamping authority's word (RFC 3161) for when a head was there: asked for, and looked at before it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from referencing.base.outgoing import client

_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


class NotStamped(Exception):
    """The authority gave no stamp, or one that does not hold. The message names no address."""


class Stamp(NamedTuple):
    """`token` is the authority's answer in DER, as `openssl ts` reads it; `at` its time."""

    token: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Authority:
    """`certificates` are those that its stamps are held against: its root, and what stands between."""

    url: str = field(repr=False)
    certificates: tuple[x509.Certificate, ...]

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> "Authority | None":
        """None where none is configured. Raises ValueError, beginning with the variable that is wrong."""
        url = settings.get("RECORD_TIMESTAMP_URL")
        certificates = settings.get("RECORD_TIMESTAMP_CERTIFICATES")
        if url is None and certificates is None:
            return None
        if url is None or certificates is None:
            raise ValueError("RECORD_TIMESTAMP_URL and RECORD_TIMESTAMP_CERTIFICATES go together: set both")
        address = client.base_address("RECORD_TIMESTAMP_URL", url)
        try:
            return cls(address, tuple(x509.load_pem_x509_certificates(certificates.encode())))
        except ValueError:
            raise ValueError("RECORD_TIMESTAMP_CERTIFICATES must be certificates in PEM") from None

    def stamp(self, content: bytes) -> Stamp:
        """Ask for a stamp on the SHA-256 of a content. Raises NotStamped, HTTPError or OSError."""
        asked = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
        received = client.send("POST", self.url, asked.as_bytes(), {"Content-Type": _QUERY, "Accept": _REPLY})
        if received.status != 200:
            raise NotStamped(f"status {received.status}")
        verifier = VerifierBuilder.from_request(asked)
        for certificate in self.certificates:
            is_root = certificate.issuer == certificate.subject
            add = verifier.add_root_certificate if is_root else verifier.add_intermediate_certificate
            verifier = add(certificate)
        try:
            answer = decode_timestamp_response(received.body)
            verifier.build().verify_message(answer, content)
        except (VerificationError, ValueError) as error:
            raise NotStamped(type(error).__name__) from error
        return Stamp(received.body, answer.tst_info.gen_time)
