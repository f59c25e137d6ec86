"""Searching a text of any length and encoding, piece by piece: what a boundary cuts in two is found whole."""

import codecs
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from referencing.files.inspection.content import Content

from .fictitious import NEIGHBOURHOOD
from .nir import LONGEST
from .tally import Tally

MARGIN = LONGEST + NEIGHBOURHOOD
"""Characters kept on each side of what is searched: a matricule that begins in it, and what says whose it is."""

ONE_BYTE = "utf-8-sig"
_SAMPLE = 4096  # bytes
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16's, so it is looked for first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Window:
    """Part of a text with its margins: what begins from `start` to `end` is in no other; `line` is of `start`."""

    text: str
    start: int
    end: int
    line: int


def encoding_of(head: bytes) -> str:
    """By its byte order mark, or by where its NULs are. All else is read as UTF-8, whatever it is.

    Only digits and what parts them count, and those are ASCII in every other encoding; Latin-1's no-break space
    becomes U+FFFD, which the search takes for what it was.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    sample = head[:_SAMPLE]
    if sample[1::2].count(0) > len(sample) // 4 and not sample[::2].count(0):
        return "utf-16-le"
    if sample[::2].count(0) > len(sample) // 4 and not sample[1::2].count(0):
        return "utf-16-be"
    return ONE_BYTE


def decoded(pieces: Iterable[bytes]) -> Iterator[str]:
    """The text, with every line break (CR, LF, CRLF) as a line feed. No byte is an error."""
    content = Content(pieces)
    encoding = encoding_of(content.head(_SAMPLE))
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)("replace"), translate=True)
    for piece in content:
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)


def windows(texts: Iterable[str]) -> Iterator[Window]:
    """The whole text, in windows that overlap by their margins."""
    text, start, line = "", 0, 1
    for more in texts:
        text += more
        end = len(text) - MARGIN
        if end <= start:
            continue
        yield Window(text, start, end, line)
        line += text.count("\n", start, end)
        kept = max(0, end - MARGIN)
        text, start = text[kept:], end - kept
    yield Window(text, start, len(text), line)


def search_text(pieces: Iterable[bytes], tally: Tally, place: str) -> None:
    """Add what the text holds; places are lines, after `place` ("" or a file's name followed by ", ")."""
    for window in windows(decoded(pieces)):

        def where(position: int, window: Window = window) -> str:
            line = window.line + window.text.count("\n", window.start, position)
            return f"{place}ligne {line}"

        tally.search(window.text, where, window.start, window.end)
