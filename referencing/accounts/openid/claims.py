"""Who an issuer says that somebody is, in the words of this application. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from referencing.accounts.siren import is_siren

from .settings import Issuer, Post

#: Characters of a SIREN, and of the SIRET that begins with it.
SIREN, SIRET = 9, 14
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Identity:
    """`issuer` and `subject` together name a person or a machine for ever; the rest is as it was said this time."""

    issuer: str
    subject: str
    name: str
    email: str | None = None
    siren: str | None = None
    post: Post | None = None
    machine: bool = False


def identity(issuer: Issuer, claims: Mapping[str, Any], *, machine: bool = False) -> Identity:
    """Who came, by claims that were verified."""
    email = claims.get("email")
    return Identity(
        issuer=issuer.url,
        subject=claims["sub"],
        name=_name(issuer, claims),
        email=email[:_LONGEST] if isinstance(email, str) else None,
        siren=_siren(issuer, claims),
        post=_post(issuer, claims),
        machine=machine,
    )


def _at(claims: Mapping[str, Any], path: str | None) -> Any:
    """What stands at a path, the whole name first: names of claims may hold dots."""
    if path is None or path in claims:
        return claims.get(path) if path else None
    value: Any = claims
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _name(issuer: Issuer, claims: Mapping[str, Any]) -> str:
    for names in issuer.names:
        words = [claims.get(name) for name in names.split()]
        if all(isinstance(word, str) and word.strip() for word in words):
            return " ".join(" ".join(map(str, words)).split())[:_LONGEST]
    return str(claims["sub"])[:_LONGEST]


def _siren(issuer: Issuer, claims: Mapping[str, Any]) -> str | None:
    """The SIREN, from a SIREN or a SIRET; None for what is neither."""
    value = _at(claims, issuer.organisation)
    digits = "".join(value.split()) if isinstance(value, str) else ""
    return digits[:SIREN] if len(digits) in {SIREN, SIRET} and is_siren(digits[:SIREN]) else None


def _post(issuer: Issuer, claims: Mapping[str, Any]) -> Post | None:
    """The first post of the settings whose value the issuer gives."""
    given = _at(claims, issuer.roles_claim)
    values = given.split() if isinstance(given, str) else given if isinstance(given, list) else []
    return next((post for value, post in issuer.roles.items() if value in values or value == given), None)
