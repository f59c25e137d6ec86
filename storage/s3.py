"""Objects in a bucket of an S3-compatible store: `incoming/<key>`, then `objects/ab/cd/<digest>`.

`labels/<name>` holds the digest of the object that a name means.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import BinaryIO, cast
from uuid import uuid4

from minio import Minio
from urllib3.response import BaseHTTPResponse

from storage.bucket import Bucket, answering
from storage.content import (
    CHUNK,
    Digests,
    Intake,
    Pieces,
    check_range,
    digest_name,
    digest_of,
    is_digest,
    label_name,
    place,
    span,
)
from storage.port import Chunks, Lost, Missing, Offsets, Readable, StoredObject, Unavailable, no_key

PART_SIZE = 5 << 20
"""Bytes in a part of a multipart upload: the least that S3 allows. The client holds three parts in memory for
each upload under way; with the 10,000 parts that S3 allows, content may have 48 GiB."""

_INCOMING = "incoming/"
_OBJECTS = "objects/"
_LABELS = "labels/"

_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


class S3Storage:
    """Keeps objects in `bucket`, made when it is missing; timeouts and retries are those of `client`.

    Content that comes in pieces is a multipart upload of `incoming/<key>`; what does not fill a part yet is
    kept beside it, in `incoming/<key>.rest-<offset>`, so that every byte that was acknowledged is durable.
    """

    def __init__(self, client: Minio, bucket: str, part_size: int = PART_SIZE) -> None:
        self._bucket = Bucket(client, bucket)
        self._part_size = part_size
        self._digests = Digests()

    def store(
        self, content: Readable, *, limit: int | None = None, expected: int | None = None
    ) -> StoredObject:
        """Keep `content` (see `ObjectStorage.store`)."""
        self._bucket.need()
        intake = Intake(content, limit=limit, expected=expected)
        unfinished = f"{_INCOMING}{uuid4().hex}"
        try:
            self._upload(intake, unfinished)
            self._publish(unfinished, intake.stored)
        finally:
            # What stays is found by discard_unfinished: no reason to fail, or to hide why the rest failed.
            with suppress(Unavailable):
                self._bucket.remove(unfinished)
        return intake.stored

    def read(self, sha256: str, *, start: int = 0, length: int | None = None) -> Chunks:
        """Return content in chunks (see `ObjectStorage.read`)."""
        check_range(start, length)
        name = _OBJECTS + place(sha256)
        self._bucket.need()
        return self._read(name, start, length)

    def size(self, sha256: str) -> int | None:
        """Return the size in bytes, `None` when there is no such object."""
        name = _OBJECTS + place(sha256)
        self._bucket.need()
        stored = self._bucket.look(name)
        return None if stored is None else stored.size

    def delete(self, sha256: str) -> None:
        """Remove the object, if there is one."""
        name = _OBJECTS + place(sha256)
        self._bucket.need()
        self._bucket.remove(name)

    def digests(self) -> Iterator[tuple[str, datetime]]:
        """Yield every object's digest and its time of storing (UTC)."""
        for stored in self._bucket.objects(_OBJECTS):
            digest = cast("str", stored.object_name).rpartition("/")[2]
            if stored.last_modified is not None and is_digest(digest):
                yield digest, stored.last_modified

    def begin(self, key: str) -> str:
        """Begin a multipart upload (see `ObjectStorage.begin`)."""
        return f"{key}.{self._bucket.begin_upload(_INCOMING + key)}"

    def append(self, name: str, offset: int, content: Readable) -> Offsets:
        """Send whole parts, and keep the rest aside (see `ObjectStorage.append`)."""
        key, upload = _parts_of(name)
        number, kept = divmod(offset, self._part_size)
        pieces = Pieces(self._digests, name, offset, content)
        self._forget_rests(key, but=offset)
        part = [self._rest(key, offset, kept)]
        filled = kept
        while True:
            block = pieces.read(self._part_size - filled)
            part.append(block)
            filled += len(block)
            if filled == self._part_size:
                number, filled = number + 1, 0
                if not self._bucket.put_part(key, upload, number, b"".join(part)):
                    raise Lost(name)
                part = []
                yield pieces.durable()
            elif not block:
                break
        if filled and pieces.offset > offset:
            self._bucket.put(_rest_key(key, pieces.offset), b"".join(part))
            yield pieces.durable()

    def finish(self, name: str, size: int) -> StoredObject:
        """Complete the multipart upload and copy the object to its place (see `ObjectStorage.finish`)."""
        key, upload = _parts_of(name)
        number, kept = divmod(size, self._part_size)
        if not self._is_whole(key, size):
            if kept and not self._bucket.put_part(key, upload, number + 1, self._rest(key, size, kept)):
                raise Lost(name)
            if not self._bucket.complete_upload(key, upload) or not self._is_whole(key, size):
                raise Lost(name)
        digest = self._digests.at(name, size)
        sha256 = digest.hexdigest() if digest else digest_of(self._read(key, 0, None))
        stored = StoredObject(sha256, size)
        self._publish(key, stored)
        return stored

    def forget(self, name: str) -> None:
        """Hash again what came (see `ObjectStorage.forget`)."""
        self._digests.forget(name)

    def discard(self, name: str) -> None:
        """Abort what was not completed, remove what was (see `ObjectStorage.discard`)."""
        self._digests.forget(name)
        key, upload = _parts_of(name)
        self._bucket.abort_upload(key, upload)
        self._forget_rests(key)
        self._bucket.remove(key)

    def discard_unfinished(self, before: datetime, spared: Callable[[str], bool] = no_key) -> int:
        """Remove uploads that were not published and multipart uploads that were not completed."""

        def is_spared(name: str) -> bool:
            return spared(name.removeprefix(_INCOMING).partition(".")[0])

        removed = 0
        for stored in self._bucket.objects(_INCOMING):
            name = cast("str", stored.object_name)
            if stored.last_modified is not None and stored.last_modified < before and not is_spared(name):
                self._bucket.remove(name)
                removed += 1
        removed += self._bucket.abort_uploads(_INCOMING, before, is_spared)
        # Content beyond 5 GiB is copied in parts too, so that parts may be left under objects/ as well.
        return removed + self._bucket.abort_uploads(_OBJECTS, before, no_key)

    def label(self, name: str, sha256: str) -> None:
        """Keep the digest in an object of that name (see `ObjectStorage.label`)."""
        key = _LABELS + label_name(name)
        self._bucket.need()
        self._bucket.put(key, digest_name(sha256).encode())

    def labels(self) -> dict[str, str]:
        """Read the objects of names (see `ObjectStorage.labels`)."""
        keys = sorted(cast("str", stored.object_name) for stored in self._bucket.objects(_LABELS))
        return {key.removeprefix(_LABELS): b"".join(self._read(key, 0, None)).decode() for key in keys}

    def unlabel(self, name: str) -> None:
        """Remove the object of that name (see `ObjectStorage.unlabel`)."""
        key = _LABELS + label_name(name)
        self._bucket.need()
        self._bucket.remove(key)

    def check(self) -> None:
        """Raise `Unavailable` unless the bucket is there, or could be made, with these credentials."""
        self._bucket.need(again=True)

    def _upload(self, intake: Intake, name: str) -> None:
        try:
            with answering():
                # One part at a time: parallel ones would each be held in memory, and the client never ends
                # their threads when an upload fails.
                self._bucket.client.put_object(
                    self._bucket.name,
                    name,
                    cast("BinaryIO", intake),
                    length=-1,
                    part_size=self._part_size,
                    num_parallel_uploads=1,
                )
        except Unavailable:
            if intake.failure is None:
                raise
        if intake.failure is not None:
            # Either the stream fails with an error of these libraries, or the clean-up after it failed too.
            raise intake.failure

    def _publish(self, unfinished: str, stored: StoredObject) -> None:
        self._bucket.publish(unfinished, _OBJECTS + place(stored.sha256), stored.size)

    def _read(self, name: str, start: int, length: int | None) -> Chunks:
        chunks = _chunks(self._bucket.open(name, start, length), start, length)
        next(chunks)
        return chunks

    def _is_whole(self, key: str, size: int) -> bool:
        stored = self._bucket.look(key)
        return stored is not None and stored.size == size

    def _rest(self, key: str, offset: int, size: int) -> bytes:
        """Return what was kept aside, `size` bytes up to `offset`."""
        if not size:
            return b""
        try:
            return b"".join(self._read(_rest_key(key, offset), 0, size))
        except Missing:
            raise Lost(key) from None

    def _forget_rests(self, key: str, but: int | None = None) -> None:
        for stored in self._bucket.objects(f"{key}.rest-"):
            name = cast("str", stored.object_name)
            if but is None or name != _rest_key(key, but):
                self._bucket.remove(name)


