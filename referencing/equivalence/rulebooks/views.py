"""Rulebooks as the API writes and reads them."""

from collections.abc import Mapping
from typing import Any

from referencing.base.permissions import Actor
from referencing.base.shapes import shape
from referencing.equivalence.engine import facts

from . import queries
from .models import Rulebook
from .rulebooks import Rules, plain
from .schemas import RulebookOut


def rulebook_view(rulebook: Rulebook, reader: Actor) -> dict[str, Any]:
    return shape(RulebookOut)(rulebook, reader)


def whole_view(rulebook: Rulebook, reader: Actor) -> dict[str, Any]:
    return {**rulebook_view(rulebook, reader), **plain(queries.rules_of(rulebook))}


def rules_of_words(words: Mapping[str, Any]) -> Rules:
    """The rules that `RulebookIn` read."""
    return Rules(
        tuple(correspondence_of_words(rule["id"], rule) for rule in words["correspondences"]),
        tuple(
            facts.CertificateKind(rule["kind"], tuple(rule["covers"])) for rule in words["certificate_kinds"]
        ),
        tuple(map(policy_of_words, words["policies"])),
    )


def correspondence_of_words(code: str, words: Mapping[str, Any]) -> facts.Correspondence:
    return facts.Correspondence(
        id=code,
        sources=tuple(words["sources"]),
        target=words["target"],
        relation=words["relation"],
        valid_from=words["valid_from"],
        valid_until=words["valid_until"],
    )


def policy_of_words(words: Mapping[str, Any]) -> facts.Policy:
    return facts.Policy(words["when"], **words["then"])
