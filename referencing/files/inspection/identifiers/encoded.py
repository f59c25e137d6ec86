"""Base64 in a text: the CDA in an HL7 message, the attachments of a mail, the PDF in a CDA."""

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from referencing.files.inspection.budget import MIB

LONGEST = 24 * MIB  # characters, 18 MiB decoded
SHORTEST = 128  # a digest, a small key: no document

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
# Little else in a text has so many of these in a row; once begun, a run goes on over white space.
_BEGUN = b"A" * 40
_AS_LETTERS = bytes(0x41 if byte in _ALPHABET else 0x20 for byte in range(256))  # ten times a regex's speed
_STOP = re.compile(rb"[^A-Za-z0-9+/\s]")
_WHITE = b" \t\n\r\v\f"

_BEGINNINGS = (b"%PDF", b"PK", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")  # of what has text within and is no text
_CONTROLS = bytes(range(9)) + bytes(range(14, 32))


@dataclass(frozen=True, slots=True)
class Decoded:
    """The decoded content of a run of base64, its beginning only when it is not `whole`."""

    content: bytes
    whole: bool

    @property
    def is_promising(self) -> bool:
        """Whether the content may hold text: logs are full of signatures and certificates, which do not."""
        head = self.content[:64]
        return head.startswith(_BEGINNINGS) or head == head.translate(None, _CONTROLS)


def decoded_runs(pieces: Iterable[bytes]) -> Iterator[Decoded]:
    """Every long run of base64 in a text of one-byte characters."""
    run: _Run | None = None
    carried = b""
    for piece in pieces:
        text, position = carried + piece, 0
        letters, carried = text.translate(_AS_LETTERS), b""
        while position < len(text):
            if run is None:
                start = letters.find(_BEGUN, position)
                if start < 0:
                    carried = text[max(position, len(text) - len(_BEGUN) + 1) :]
                    break
                run, position = _Run(), start
            stop = _STOP.search(text, position)
            end = stop.start() if stop else len(text)
            run.add(text[position:end])
            position = end
            if stop:
                yield from run.decoded()
                run = None
    if run is not None:
        yield from run.decoded()


class _Run:
    def __init__(self) -> None:
        self._characters = bytearray()
        self._whole = True

    def add(self, characters: bytes) -> None:
        room = LONGEST - len(self._characters)
        self._characters += characters[:room]
        self._whole &= len(characters) <= room

    def decoded(self) -> Iterator[Decoded]:
        characters = self._characters.translate(None, _WHITE)
        if len(characters) >= SHORTEST:
            # Whole groups of four only, the last one without its padding, which was not taken in.
            rest = len(characters) % 4
            padded = characters + b"=" * (4 - rest) if rest > 1 else characters[: len(characters) - rest]
            yield Decoded(base64.b64decode(padded), self._whole)
