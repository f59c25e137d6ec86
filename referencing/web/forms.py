"""Files that come in forms: a table is kept in a temporary file, a proof streams through."""

import sys
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

import marshmallow as ma
import orjson
from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import (
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartDecoder,
    NeedData,
    Preamble,
)

from referencing.base.errors import Malformed, UnsupportedMedia

from .problems import invalid

#: A form with files, as the description of the API says it.
FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}},
            }
        }
    },
}

#: Measured: the decoder takes a GiB in 0.7 s by 64 KiB at a time, in 2.1 s by 256.
CHUNK = 64 * 1024
MOST_PARTS = 100
LONGEST_FIELD = 64 * 1024
#: What the decoder may hold at once: a chunk, and what it could not yet tell from a boundary.
MOST_HELD = 2 * CHUNK


def read_json(text: bytes, what: str) -> Any:
    """Plain values of a JSON text. Raises Malformed, which says where `what` breaks off."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Malformed(
            f"{what} n'est pas du JSON lisible (ligne {error.lineno}, colonne {error.colno}) : corrigez-le."
        ) from error


def one_file(*beside: str) -> BinaryIO:
    """The file of the form's field `file`, seekable; beyond half a megabyte it is on disk.

    `beside` are the fields that the caller reads as well. Raises Malformed.
    """
    return one_named_file(*beside)[0]


def one_named_file(*beside: str) -> tuple[BinaryIO, str]:
    """The file that `one_file` answers, with its name, empty where it has none."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMedia("Envoyez un formulaire (multipart/form-data) avec un champ « file ».")
    for name in (*request.form, *request.files):
        if name not in {"file", *beside}:
            raise _unexpected(name, "file")
    files = request.files.getlist("file")
    if len(files) != 1:
        raise Malformed("Envoyez un fichier, et un seul, dans le champ « file » du formulaire.")
    return cast("BinaryIO", files[0].stream), files[0].filename or ""


def _unexpected(name: str | None, field: str) -> Malformed:
    """The error for a part of a form that nothing reads: passed over, it would seem to count."""
    instead = f"donnez-le dans l'adresse (?{name}=…)" if _in_address(name) else "retirez-le"
    return Malformed(
        f"Le champ « {name} » n'est pas attendu : {instead} ; les fichiers vont dans le champ « {field} »."
    )


def _in_address(name: str | None) -> bool:
    """Whether this address takes a parameter of that name."""
    view = current_app.view_functions.get(request.endpoint or "")
    described = getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", [])
    schemas = [one["schema"] for one in described if one["in"] == "query"]
    return any(name in (one() if isinstance(one, type) else one).fields for one in schemas)


class FilePart:
    """A file of a form as it arrives: its bytes can be read once, and only while it is the current one."""

    def __init__(self, events: Iterator[Event], part: File) -> None:
        self.field = part.name
        self.filename = part.filename
        self.media_type = part.headers.get("content-type", "")
        self._events = events
        self._rest = b""
        self._more = True

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes, empty at the end. Raises Malformed when the form ends too early."""
        while not self._rest and self._more:
            event = next(self._events)
            if not isinstance(event, Data):
                raise Malformed("Le formulaire n'est pas lisible : envoyez-le de nouveau.")
            self._rest, self._more = event.data, event.more_data
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def skip(self) -> None:
        while self.read(CHUNK):
            pass


def file_parts(field: str = "file") -> Iterator[FilePart]:
    """The files in the form's fields of that name, one after the other, never held whole.

    Who reads a file bounds its size: the limit on the bodies that are held whole does not apply.
    Raises Malformed when the body is cut short or is not a form: nothing of it must then be kept.
    """
    return _files(_form(MOST_PARTS, f"avec un champ « {field} »"), field)


def labelled_file_parts(label: str, most: int) -> Iterator[FilePart]:
    """The files in the form's fields whose names begin with `label`, one after the other, `most` at the most.

    A field in which nobody chose a file, which browsers send all the same, is passed over. Raises as `file_parts`.
    """
    events = _form(most, f"avec des champs « {label}… »")
    for event in events:
        if isinstance(event, File) and event.name.startswith(label):
            part = FilePart(events, event)
            if part.filename:
                yield part
            part.skip()
        elif isinstance(event, Field | File):
            _field(events, LONGEST_FIELD)


def announced_file_parts(announcement: str, longest: int, most: int) -> tuple[bytes, Iterator[FilePart]]:
    """The form's first field, of at most `longest` bytes, and the at most `most` files after it, as they arrive."""
    expected = f"dont le premier champ est « {announcement} »"
    events = _form(most + 1, expected)
    for event in events:
        if isinstance(event, Preamble):
            continue
        if isinstance(event, Field | File) and event.name == announcement:
            return _field(events, longest), _files(events, "file")
        break
    raise Malformed(f"Envoyez un formulaire {expected}, avant les fichiers.")


def announced_words(announcement: str, schema: ma.Schema, sent: bytes) -> Any:
    """What the first field of a form says, as its schema loads it. Raises Malformed, Invalid."""
    try:
        return schema.load(read_json(sent, f"Le champ « {announcement} »"))
    except ma.ValidationError as error:
        raise invalid({announcement: error.messages}) from error


def _form(most: int, expected: str) -> Iterator[Event]:
    boundary = request.mimetype_params.get("boundary", "").encode("latin-1", "ignore")
    if request.mimetype != "multipart/form-data" or not boundary:
        raise UnsupportedMedia(f"Envoyez un formulaire (multipart/form-data) {expected}.")
    request.max_content_length = sys.maxsize
    return _events(MultipartDecoder(boundary, MOST_HELD, max_parts=most))


def _files(events: Iterator[Event], field: str) -> Iterator[FilePart]:
    for event in events:
        if isinstance(event, File) and event.name == field:
            part = FilePart(events, event)
            yield part
            part.skip()
        elif isinstance(event, Field | File) and event.name != field:
            raise _unexpected(event.name, field)
        elif isinstance(event, Field):
            _field(events, LONGEST_FIELD)


def _field(events: Iterator[Event], longest: int) -> bytes:
    held = bytearray()
    for event in events:
        if not isinstance(event, Data):
            break
        held += event.data
        if len(held) > longest:
            raise RequestEntityTooLarge
        if not event.more_data:
            return bytes(held)
    raise Malformed("Le formulaire n'est pas lisible : envoyez-le de nouveau.")


def _events(decoder: MultipartDecoder) -> Iterator[Event]:
    try:
        while True:
            event = decoder.next_event()
            if isinstance(event, NeedData):
                decoder.receive_data(request.stream.read(CHUNK) or None)
                if decoder.buffer.endswith(b"--" + decoder.boundary + b"-"):
                    # Cut inside the closing "--", Werkzeug 3.1 takes the CR before it for the file's last byte.
                    decoder.receive_data(request.stream.read(1) or None)
            else:
                yield event
                if isinstance(event, Epilogue):
                    return
    except ValueError as error:
        raise Malformed(
            "L'envoi s'est interrompu ou n'est pas un formulaire lisible ; rien n'a été gardé. Envoyez-le de nouveau."
        ) from error
