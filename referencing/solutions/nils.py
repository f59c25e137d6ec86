"""A NIL in the form in which it is kept, and what looks alike (Unicode Technical Standard 39). Pure."""

import unicodedata

from disarm import skeleton_key

_MINUS = "\u2212"


def clean(text: str) -> str:
    """One form for what looks the same: Unicode NFC, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def clean_nil(nil: str) -> str:
    """A NIL as it is kept: compatible characters as the plain ones (NFKC), every dash a hyphen, single spaces."""
    plain = unicodedata.normalize("NFKC", nil)
    hyphens = ("-" if unicodedata.category(char) == "Pd" or char == _MINUS else char for char in plain)
    return " ".join("".join(hyphens).split())


def look(text: str) -> str:
    """A key that texts share which a reader takes for each other, whatever their case; it is not for showing.

    Characters of other scripts, and digits that look like letters, count as what they look like.
    """
    return skeleton_key(clean_nil(text).upper(), digit_policy="tr39")
