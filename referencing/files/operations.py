"""Storing what is sent, under names that are safe, and keeping what was stored."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.errors import invalid_field
from referencing.base.jobs import enqueue
from referencing.base.vault import Vault
from referencing.files.inspection.identifiers.tally import Finding as Identifier
from storage.port import ObjectStorage, Readable

from .models import Content, KeptFile, Scan
from .upkeep import hold_stored

F = TypeVar("F", bound=KeptFile)

LONGEST_NAME = 255
#: RFC 6838, with parameters that a header can carry.
MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,127}/[\w!#$&^.+-]{1,127}(?: ?;[ -~]{0,200})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file whose content is in the storage already; `size` in bytes.

    `detected_type` and what is after it come from the examination; `identifiers` counts numbers of people. What is not
    `examined` whole yet is so by a job, once it is kept. `scan_awaited` is false of what is kept here already.
    """

    filename: str
    media_type: str
    sha256: str
    size: int
    detected_type: str | None = None
    remarks: tuple[str, ...] = ()
    identifiers: int = 0
    identifier_places: tuple[Identifier, ...] = ()
    examined: bool = True
    scan_awaited: bool = True


def store_file(
    storage: ObjectStorage, filename: str, media_type: str, content: Readable, limit: int
) -> StoredFile:
    """Stream a file into the storage. Raises Invalid when it is empty or nameless, TooLarge beyond `limit` bytes."""
    name = acceptable_name(filename)
    stored = storage.store(content, limit=limit)
    if stored.size == 0:
        storage.delete(stored.sha256)  # which no proof can have
        raise invalid_field(
            "file", f"Le fichier « {name} » est vide (0 octet) : vérifiez-le et envoyez-le de nouveau."
        )
    return StoredFile(name, known_media_type(media_type), stored.sha256, stored.size)


def acceptable_name(filename: str) -> str:
    """The name of a file as it is kept. Raises Invalid when nothing is left of it."""
    name = clean_filename(filename)
    if not name:
        raise invalid_field("file", "Un fichier n'a pas de nom : donnez-en un et envoyez de nouveau.")
    return name


def known_media_type(declared: str) -> str:
    return declared if MEDIA_TYPE.fullmatch(declared) else "application/octet-stream"


def clean_filename(filename: str) -> str:
    """The name as its owner wrote it, in one Unicode form, without control characters, cut if need be.

    Slashes stay: the name is shown, and never used as a path.
    """
    visible = "".join(
        char for char in unicodedata.normalize("NFC", filename) if unicodedata.category(char)[0] != "C"
    )
    return visible.strip()[:LONGEST_NAME]


def keep_contents(session: Session, vault: Vault, files: Sequence[StoredFile]) -> None:
    """Name the contents that are in the storage; each is examined whole before it is read, and scanned, if at all.

    One that is known already is scanned again: that it is known shows neither by its state nor by when it changes.
    """
    for stored in sorted(files, key=lambda one: one.sha256):
        hold_stored(session, vault.storage, stored.sha256)
        if not stored.examined:
            enqueue(session, "examine_content", sha256=stored.sha256)
        wanted = Scan.UNSCANNED if vault.scanner is None else Scan.PENDING
        named = insert(Content).values(
            sha256=stored.sha256, size=stored.size, scan=wanted, checked_at=now(session)
        )
        if vault.scanner is None:
            session.execute(named.on_conflict_do_nothing())
            continue
        session.execute(
            named.on_conflict_do_update(
                index_elements=[Content.sha256],
                set_={"scan": Scan.PENDING},
                where=Content.scan == Scan.UNSCANNED,
            )
        )
        enqueue(session, "scan_content", sha256=stored.sha256)


def told_files(files: Sequence[StoredFile]) -> list[dict[str, object]]:
    """Files that came together, as the journal names them."""
    return [{"name": one.filename, "sha256": one.sha256, "size": one.size} for one in files]


def kept_files(kind: type[F], files: Sequence[StoredFile]) -> list[F]:
    """The rows of files that came together."""
    return [
        kind(
            id=new_id(),
            position=position,
            filename=stored.filename,
            media_type=stored.media_type,
            sha256=stored.sha256,
            detected_type=stored.detected_type,
            remarks=list(stored.remarks),
            identifiers=stored.identifiers,
            identifier_places=[asdict(one) for one in stored.identifier_places],
            examined=stored.examined,
            scan_awaited=stored.scan_awaited,
        )
        for position, stored in enumerate(files, start=1)
    ]
