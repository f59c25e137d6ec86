"""The text of a PDF, read in a process of its own with bounds on its memory, its time and its pages."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, NamedTuple

from referencing.files.inspection.budget import GIB, MIB, Budget
from referencing.files.inspection.content import pieces_of

MOST_PAGES = 1_000
MOST_SECONDS = 60
_MEMORY = 1 * GIB
_LONGEST_LINE = 16 * MIB  # bytes: a page is cut at a million characters, each of six bytes at most in JSON
_CHILD = Path(__file__).with_name("pdf_child.py")


class Reading(StrEnum):
    WHOLE = "whole"
    CUT = "cut"  # too long, too slow or too large for the bounds
    BROKEN = "broken"
    PROTECTED = "protected"  # by a password


class Attached(NamedTuple):
    """A file inside a PDF, by its name and its beginning; that is empty where it could not be read."""

    name: str
    head: bytes


@dataclass(frozen=True, slots=True)
class PdfText:
    reading: Reading
    blank: int = 0  # pages without text: pictures, most often
    attachments: int = 0  # files inside, which were not read
    active: frozenset[str] = frozenset()  # `javascript`, and `launch` of what starts a program
    attached: tuple[Attached, ...] = ()  # the first ones


def read_pdf(
    file: IO[bytes], seconds: float, page: Callable[[int, str], None], most_pages: int = MOST_PAGES
) -> PdfText:
    """Give `page` the number and the text of each page, and as number 0 what its form and its description say.

    Raises Exhausted when the seconds do not suffice to bring the file where the other process reads it.
    """
    budget = Budget(sys.maxsize, min(seconds, MOST_SECONDS))
    with _on_disk(file, budget) as source:
        bounded = budget.seconds
        source.seek(0)
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
            [sys.executable, "-I", str(_CHILD), str(_MEMORY), str(int(bounded) + 1), str(most_pages)],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        watch = threading.Timer(bounded, process.kill)
        watch.start()
        try:
            return _listen(process, page)
        finally:
            watch.cancel()
            process.kill()
            process.wait()


def _listen(process: subprocess.Popen[bytes], page: Callable[[int, str], None]) -> PdfText:
    if process.stdout is None:
        raise AssertionError
    active: frozenset[str] = frozenset()
    attached: tuple[Attached, ...] = ()
    with process.stdout as output:
        while (line := output.readline(_LONGEST_LINE)).endswith(b"\n"):
            message = json.loads(line)
            if "end" in message:
                reading, blank = Reading(message["end"]), message.get("blank", 0)
                return PdfText(reading, blank, message.get("attachments", 0), active, attached)
            if "active" in message:
                active = frozenset(message["active"])
                attached = tuple(
                    Attached(one["name"], bytes.fromhex(one["head"])) for one in message["attached"]
                )
            else:
                page(message["page"], message["text"])
    return PdfText(Reading.CUT, active=active, attached=attached)  # killed


def _on_disk(file: IO[bytes], budget: Budget) -> IO[bytes]:
    """The content of `file` as a file that another process can read; closing it leaves `file` open."""
    try:
        descriptor = file.fileno()
        file.flush()
        return os.fdopen(os.dup(descriptor), "rb")
    except OSError:  # it is in memory only
        with ExitStack() as unfinished:
            copy = unfinished.enter_context(tempfile.TemporaryFile())
            copy.writelines(budget.metered(pieces_of(file)))
            unfinished.pop_all()
            return copy
