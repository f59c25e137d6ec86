"""Proposals from an expected proof's text: who checks it, of what kind it is, on which components and platforms.

A proposal only: a catalogue manager may change it before the DSR is published.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from referencing.catalogue.imports.text import fold


class Guichet(StrEnum):
    """The counter that checks a proof."""

    ANS = "ANS"  # the agency, for all that names nobody else
    CNDA = "CNDA"  # delivers authorisations for the health insurance's services
    EDC_PSC = "EDC_PSC"  # the trust space of Pro Santé Connect


class ProofKind(StrEnum):
    """The kind of a proof that the editor is asked to supply."""

    DEMONSTRATION = "demonstration"  # a video or screenshots of the software at work; may be shown live
    LOG = "log"  # what the software wrote or sent
    DOCUMENT = "document"  # what somebody wrote about it
    TEST_REPORT = "test_report"  # what a test platform found
    CERTIFICATE = "certificate"  # what somebody answers for
    PENTEST = "pentest"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Proposal:
    guichet: Guichet
    kind: ProofKind
    roles: tuple[str, ...]  # functions of the solution that a component may fill
    duo: bool  # fit to be shown in a live session


# The first pattern that matches the folded text decides. A text often offers a choice ("vidéo ou
# documentation") or adds a piece ("démonstration et log"): hence the order.
_KINDS: Sequence[tuple[ProofKind, re.Pattern[str]]] = [
    (kind, re.compile(pattern))
    for kind, pattern in (
        (ProofKind.PENTEST, r"\btests? d'intrusion\b|\bpentests?\b"),
        (ProofKind.CERTIFICATE, r"\b(attestation|homologation|agrement|autorisation)s?\b"),
        (ProofKind.TEST_REPORT, r"\bgazelle\b|\brapports? de validation\b|\bci-sis\b"),
        (ProofKind.DEMONSTRATION, r"\b(demonstration|video|capture)s?\b|\bcopies? (d')?ecrans?\b"),
        (ProofKind.LOG, r"\b(log|trace)s?\b|\bsmtp\b|\bjourna(l|ux)\b"),
        # No word boundary before "document": type_de_document names one too.
        (ProofKind.DOCUMENT, r"document|\b(fichier|procedure|rapport|politique)s?\b|\bpssi\b"),
        (ProofKind.DOCUMENT, r"\bextraits? de configuration\b|\b(lien|url)s?\b"),
    )
]
_WORD = re.compile(r"\w+")
_CNDA = re.compile(r"\bcnda\b")
_EDC_PSC = re.compile(r"\b(edc|espace de confiance)[ -](de )?(psc|pro sante connect)\b")
_ROLES: Mapping[str, tuple[str, ...]] = {"MSS": ("mss",), "DMP": ("dmp",), "PSC": ("psc",)}


def propose(text: str, chapter: str) -> Proposal:
    """The proposal for a proof of that text in that chapter (`MSS`, `INS`, ...).

    Accents, case, white space and the shape of apostrophes do not count. An empty text gives `other`.
    """
    folded = fold(text)
    kind = next((kind for kind, pattern in _KINDS if pattern.search(folded)), ProofKind.OTHER)
    return Proposal(
        guichet=_guichet(folded),
        kind=kind,
        roles=_ROLES.get(chapter.strip().upper(), ()),
        duo=kind is ProofKind.DEMONSTRATION,
    )


def propose_platforms(text: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """The codes of platforms that a text calls by one of their names, as a word of its own; `names` are by code.

    Accents, case, white space and punctuation do not count. A name without a letter or digit calls nothing.
    """
    spoken = _spoken(text)
    return sorted(
        code
        for code, called in names.items()
        if any(_spoken(name).strip() and _spoken(name) in spoken for name in called)
    )


def _spoken(text: str) -> str:
    """The words of a text, each between two spaces."""
    return f" {' '.join(_WORD.findall(fold(text)))} "


def _guichet(folded: str) -> Guichet:
    if _CNDA.search(folded):
        return Guichet.CNDA
    return Guichet.EDC_PSC if _EDC_PSC.search(folded) else Guichet.ANS