def _parts_of(name: str) -> tuple[str, str]:
    """Return the key in the bucket and the id of the multipart upload."""
    key, _, upload = name.partition(".")
    return _INCOMING + key, upload


def _rest_key(key: str, offset: int) -> str:
    return f"{key}.rest-{offset}"


def _chunks(response: BaseHTTPResponse | None, start: int, length: int | None) -> Chunks:
    """Yield an empty chunk once the answer is understood, then the content; close to release it."""
    if response is None:
        yield b""
        return
    try:
        first, size = _extent(response)
        skipped, wanted = start - first, span(size, start, length)
        if skipped < 0:
            raise Unavailable(f"the object store answered from byte {first}, not {start}")
        yield b""
        with answering():
            for chunk in response.stream(CHUNK, decode_content=False):
                piece = chunk[skipped : skipped + wanted]
                skipped = max(skipped - len(chunk), 0)
                wanted -= len(piece)
                if piece:
                    yield piece
                if not wanted:
                    return
        if wanted:
            raise Unavailable(f"the object store ended its answer {wanted} bytes early")
    finally:
        response.close()
        response.release_conn()


def _extent(response: BaseHTTPResponse) -> tuple[int, int]:
    """Return the first byte of the answer's body and the object's size.

    The headers tell, the status does not: rclone answers 200 to a range that it honours.
    """
    honoured = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if honoured:
        return int(honoured[1]), int(honoured[2])
    announced = response.headers.get("Content-Length", "")
    if response.status != 200 or not announced.isdecimal():
        raise Unavailable("the object store does not say what part of the object it answers")
    return 0, int(announced)
