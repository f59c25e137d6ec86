"""The matricule of the national health identity (INS): a NIR with its key. How it is written, what makes it valid.

Structure: décret n° 82-103 of 22 January 1982, article 4 (sex, year, month, place, rank). Values: those that the
public service "Les emplois de l'inclusion" accepts (gip-inclusion/les-emplois, itou/utils, class NIR): sex 1 and 2,
3, 4, 7 and 8 of people being registered; month 01 to 12, 20 to 42 and 50 to 99 when the act is incomplete; a
department, Corsica's 2A and 2B, 97 and 98 overseas, 91 to 96 of before the independences, 99 abroad.
Key: 97 - n mod 97, with 2A read as 19 and 2B as 18 (assurance-maladie-digital/nir-validation, NirKey).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial


class Kind(StrEnum):
    NIR = "nir"
    TEMPORARY = "temporary"  # of somebody whose registration is under way (NIA, numéro provisoire)


@dataclass(frozen=True, slots=True)
class Matricule:
    """Fifteen characters found in a text, between two positions. They appear in no representation of it."""

    written: str = field(repr=False)
    start: int
    end: int

    @property
    def kind(self) -> Kind:
        return Kind.NIR if self.written[0] in "12" else Kind.TEMPORARY

    @property
    def masked(self) -> str:
        return f"{self.written[0]}{'*' * 12}{self.written[-2:]}"


LONGEST = 15 + 6 * 7
"""Characters that a matricule takes at most, with what stands between its groups."""

# What may stand between two groups. A no-break space comes escaped (HTML, JSON), or as U+FFFD when a text in
# Latin-1 was read as UTF-8; U+001F stands between the values of neighbouring XML elements (xml_text.py).
_GAP = (
    r"(?:[ \t./\-\u00a0\u2000-\u200a\u202f\u2060\ufffd\x1f]{1,2}"
    r"|&nbsp;|&#160;|&#x[Aa]0;|\\u00[aA]0|\\u202[fF])?"
)
_MONTH = r"(?:0[1-9]|1[0-2]|[23][0-9]|4[0-2]|[5-9][0-9])"
_PLACE = rf"(?:(?:0[1-9]|[1-9][0-9]|2[ABab]){_GAP}(?!000)[0-9]{{3}}|9[78][0-9]{_GAP}[0-9]{{2}})"
_RANK = r"(?!000)[0-9]{3}"
_KEY = r"(?:0[1-9]|[1-8][0-9]|9[0-7])"
_MATRICULE = re.compile(
    # Neither the end of a longer number nor the decimals of one, of which logs are full; but after the mark S1 of
    # the datamatrix of an identity. The first digit stands before the look-behinds for speed: the engine then
    # leaps over texts without digits.
    r"[1-478](?:(?<![0-9].)(?<![0-9]\..)|(?<=S1.))"
    rf"{_GAP}[0-9]{{2}}{_GAP}{_MONTH}{_GAP}{_PLACE}{_GAP}{_RANK}{_GAP}{_KEY}(?![0-9])",
    re.DOTALL,
)
# What a matricule looks like once every digit is a 0, every gap a space and every A or B an A: literals, which the
# engine compares three times as fast as sets. Whatever it passes over is none, but for what an escape or the mark S1
# stands in.
_LIKENESS = re.compile(rb"0(?<!00) {0,2}00 {0,2}00 {0,2}0[0A](?: {0,2}000|0 {0,2}00) {0,2}000 {0,2}00(?!0)")
_ALIKE = {"0": "0123456789", " ": " \t./-?\u00a0\x1f", "A": "ABab", "S": "S"}
_AS_LIKENESS = bytes(
    next((ord(kind) for kind, characters in _ALIKE.items() if chr(code) in characters), 0x7C)
    for code in range(256)
)
_MARK = b"S00"
_ESCAPES = ("&nbsp;", "&#160;", "&#xA0;", "&#xa0;", "\\u00a0", "\\u00A0", "\\u202f", "\\u202F")
_BODY = re.compile(rf"(?<![0-9])[1-478][0-9]{{2}}{_MONTH}{_PLACE.replace(_GAP, '')}{_RANK}(?![0-9])")
_BETWEEN = re.compile(_GAP.removesuffix("?"))
_CORSICA = (("2A", "19"), ("2B", "18"))


def key(body: str) -> int:
    """The key, 1 to 97, that belongs to thirteen characters."""
    for letters, digits in _CORSICA:
        if body[5:7] == letters:
            body = body[:5] + digits + body[7:]
    return 97 - int(body) % 97


def matricules(text: str, start: int = 0, end: int | None = None) -> Iterator[Matricule]:
    """The matricules with a valid key that begin between the two positions; what surrounds them counts too."""
    end = len(text) if end is None else end
    look = _looking(text)
    while (match := look(start)) and match.start() < end:
        written = _BETWEEN.sub("", match[0]).upper()
        if int(written[13:]) == key(written[:13]):
            yield Matricule(written, match.start(), match.end())
            start = match.end()
        else:  # a right one may begin within what looked like one
            start = match.start() + 1


def _looking(text: str) -> Callable[[int], re.Match[str] | None]:
    """A search of the text for what is written as a matricule, from a position on."""
    # Latin-1 keeps every character in its place; what it does not have becomes "?", which counts as a gap.
    likeness = text.encode("latin-1", "replace").translate(_AS_LIKENESS)
    if _MARK in likeness or any(escape in text for escape in _ESCAPES):
        return partial(_MATRICULE.search, text)

    def look(start: int) -> re.Match[str] | None:
        while alike := _LIKENESS.search(likeness, start):
            match = _MATRICULE.match(text, alike.start())
            if match is not None:
                return match
            start = alike.start() + 1
        return None

    return look


def redacted(text: str) -> str:
    """The text with every matricule masked, even without its key: for names that a report has to quote."""
    parts, last = [], 0
    for matricule in matricules(text):
        parts += [text[last : matricule.start], matricule.masked]
        last = matricule.end
    return _BODY.sub(lambda body: f"{body[0][0]}{'*' * 12}", "".join([*parts, text[last:]]))
