"""Which issuers are trusted, and with what: environment variables say so, and only they. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from referencing.base.outgoing.client import base_address
from referencing.base.permissions import OF_AN_ORGANISATION, Function, Role

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_WORDS = re.compile(r"[\s,]+")
#: What a person's name is read from: the first of these that all their words are there for.
_NAMES = ("name", "given_name usual_name", "given_name family_name", "preferred_username")


@dataclass(frozen=True, slots=True)
class Post:
    """What a value of the claim of roles makes of somebody."""

    role: Role
    function: Function | None = None


@dataclass(frozen=True, slots=True)
class Issuer:
    """`name` is its word in addresses, `url` what it calls itself, `label` what people read on the button.

    `audience` is what access tokens for this application are made out to; None where none is taken. `organisation`
    and `roles_claim` are paths of claims, their parts joined by dots.
    """

    name: str
    url: str
    label: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    scopes: str = "openid profile email"
    acr: tuple[str, ...] = ()
    signed_userinfo: bool = True
    rsa_bits: int = 2048  # that a key of RSA has at the least: 3072 are of 128 bits of security
    audience: str | None = None
    organisation: str | None = None
    roles_claim: str | None = None
    roles: Mapping[str, Post] = field(default_factory=dict)
    names: Sequence[str] = _NAMES
    skew: int = 60  # seconds by which its clock and ours may differ


def issuers(settings: Mapping[str, str]) -> tuple[Issuer, ...]:
    """From `OIDC_ISSUERS=agence,portail` and what each of these says. Raises ValueError, without any value."""
    named = [word for word in _WORDS.split(settings.get("OIDC_ISSUERS", "").strip()) if word]
    if len(set(named)) < len(named):
        raise ValueError("OIDC_ISSUERS names an issuer twice")
    if any(not _NAME.fullmatch(name) for name in named):
        raise ValueError(
            "OIDC_ISSUERS must be names in small letters, digits and hyphens, such as agence,portail"
        )
    read = tuple(_issuer(settings, name) for name in named)
    if len({issuer.url for issuer in read}) < len(read):
        raise ValueError("OIDC_ISSUERS names two issuers with one URL")
    return read


def _issuer(settings: Mapping[str, str], name: str) -> Issuer:
    prefix = f"OIDC_{name.upper().replace('-', '_')}_"

    def said(word: str, default: str = "") -> str:
        return settings.get(prefix + word, default).strip()

    if not said("URL") or not said("CLIENT_ID"):
        raise ValueError(f"{prefix}URL and {prefix}CLIENT_ID must be set")
    base_address(f"{prefix}URL", said("URL"))
    userinfo = said("USERINFO", "signed")
    if userinfo not in {"signed", "plain"}:
        raise ValueError(f"{prefix}USERINFO must be signed or plain")
    rsa_bits = said("RSA_BITS", "2048")
    if rsa_bits not in {"2048", "3072", "4096"}:
        raise ValueError(f"{prefix}RSA_BITS must be 2048, 3072 or 4096")
    skew = settings.get("OIDC_CLOCK_SKEW", "60").strip()
    if not skew.isdecimal() or int(skew) > 300:
        raise ValueError("OIDC_CLOCK_SKEW must be a whole number of seconds from 0 to 300")
    return Issuer(
        name=name,
        url=said("URL"),
        label=said("LABEL", name),
        client_id=said("CLIENT_ID"),
        client_secret=said("CLIENT_SECRET") or None,
        scopes=said("SCOPES", "openid profile email"),
        acr=tuple(word for word in _WORDS.split(said("ACR")) if word),
        signed_userinfo=userinfo == "signed",
        rsa_bits=int(rsa_bits),
        audience=said("AUDIENCE") or None,
        organisation=said("ORGANISATION_CLAIM") or None,
        roles_claim=said("ROLES_CLAIM") or None,
        roles=_roles(f"{prefix}ROLES", said("ROLES")),
        names=(said("NAME_CLAIMS"), *_NAMES) if said("NAME_CLAIMS") else _NAMES,
        skew=int(skew),
    )


def _roles(setting: str, words: str) -> dict[str, Post]:
    """`pilotes=lead, mandataires=editor:mandataire`. Raises ValueError."""
    posts = {}
    for pair in filter(None, (part.strip() for part in words.split(","))):
        value, separator, post = pair.rpartition("=")
        role, _, function = post.strip().partition(":")
        try:
            posts[value.strip()] = Post(Role(role), Function(function) if function else None)
        except ValueError:
            separator = ""
        if not separator or not value.strip() or (function and role != Role.EDITOR):
            raise ValueError(f"{setting} must be pairs such as pilotes=lead,mandataires=editor:mandataire")
    return posts


def needs_organisation(post: Post) -> bool:
    return post.role in OF_AN_ORGANISATION
