"""Run as a program: writes the text of the PDF that is its standard input, one JSON object a line.

Alone in its process because pypdf takes what a hostile file makes it take: it is bounded from outside.
It imports nothing of ours, so that it starts quickly and from anywhere.
"""

import contextlib
import json
import os
import resource
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdf import PdfReader

_LONGEST_PAGE = 1 << 20  # characters


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
    count, blank, cut = len(reader.pages), 0, False
    for number in range(min(count, most_pages)):
        text = reader.pages[number].extract_text()
        blank += not text.strip()
        cut |= len(text) > _LONGEST_PAGE
        _write_line(page=number + 1, text=text[:_LONGEST_PAGE])
    _write_line(page=0, text=_fields(reader))
    end = "cut" if cut or count > most_pages else "whole"
    return {"end": end, "blank": blank, "attachments": len(reader.attachments)}


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
