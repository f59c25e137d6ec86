"""A PNG that looks like a screen and says that it is a demonstration, drawn point by point."""

import struct
import textwrap
import unicodedata
import zlib

WIDTH, HEIGHT = 640, 360  # pixels

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PAPER, _INK, _BAND, _LIGHT = range(4)
_PALETTE = bytes.fromhex("F6F6F2 1E2A38 1F4E79 FFFFFF")
_MARGIN, _BAND_HEIGHT = 24, 72
_COLUMNS, _TITLE_LINES = 48, 8

# Seven rows of five points a character, a byte a row.
_GLYPH_WIDTH, _GLYPH_HEIGHT = 5, 7
_GLYPHS = {
    character: bytes.fromhex(rows)
    for character, rows in {
        "A": "0E11111F111111", "B": "1E11111E11111E", "C": "0E11101010110E", "D": "1E11111111111E",
        "E": "1F10101E10101F", "F": "1F10101E101010", "G": "0E11101711110F", "H": "1111111F111111",
        "I": "0E04040404040E", "J": "0702020202120C", "K": "11121418141211", "L": "1010101010101F",
        "M": "111B1515111111", "N": "11111915131111", "O": "0E11111111110E", "P": "1E11111E101010",
        "Q": "0E11111115120D", "R": "1E11111E141211", "S": "0F10100E01011E", "T": "1F040404040404",
        "U": "1111111111110E", "V": "11111111110A04", "W": "11111115151B11", "X": "11110A040A1111",
        "Y": "11110A04040404", "Z": "1F01020408101F", "0": "0E11131519110E", "1": "040C040404040E",
        "2": "0E11010204081F", "3": "1F02040201110E", "4": "02060A121F0202", "5": "1F101E0101110E",
        "6": "0608101E11110E", "7": "1F010204080808", "8": "0E11110E11110E", "9": "0E11110F01020C",
        "-": "0000001F000000", ".": "00000000000C0C", ",": "000000000C0408", ":": "000C0C000C0C00",
        "'": "0C040800000000", "/": "00010204081000", "(": "02040808080402", ")": "08040202020408",
        "#": "0A0A1F0A1F0A0A", "—": "0000001F000000", "[": "0E08080808080E", "]": "0E02020202020E",
    }.items()
}  # fmt: skip


def png(title: str, notice: str) -> bytes:
    """A 640 x 360 image: a band that says what it is, the title, and the notice below it."""
    rows = [bytearray([_BAND if y < _BAND_HEIGHT else _PAPER]) * WIDTH for y in range(HEIGHT)]
    _write(rows, "DEMONSTRATION", _MARGIN, scale=4, ink=_LIGHT)
    top = _BAND_HEIGHT + _MARGIN
    for line in textwrap.wrap(_drawable(title), _COLUMNS, max_lines=_TITLE_LINES, placeholder="..."):
        top = _write(rows, line, top, scale=2, ink=_INK)
    top += _MARGIN
    for line in textwrap.wrap(_drawable(notice), _COLUMNS):
        top = _write(rows, line, top, scale=2, ink=_BAND)
    return _encoded(rows)


def _drawable(text: str) -> str:
    """Capitals without accents, before the text is cut into lines: a ligature becomes two letters."""
    capitals = unicodedata.normalize("NFKD", text).upper().replace("Œ", "OE")
    return "".join(character for character in capitals if not unicodedata.combining(character))


def _write(rows: list[bytearray], line: str, top: int, *, scale: int, ink: int) -> int:
    """Draw one line of text from the left margin; the top of the next one."""
    left = _MARGIN
    for character in line:
        glyph = _GLYPHS.get(character, bytes(_GLYPH_HEIGHT))
        for y in range(_GLYPH_HEIGHT * scale):
            for x in range(_GLYPH_WIDTH * scale):
                if glyph[y // scale] >> (_GLYPH_WIDTH - 1 - x // scale) & 1:
                    rows[top + y][left + x] = ink
        left += (_GLYPH_WIDTH + 1) * scale
    return top + (_GLYPH_HEIGHT + 3) * scale


def _encoded(rows: list[bytearray]) -> bytes:
    """The file: eight bits of palette index a point, no filter on any row."""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
    points = b"".join(b"\0" + row for row in rows)
    return _SIGNATURE + b"".join(
        _chunk(name, body)
        for name, body in [
            (b"IHDR", header),
            (b"PLTE", _PALETTE),
            (b"IDAT", zlib.compress(points, 9)),
            (b"IEND", b""),
        ]
    )


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
