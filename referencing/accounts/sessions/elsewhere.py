"""Where else the person of a session is signed in. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SignedInElsewhere:
    """With what a person came from an issuer; `id_token` ends their session there as well."""

    issuer: str
    subject: str
    id_token: str
