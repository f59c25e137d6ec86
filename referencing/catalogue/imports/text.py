"""The text of imported cells made plain, and the codes that can be used.

One rule for workbooks and CSV files, so that a code read from one is found again in the other.
"""

import re
import unicodedata

CODE_LENGTH = 100
# They part codes from one another: `DSR:REQUIREMENT#SUFFIX`, and `;` between the codes of one cell.
SEPARATORS = "#:;"

_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
_INVISIBLE = (0x200B, 0x2060, 0xFEFF)
_SURROGATES = range(0xD800, 0xE000)
_PLAIN = dict.fromkeys((*_CONTROLS, *_INVISIBLE, *_SURROGATES)) | {
    0x09: " ",
    0x0A: "\n",
    0x0B: "\n",
    0x0C: "\n",
    0x85: "\n",
    0xA0: " ",
    0x2007: " ",
    0x2028: "\n",
    0x2029: "\n",
    0x202F: " ",
}
_DEGREES = {0xB0: "o", 0x2DA: "o"}  # `N°`, which is also written `Nº` (an ordinal, NFKD makes it `o`) or `№`
_PHRASE = re.compile(r"[^\W\d_]{3,} [^\W\d_]{2,}")
_APOSTROPHES = {0x2018: "'", 0x2019: "'", 0x02BC: "'", 0x2032: "'"}


def clean_text(text: str) -> str:
    """A text with its line breaks (`\\n`) and plain spaces, in NFC, without control or invisible characters.

    PostgreSQL stores neither NUL nor lone surrogates, and a workbook can carry both in its escapes.
    """
    one_break = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", one_break.translate(_PLAIN)).strip()


def clean_label(text: str) -> str:
    """A text on one line."""
    return " ".join(clean_text(text).split())


def clean_code(text: str) -> str:
    """A code: no white space at all, wherever it was; a phrase keeps its spaces, and so is none (`code_fault`)."""
    label = clean_label(text)
    return label if _PHRASE.search(label) else unicodedata.normalize("NFC", "".join(label.split()))


def fold(text: str) -> str:
    """A form that two texts share when they differ in case, accents, white space or apostrophes alone."""
    decomposed = unicodedata.normalize("NFKD", clean_label(text).casefold().translate(_APOSTROPHES))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def heading_key(text: str) -> str:
    """A form that two headings share when they name the same column."""
    return "".join(fold(text.translate(_DEGREES)).split()).casefold()


def code_fault(code: str) -> str | None:
    """Why a clean code cannot name anything, as the end of a French sentence; None when it can."""
    faults = (
        (len(code) > CODE_LENGTH, f"il dépasse {CODE_LENGTH} caractères"),
        (
            any(separator in code for separator in SEPARATORS),
            "il contient « # », « : » ou « ; », réservés à l'écriture des références",
        ),
        (" " in code, "c'est une phrase et non un code"),
        (not code.isprintable(), "il contient un caractère invisible"),
        (not any(letter.isalnum() for letter in code), "il n'a ni lettre ni chiffre"),
        (not code[:1].isalnum(), "il ne commence ni par une lettre ni par un chiffre"),
    )
    return next((sentence for wrong, sentence in faults if wrong), None)


def quoted(text: str, length: int = 60) -> str:
    """The beginning of a text between French quotation marks, on one line, to name it in a sentence."""
    line = clean_label(text)
    return f"« {line if len(line) <= length else line[: length - 1].rstrip() + '…'} »"
