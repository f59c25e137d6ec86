"""Where else the person of a session is signed in. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SignedInElsewhere:
    """With what a person came from an issuer; `id_token` ends their session there as well.

    `authenticated_at` is when they proved there who they are, where the issuer says so: before they came, for who was
    signed in already.
    """

    issuer: str
    subject: str
    id_token: str
    authenticated_at: datetime | None = None
