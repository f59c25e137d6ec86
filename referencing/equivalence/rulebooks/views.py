"""Rulebooks as the API writes and reads them."""

from collections.abc import Mapping
from typing import Any

from referencing.equivalence.engine import facts

from . import queries
from .models import Rulebook
from .rulebooks import Rules, plain


def rulebook_view(rulebook: Rulebook) -> dict[str, Any]:
    keys = (
        "id",
        "label",
        "state",
        "revision",
        "checked_at",
        "scheduled_at",
        "published_at",
        "superseded_at",
    )
    return {**{key: getattr(rulebook, key) for key in keys}, "valid_from": rulebook.first_day}


def whole_view(rulebook: Rulebook) -> dict[str, Any]:
    return {**rulebook_view(rulebook), **plain(queries.rules_of(rulebook))}


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
