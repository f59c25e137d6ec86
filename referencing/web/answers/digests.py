"""Whether all of it came, and as it was sent: digests of what travels (RFC 9530)."""

from base64 import b64encode
from hashlib import sha256

from flask import Response, request

from referencing.base.errors import Malformed

REPRESENTATION, CONTENT = "Repr-Digest", "Content-Digest"


def digest_field(sha256_digest: bytes) -> str:
    """The value of a digest's field."""
    return f"sha-256=:{b64encode(sha256_digest).decode()}:"


def tell_digest(response: Response) -> Response:
    """Have what is taken away as a file carry its digest; a kept file brings its own."""
    is_file = "Content-Disposition" in response.headers and not response.is_streamed
    if is_file and response.status_code == 200 and REPRESENTATION not in response.headers:
        digest = digest_field(sha256(response.get_data()).digest())
        response.headers[REPRESENTATION] = response.headers[CONTENT] = digest
    return response


def refuse_altered() -> None:
    """Raises Malformed for a JSON body that is not what its Content-Digest says.

    Other bodies are read by their views.
    """
    told = request.headers.get(CONTENT)
    if told is None or not request.is_json:
        return
    digests = dict(part.strip().partition("=")[::2] for part in told.split(","))
    if "sha-256" in digests and f"sha-256={digests['sha-256']}" != digest_field(
        sha256(request.get_data()).digest()
    ):
        raise Malformed(
            "Le corps reçu n'a pas l'empreinte que l'en-tête Content-Digest annonce : envoyez-le de nouveau."
        )
