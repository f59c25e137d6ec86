"""Small real contents to supply as proofs: what an expected proof accepts depends on its kind."""

import struct
import zlib

from referencing.catalogue.proposals import ProofKind
from tests.files.inspection.samples import image, pdf

_PICTURE = image("PNG")
_END = 12  # bytes of its last chunk


def picture(mark: bytes) -> bytes:
    """A PNG with the mark in it, as a comment."""
    chunk = b"tEXtComment\0" + mark
    checked = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return _PICTURE[:-_END] + checked + _PICTURE[-_END:]


def content_for(kind: ProofKind, mark: bytes) -> tuple[str, bytes]:
    """A name and a content that is accepted for that kind; the mark alone where a text is."""
    if kind in {ProofKind.DEMONSTRATION, ProofKind.CERTIFICATE}:
        return "preuve.png", picture(mark)
    if kind is ProofKind.PENTEST:
        return "preuve.pdf", pdf(mark.decode())
    return "preuve.txt", mark
