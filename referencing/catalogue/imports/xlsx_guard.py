"""Whether a file is an .xlsx package that may be parsed: nothing is handed to a parser before it passed here.

A package is a zip of XML parts, and each of its headers is written by whoever made the file. So every part
is inflated and scanned once, in pieces and against a budget, before openpyxl (which reads parts whole and
trusts their names) sees any. Blank rows are inflated and not counted: openpyxl does not see them either.
"""

import struct
import zlib
from collections.abc import Iterator
from copy import copy
from io import SEEK_END
from typing import IO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from .package import CHUNK, without_blank_rows
from .problems import ForeignWorkbook

MIB = 1 << 20
# The real lists weigh under 0.1 MiB, 1 MiB inflated, with some 30,000 elements and attributes.
MAX_FILE = 10 * MIB
MAX_PARTS = 500
MAX_INFLATED = 64 * MIB
MAX_RATIO = 200  # of a part above 1 MiB; deflate reaches 1032 on zeros, spreadsheets about 30
MAX_NODES = 1_000_000  # elements and attributes: each costs a parser some 100 to 200 bytes
MAX_SHEETS = 200  # each is opened once for its dimensions
MAX_TOKEN = MIB  # expat reads an unfinished token again with every piece that it is fed

_OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = 0x1
# What may stand before the first "<" of an XML document, whatever its encoding.
_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
_DAMAGED_ERRORS = (
    BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError, struct.error, zlib.error,
)  # fmt: skip

_SAVE_AS = "Ouvrez-le dans un tableur et enregistrez-le au format .xlsx."
_DAMAGED = "Le classeur est incomplet ou abîmé. Téléchargez-le de nouveau ou enregistrez-le de nouveau au format .xlsx."
_TOO_BIG = (
    "Le classeur est démesuré ({what}). Ne garder que la feuille à lire, sans lignes ni colonnes inutiles."
)


def check_package(file: IO[bytes]) -> None:
    """Return when the seekable `file` may be parsed as an .xlsx package; it is left at its start.

    ForeignWorkbook when it is something else, is damaged, protected, lies about its sizes, declares XML
    entities, or exceeds the bounds above.
    """
    _check_beginning(file)
    file.seek(0)
    try:
        with ZipFile(file) as archive:
            _check_parts(archive.infolist())
            tally = _Tally()
            for part in archive.infolist():
                _scan(archive, part, tally)
    except _DAMAGED_ERRORS as error:
        raise ForeignWorkbook(_DAMAGED) from error
    file.seek(0)


def _check_beginning(file: IO[bytes]) -> None:
    file.seek(0, SEEK_END)
    size = file.tell()
    file.seek(0)
    beginning = file.read(8)
    if not size:
        raise ForeignWorkbook("Le fichier est vide.")
    if size > MAX_FILE:
        raise ForeignWorkbook(_TOO_BIG.format(what=f"plus de {MAX_FILE // MIB} Mio"))
    if beginning == _OLE2:
        raise ForeignWorkbook(
            "Le fichier est un ancien classeur .xls ou un classeur protégé par un mot de passe. "
            "Enregistrez-le au format .xlsx, sans mot de passe."
        )
    if not beginning.startswith(b"PK"):
        raise ForeignWorkbook(f"Le fichier n'est pas un classeur .xlsx (CSV, PDF ou autre). {_SAVE_AS}")


