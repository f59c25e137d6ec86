"""Names as people look for them and as they are ordered: without case and accents."""

import unicodedata
from typing import Any

import sqlalchemy as sa

_ACCENTED = "ÀÂÄÁÃÅÇÉÈÊËÎÏÍÌÑÔÖÓÒÕÙÛÜÚŸÝàâäáãåçéèêëîïíìñôöóòõùûüúÿý"
_PLAIN = "".join(unicodedata.normalize("NFKD", char)[0].lower() for char in _ACCENTED)


def folded(column: Any) -> sa.ColumnElement[str]:
    """A column without case and accents: neither an extension nor a collation of the server is counted on."""
    lowered: sa.ColumnElement[str] = sa.func.lower(sa.func.translate(column, _ACCENTED, _PLAIN))
    return lowered


def has_words(column: Any, words: str) -> sa.ColumnElement[bool]:
    """Whether these words are somewhere in a column, whatever the case and the accents of both."""
    decomposed = unicodedata.normalize("NFKD", words)
    plain = "".join(char for char in decomposed if not unicodedata.combining(char)).lower()
    return folded(column).contains(plain, autoescape=True)
