"""The media type of a file by its content.

libmagic tells binary formats by their heads; zip containers are told by their members, and texts by how they
begin, without libmagic, which guesses and takes ten milliseconds for one. What is a text at its beginning has to
be one at its end.
"""

import codecs
import functools
import re
from itertools import islice
from typing import IO

import pylibmagic  # noqa: F401 - brings the library and its table, which `magic` then finds

# isort: split
import magic

from referencing.files.inspection.archives.zips import office_type
from referencing.files.inspection.identifiers.plain_text import ONE_BYTE, encoding_of

from .budget import MIB
from .content import PIECE, head_of, holds, pieces_of, tail_of
from .families import EMPTY, EVTX, HL7, MACROS, OLD_OFFICE, OLE, PCAPNG, UNKNOWN, Family, family_of

_ZIP_BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")
_UNNAMED = (  # that libmagic describes without a media type
    (re.compile(rb"L\0{3}\x01\x14\x02\0{5}\xc0\0{6}F"), "application/x-ms-shortcut"),
    (re.compile(rb"\0asm"), "application/wasm"),
    (re.compile(rb"MSCF\0{4}"), "application/vnd.ms-cab-compressed"),
    (re.compile(rb"ID3"), "audio/mpeg"),
    (re.compile(rb"ElfFile\0"), EVTX),
    # Its length, then which end of its numbers comes first: a log too may begin with these line breaks.
    (re.compile(rb"\n\r\r\n.{4}(?:\x1a\x2b\x3c\x4d|\x4d\x3c\x2b\x1a)", re.DOTALL), PCAPNG),
)
_ALLOWED_CONTROLS = frozenset(b"\b\t\n\v\f\r\x1b\x1c\x1d\x1e\x1f")  # with those of MLLP and of terminals
_CONTROLS = bytes(frozenset(range(0x20)) - _ALLOWED_CONTROLS)

_MOST_CONTROLS = 1000  # one of these in so many bytes is an accident

PDF = "application/pdf"
PDF_MARK = b"%PDF-"
PDF_WITHIN = 1024  # bytes in which its readers look for the mark (Adobe's implementation note 13 to PDF 1.7)

# Formats that may have no byte which a text has not. White space before is tolerated, as their readers do.
_READABLE = (
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*%PDF-"), PDF),
    (re.compile(rb"%!PS"), "application/postscript"),
    (re.compile(rb"\{\\rtf"), "text/rtf"),
)
_OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")
#: The storage in which documents of before 2007 keep their macros; its name may stand anywhere in the file.
_OLE_MACROS = "_VBA_PROJECT".encode("utf-16-le")
_MOST_PIECES = 256 * MIB // PIECE  # that are looked at for it

_SCRIPTS = (
    (re.compile(r"#!"), "text/x-shellscript"),
    (re.compile(r"<\?php", re.IGNORECASE), "text/x-php"),
    (re.compile(r"@echo\s+o(n|ff)\b", re.IGNORECASE), "text/x-msdos-batch"),
)
_HL7 = re.compile(r"(MSH|FHS|BHS)\|")
_JSON = re.compile(r'\{\s*["}]|\[\s*[\[{"\]]')
_MAIL = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}")
_MAIL_HEADER = re.compile(r"^(From|Message-ID):", re.IGNORECASE | re.MULTILINE)
_PROLOG = re.compile(
    r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)*+", re.DOTALL | re.IGNORECASE
)
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)(?=[\s/>])")
_TABLE_LINES = 5
_DOCTYPE_HTML = re.compile(r"<!DOCTYPE\s+html", re.IGNORECASE)
_HTML_ROOTS = frozenset({"html", "head", "body", "script", "iframe"})


def detect(file: IO[bytes]) -> str:
    """The media type of a seekable file; `application/x-empty` of nothing, `application/octet-stream` if unknown."""
    head = head_of(file)
    if head.startswith(_ZIP_BEGINNINGS):
        return office_type(file) or "application/zip"
    detected = detect_head(head)
    if (
        family_of(detected) is Family.TEXT
        and is_preceded_pdf(head)
        and b"startxref" in tail_of(file, PDF_WITHIN)
    ):
        return PDF
    if family_of(detected) in {Family.TEXT, Family.HTML} and _has_binary_end(file, head):
        return UNKNOWN
    if detected in {*OLD_OFFICE, OLE} and holds(islice(pieces_of(file), _MOST_PIECES), _OLE_MACROS):
        return MACROS
    if detected == OLE and _ENCRYPTED_OFFICE in tail_of(file, MIB):
        return "application/encrypted"
    return detected