def _check_parts(parts: list[ZipInfo]) -> None:
    if len(parts) > MAX_PARTS:
        raise ForeignWorkbook(_TOO_BIG.format(what=f"{len(parts)} parties"))
    names = {part.filename.casefold() for part in parts}
    if "content.xml" in names:
        raise ForeignWorkbook(f"Le fichier est un document OpenDocument (.ods). {_SAVE_AS}")
    if "xl/workbook.bin" in names:
        raise ForeignWorkbook(f"Le fichier est un classeur binaire .xlsb. {_SAVE_AS}")
    if not names >= {"[content_types].xml", "xl/workbook.xml"}:
        raise ForeignWorkbook(f"Le fichier est une archive, mais pas un classeur .xlsx. {_SAVE_AS}")
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise ForeignWorkbook("Le classeur est chiffré. Enregistrez-le au format .xlsx, sans mot de passe.")
    # Of two parts of one name, in whatever capitals, each reader takes the one it likes; no spreadsheet program
    # writes that, nor another method than these two, whose inflation alone can be bounded.
    if len(names) < len(parts) or any(part.compress_type not in {ZIP_STORED, ZIP_DEFLATED} for part in parts):
        raise ForeignWorkbook(_DAMAGED)
    if sum(part.file_size for part in parts) > MAX_INFLATED:
        raise ForeignWorkbook(_TOO_BIG.format(what=f"plus de {MAX_INFLATED // MIB} Mio une fois décompressé"))


class _Tally:
    """The sums over the parts scanned so far."""

    def __init__(self) -> None:
        self.inflated = self.nodes = self.sheets = 0

    def inflate(self, size: int) -> None:
        self.inflated += size
        if self.inflated > MAX_INFLATED:
            raise ForeignWorkbook(
                _TOO_BIG.format(what=f"plus de {MAX_INFLATED // MIB} Mio une fois décompressé")
            )

    def element(self, name: str, attributes: dict[str, str]) -> None:
        self.nodes += 1 + len(attributes)
        self.sheets += name.rpartition(":")[2] == "sheet"
        if self.nodes > MAX_NODES:
            raise ForeignWorkbook(_TOO_BIG.format(what="trop de cellules"))
        if self.sheets > MAX_SHEETS:
            raise ForeignWorkbook(_TOO_BIG.format(what="trop de feuilles"))


def _scan(archive: ZipFile, part: ZipInfo, tally: _Tally) -> None:
    xml = _XmlScan(tally)
    for piece in without_blank_rows(_inflated(archive, part, tally)):
        xml.feed(piece)


def _inflated(archive: ZipFile, part: ZipInfo, tally: _Tally) -> Iterator[bytes]:
    # zipfile stops at the declared size, but inflates beyond it first: `read()` would inflate all that a
    # lying header hides. Declared as large as the budget, the part shows its real size piece by piece.
    unbounded = copy(part)
    unbounded.file_size = MAX_INFLATED + CHUNK
    size = 0
    with archive.open(unbounded) as content:
        while piece := content.read(CHUNK):
            size += len(piece)
            tally.inflate(len(piece))
            yield piece
    if size != part.file_size:
        raise ForeignWorkbook(_DAMAGED)
    if size > MIB and size > MAX_RATIO * part.compress_size:
        raise ForeignWorkbook(_TOO_BIG.format(what="taux de compression anormal"))


class _XmlScan:
    """Counts what one part declares, whatever its name says it is; what is not XML is passed over."""

    def __init__(self, tally: _Tally) -> None:
        self._fed = 0
        self._begun = False
        self._parser: expat.XMLParserType | None = expat.ParserCreate()
        self._parser.StartElementHandler = tally.element
        self._parser.StartDoctypeDeclHandler = _refuse_doctype

    def feed(self, piece: bytes) -> None:
        if self._parser is None:
            return
        if not self._begun and (beginning := piece.lstrip(_BEFORE_XML)):
            self._begun = True
            if not beginning.startswith(b"<"):
                self._parser = None
                return
        try:
            self._parser.Parse(piece, False)
        except (expat.ExpatError, LookupError, ValueError):
            # openpyxl's parser, the same expat, will stop here too if it ever comes.
            self._parser = None
            return
        self._fed += len(piece)
        if self._fed - self._parser.CurrentByteIndex > MAX_TOKEN:
            raise ForeignWorkbook(_DAMAGED)


def _refuse_doctype(*_declaration: object) -> None:
    # Entities that expand into one another need a DOCTYPE, and no spreadsheet program writes one.
    raise ForeignWorkbook(
        "Le classeur contient une déclaration XML interdite (DOCTYPE). Le refaire depuis un tableur."
    )
