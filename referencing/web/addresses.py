"""Parts of an address that hold a code, and what an address that leads nowhere got wrong.

A code may hold slashes. Which slash is of the code and which one ends it shows in the address as it was sent only,
before its `%2F` are read.
"""

import re
from collections.abc import Sequence
from urllib.parse import unquote

from flask import request
from werkzeug.routing import Map, Rule, ValidationError
from werkzeug.routing.converters import PathConverter, UUIDConverter

from referencing.base.errors import DomainError

#: An expected proof's code, in which a slash ends nothing: what comes after its `#` has none.
PROOF_CODE = re.compile(r"[^#]+#[^#/]+")
#: How a rule names the parts that hold a code.
CODES = ("<part:", "<proof:")
IDENTIFIER = (
    "n'est pas un identifiant : reprenez celui que l'API a donné, de 36 caractères comme "
    "0197a2c4-5e6f-7a8b-9c0d-1e2f3a4b5c6d, ou un numéro là où l'adresse en a un."
)
_IDENTIFIER = re.compile(UUIDConverter.regex)


class UnknownAddress(DomainError):
    status, kind, title = 404, "http-404", "Adresse inconnue"


class MalformedIdentifier(DomainError):
    status, kind, title = 404, "malformed-identifier", "Identifiant mal formé"


class Part(PathConverter):
    """One part of the address, whose own slashes are sent as %2F: what follows it is never taken for its end."""

    def to_python(self, value: str) -> str:
        if value not in sent_parts():
            raise ValidationError
        return value


class ProofPart(Part):
    """The name of an expected proof, or its code, of which clients send the slashes as they are."""

    def to_python(self, value: str) -> str:
        return value if PROOF_CODE.fullmatch(value) else super().to_python(value)


def name_parts(url_map: Map) -> None:
    """Let the rules of an application name these parts: `<part:kind>`, `<proof:item>`."""
    url_map.converters = {**url_map.converters, "part": Part, "proof": ProofPart}


def sent_parts() -> list[str]:
    """The parts of the address that is asked for, as they were between its slashes when it was sent."""
    address: str = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.path
    return [unquote(part, errors="replace") for part in address.partition("?")[0].split("/")]


def lost(url_map: Map) -> DomainError:
    """Why the address that is asked for leads nowhere, as far as it can be known."""
    sent = sent_parts()
    if not request.path.startswith("/api"):
        return UnknownAddress(
            "Cette page n'existe pas : vérifiez son adresse, ou repartez de l'accueil (/). "
            "Les adresses de l'API commencent par /api/v1 (/api/docs)."
        )
    for named in map(_parts, url_map.iter_rules()):
        if len(named) == len(sent) and _begins(named, sent):
            malformed = next(
                (part for name, part in zip(named, sent, strict=True) if _unlike(name, part)), None
            )
            if malformed is not None:
                return MalformedIdentifier(f"« {malformed[:100]} » {IDENTIFIER}")
    return UnknownAddress(
        f"Cette adresse n'existe pas : vérifiez-la dans la description de l'API (/api/docs).{on_codes(url_map)}"
    )


def on_codes(url_map: Map) -> str:
    """How a code is written in an address, where the one that is asked for has a place for a code."""
    sent = sent_parts()
    for named in map(_parts, url_map.iter_rules()):
        place = next((place for place, name in enumerate(named) if name.startswith(CODES)), len(sent))
        if place < len(sent) and _begins(named[:place], sent):
            return " Dans un code, écrivez « # » %23 et « / » %2F : ce qui suit un « # » n'est pas envoyé."
    return ""


def _parts(rule: Rule) -> list[str]:
    return rule.rule.split("/")


def _begins(named: Sequence[str], sent: Sequence[str]) -> bool:
    """Whether an address begins with these parts of a rule, whatever stands in those that are no words."""
    return all(name.startswith("<") or name == part for name, part in zip(named, sent, strict=False))


def _unlike(name: str, part: str) -> bool:
    """Whether a part is no identifier, or no number, where the rule has one."""
    if name.startswith("<int:"):
        return not part.isdecimal()
    return name.startswith("<uuid:") and not _IDENTIFIER.fullmatch(part)