def detect_head(head: bytes) -> str:
    """The type of a content of which only the beginning is at hand; a zip stays a zip."""
    if not head:
        return EMPTY
    if head.startswith(_ZIP_BEGINNINGS):
        return "application/zip"
    for beginning, name in _UNNAMED:
        if beginning.match(head):
            return name
    if _is_text(head):
        return next((name for beginning, name in _READABLE if beginning.match(head)), None) or _text_type(
            head
        )
    by_magic = _magic().from_buffer(head)
    if head.startswith(_OLE2):
        return _ole_type(head, by_magic)
    # libmagic calls some binary formats texts: those that it has a description of and no type.
    named = UNKNOWN if by_magic.startswith(("text/", "message/", "inode/")) else by_magic
    return PDF if named == UNKNOWN and is_preceded_pdf(head) else named


def is_preceded_pdf(head: bytes) -> bool:
    """Whether a PDF begins a little further on, behind what is no content by itself: headers of a mail or a printer.

    Behind an image, a page or a program it is not one: some programs would take the file for that, others for a PDF.
    """
    before, mark, _ = head[:PDF_WITHIN].partition(PDF_MARK)
    if not mark or not before:
        return bool(mark)
    taken_for = (detect_head(before), _magic().from_buffer(before), _magic().from_buffer(head))
    return all(family_of(one) in {Family.TEXT, Family.PDF} or one == UNKNOWN for one in taken_for)


@functools.cache
def _magic() -> magic.Magic:
    return magic.Magic(mime=True)


def _is_text(sample: bytes) -> bool:
    encoding = encoding_of(sample)
    if encoding != ONE_BYTE:
        text = codecs.getincrementaldecoder(encoding)("replace").decode(sample)
        # Any two bytes are some character of UTF-16: what is written here is mostly Latin.
        return "\x00" not in text and 2 * sum(character < "\u0250" for character in text) > len(text)
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return b"\x00" not in sample and controls <= len(sample) // _MOST_CONTROLS


def _has_binary_end(file: IO[bytes], head: bytes) -> bool:
    return encoding_of(head) == ONE_BYTE and not _is_text(tail_of(file))


def _ole_type(head: bytes, by_magic: str) -> str:
    """Word, Excel or PowerPoint of before 2007, an installer, a protected document, or some other of that kind."""
    if _ENCRYPTED_OFFICE in head or "encrypt" in by_magic.lower():
        return "application/encrypted"
    return by_magic if family_of(by_magic) in {Family.OFFICE, Family.PROGRAM} else OLE


def _text_type(head: bytes) -> str:
    text = head.decode(encoding_of(head), "replace").lstrip("\ufeff \t\r\n\v")
    for pattern, script in _SCRIPTS:
        if pattern.match(text):
            return script
    if text.startswith("<"):
        return _markup_type(text)
    if _HL7.match(text):
        return HL7
    if _JSON.match(text):
        return "application/json"
    headers = _MAIL.match(text.replace("\r\n", "\n"))
    if headers and _MAIL_HEADER.search(headers[0]):
        return "message/rfc822"
    return "text/csv" if _is_table(text) else "text/plain"


def _is_table(text: str) -> bool:
    """Whether the first lines have the same number of separators, and several."""
    lines = text.splitlines()[:_TABLE_LINES]
    counts = ({line.count(separator) for line in lines} for separator in ",;\t")
    return len(lines) > 1 and any(len(count) == 1 and count.pop() > 1 for count in counts)


def _markup_type(text: str) -> str:
    """By the root element: HTML and SVG run scripts, other XML is a text."""
    prolog = _PROLOG.match(text)
    end = prolog.end() if prolog else 0
    root = _ROOT.match(text, end)
    local = root[1].lower() if root else ""
    if _DOCTYPE_HTML.search(text, 0, end) or local in _HTML_ROOTS:
        return "text/html"
    if local == "svg":
        return "image/svg+xml"
    return "text/xml" if root or text.startswith("<?xml") else "text/plain"
