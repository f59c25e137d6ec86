"""Rulebooks as the API writes and reads them."""

from collections.abc import Mapping
from typing import Any

from referencing.accounts.permissions import Actor
from referencing.journal.models import Entry

from . import facts, queries
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


def event_view(entry: Entry, reader: Actor) -> dict[str, Any]:
    """Outside the agency it is read that the agency acted, not who in it did."""
    return {
        "number": entry.number,
        "at": entry.at,
        "action": entry.action,
        "by": entry.actor if reader.of_agency else "agency",
        "detail": entry.detail,
    }


def rules_of_words(words: Mapping[str, Any]) -> Rules:
    """What `RulebookIn` read."""
    return Rules(
        tuple(correspondence_of_words(one["id"], one) for one in words["correspondences"]),
        tuple(facts.CertificateKind(one["kind"], tuple(one["covers"])) for one in words["certificate_kinds"]),
        tuple(map(policy_of_words, words["policies"])),
    )


def correspondence_of_words(code: str, words: Mapping[str, Any]) -> facts.Correspondence:
    return facts.Correspondence(
        code,
        tuple(words["sources"]),
        words["target"],
        words["relation"],
        words["valid_from"],
        words["valid_until"],
    )


def policy_of_words(words: Mapping[str, Any]) -> facts.Policy:
    return facts.Policy(words["when"], **words["then"])
