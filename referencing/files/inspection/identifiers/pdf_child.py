"""Run as a program: writes the text of the PDF that is its standard input, one JSON object a line.

Alone in its process because pypdf takes what a hostile file makes it take: it is bounded from outside.
It imports nothing of ours, so that it starts quickly and from anywhere.
"""

import contextlib
import json
import os
import resource
import sys
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypdf import PdfReader

_LONGEST_PAGE = 1 << 20  # characters
_MOST_OBJECTS = 50_000  # that are looked at for what acts; a page has about five
_MOST_ATTACHED = 50  # that are named
_HEAD = 1024  # bytes of an attached file, to tell what it is
_ACTIONS = {"/JavaScript": "javascript", "/Launch": "launch"}


def main() -> None:
    memory, seconds, most_pages = (int(argument) for argument in sys.argv[1:])
    for limit, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):  # macOS knows no limit of the address space
            resource.setrlimit(limit, (value, value))
    try:
        _write_line(**_write_pages(most_pages))
    except MemoryError:
        _write_line(end="cut")
    except Exception:  # whatever a broken file makes pypdf raise: it is not readable to the end
        _write_line(end="broken")


def _write_pages(most_pages: int) -> dict[str, Any]:
    from pypdf import PdfReader  # noqa: PLC0415 - within the limits

    reader = PdfReader(os.fdopen(0, "rb"))
    if reader.is_encrypted and not reader.decrypt(""):
        return {"end": "protected"}
    if most_pages:
        _write_line(**_active(reader))
    count, blank, cut = len(reader.pages), 0, False
    for number in range(min(count, most_pages)):
        text = reader.pages[number].extract_text()
        blank += not text.strip()
        cut |= len(text) > _LONGEST_PAGE
        _write_line(page=number + 1, text=text[:_LONGEST_PAGE])
    _write_line(page=0, text=_fields(reader))
    end = "cut" if cut or count > most_pages else "whole"
    return {"end": end, "blank": blank, "attachments": len(reader.attachments)}


def _active(reader: "PdfReader") -> dict[str, Any]:
    """What acts when the document is opened or touched, and what is attached: from all objects, used or not."""
    actions: set[str] = set()
    attached: list[dict[str, str]] = []
    for found in _dictionaries(reader):
        kind = _text(found, "/S")
        if kind in _ACTIONS:
            actions.add(_ACTIONS[kind])
        if "/JS" in found:
            actions.add("javascript")
        if "/EF" in found and len(attached) < _MOST_ATTACHED:
            attached.append({"name": _text(found, "/UF") or _text(found, "/F"), "head": _head(found)})
    return {"active": sorted(actions), "attached": attached}


def _text(dictionary: Any, key: str) -> str:
    """The name or text under a key, be it an object of its own; empty where there is none."""
    value = None
    with contextlib.suppress(Exception):
        value = dictionary[key]
    if isinstance(value, bytes):  # in none of the encodings of such texts
        return value.decode("latin-1")
    return str(value) if isinstance(value, str) else ""


def _dictionaries(reader: "PdfReader") -> "Iterator[Any]":
    """Each dictionary of each object; an object that cannot be read is passed over."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject  # noqa: PLC0415

    numbers = [(number, 0) for number in reader.xref_objStm]
    numbers += [(number, generation) for generation, entries in reader.xref.items() for number in entries]
    for number, generation in numbers[:_MOST_OBJECTS]:
        with contextlib.suppress(Exception):
            waiting: list[Any] = [reader.get_object(IndirectObject(number, generation, reader))]
            while waiting:
                value = waiting.pop()
                if isinstance(value, DictionaryObject):
                    yield value
                    waiting += [part for part in value.values() if isinstance(part, dict | list)]
                elif isinstance(value, ArrayObject):
                    waiting += [part for part in value if isinstance(part, dict | list)]


def _head(specification: Any) -> str:
    """The beginning of an attached file, in hexadecimal; empty where it is packed in another way than is usual."""
    with contextlib.suppress(Exception):
        stream = next(iter(specification["/EF"].values())).get_object()
        packed = stream._data[: 64 * _HEAD]  # noqa: SLF001 - `get_data` would inflate all of it
        filters = stream.get("/Filter")
        if filters is None:
            return str(packed[:_HEAD].hex())
        if filters in ("/FlateDecode", ["/FlateDecode"]):
            return zlib.decompressobj().decompress(packed, _HEAD).hex()
    return ""


def _fields(reader: "PdfReader") -> str:
    """The text outside the pages: the values of the form's fields, and the description of the document."""
    fields = [str(field.get("/V", "")) for field in (reader.get_fields() or {}).values()]
    description = [str(value) for value in (reader.metadata or {}).values()]
    return "\n".join(fields + description)[:_LONGEST_PAGE]


def _write_line(**words: object) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
