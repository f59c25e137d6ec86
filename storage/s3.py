"""Objects in a bucket of an S3-compatible store: `incoming/<uuid>`, then `objects/ab/cd/<digest>`."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, cast
from uuid import uuid4
from xml.etree.ElementTree import ParseError

from minio import Minio
from minio.commonconfig import CopySource
from minio.datatypes import Object, Upload
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from storage.content import CHUNK, Intake, check_range, is_digest, place, span
from storage.port import Chunks, Missing, Readable, StoredObject, Unavailable

PART_SIZE = 5 << 20
"""Bytes in a part of a multipart upload: the least that S3 allows. The client holds three parts in memory for
each upload under way; with the 10,000 parts that S3 allows, content may have 48 GiB."""

RENEWED_AFTER = timedelta(hours=1)
"""Content supplied again is copied again, to renew its time, when it was stored longer ago than this."""

PAUSES = (0.0, 0.1, 0.3, 0.9)
"""Seconds before each look at an object just copied: not every server overwrites in one go (rclone removes
first), so that another upload of the same content may hide it for a moment."""

_INCOMING = "incoming/"
_OBJECTS = "objects/"
_IN_NO_NAME = "~"
"""The client sends a delimiter always; rclone takes an empty one for one that every name contains."""

_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


class S3Storage:
    """Keeps objects in `bucket`, made when it is missing; timeouts and retries are those of `client`."""

    def __init__(self, client: Minio, bucket: str, part_size: int = PART_SIZE) -> None:
        self._client = client
        self._bucket = bucket
        self._part_size = part_size
        self._bucket_seen = False

    def store(
        self, content: Readable, *, limit: int | None = None, expected: int | None = None
    ) -> StoredObject:
        """Keep `content` (see `ObjectStorage.store`)."""
        self._need_bucket()
        intake = Intake(content, limit=limit, expected=expected)
        unfinished = f"{_INCOMING}{uuid4().hex}"
        try:
            self._upload(intake, unfinished)
            self._publish(unfinished, intake.stored)
        finally:
            # What stays is found by discard_unfinished: no reason to fail, or to hide why the rest failed.
            with suppress(Unavailable):
                self._remove(unfinished)
        return intake.stored

    def read(self, sha256: str, *, start: int = 0, length: int | None = None) -> Chunks:
        """Return content in chunks (see `ObjectStorage.read`)."""
        check_range(start, length)
        name = _OBJECTS + place(sha256)
        self._need_bucket()
        response = self._open(name, start, length)
        chunks = _chunks(response, start, length)
        next(chunks)
        return chunks

    def size(self, sha256: str) -> int | None:
        """Return the size in bytes, `None` when there is no such object."""
        name = _OBJECTS + place(sha256)
        self._need_bucket()
        found = self._look(name)
        return None if found is None else found.size

    def delete(self, sha256: str) -> None:
        """Remove the object, if there is one."""
        name = _OBJECTS + place(sha256)
        self._need_bucket()
        self._remove(name)

    def digests(self) -> Iterator[tuple[str, datetime]]:
        """Yield every object's digest and its time of storing (UTC)."""
        for found in self._list(_OBJECTS):
            digest = cast("str", found.object_name).rpartition("/")[2]
            if found.last_modified is not None and is_digest(digest):
                yield digest, found.last_modified

    def discard_unfinished(self, before: datetime) -> int:
        """Remove uploads that were not published and multipart uploads that were not completed."""
        removed = 0
        for found in self._list(_INCOMING):
            if found.last_modified is not None and found.last_modified < before:
                self._remove(cast("str", found.object_name))
                removed += 1
        # Content beyond 5 GiB is copied in parts too, so that parts may be left under objects/ as well.
        return removed + self._abort_uploads(_INCOMING, before) + self._abort_uploads(_OBJECTS, before)

    def check(self) -> None:
        """Raise `Unavailable` unless the bucket is there, or could be made, with these credentials."""
        self._bucket_seen = False
        self._need_bucket()

    def _upload(self, intake: Intake, name: str) -> None:
        try:
            with _answering():
                # One part at a time: parallel ones would each be held in memory, and the client never ends
                # their threads when an upload fails.
                self._client.put_object(
                    self._bucket,
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
        name = _OBJECTS + place(stored.sha256)
        held = self._look(name)
        if held is not None and held.size == stored.size and _is_recent(held):
            return
        with _answering():
            self._client.copy_object(self._bucket, name, CopySource(self._bucket, unfinished))
        for pause in PAUSES:
            time.sleep(pause)
            held = self._look(name)
            if held is not None and held.size == stored.size:
                return
        raise Unavailable(f"{stored.sha256} is not there after it was copied")

    def _open(self, name: str, start: int, length: int | None) -> BaseHTTPResponse | None:
        """Return the server's answer, `None` when the object has nothing in the range."""
        with _answering():
            try:
                # The client takes a length of 0 for no bound: what then comes too much is left out later.
                return self._client.get_object(self._bucket, name, offset=start, length=length or 0)
            except MinioException:
                # Why it refused may be in an answer that the client does not parse (rclone's are text/xml).
                if start < self._size_of(name):
                    raise
                return None

    def _size_of(self, name: str) -> int:
        found = self._look(name)
        if found is None:
            raise Missing(name.rpartition("/")[2])
        return found.size or 0

    def _look(self, name: str) -> Object | None:
        with _answering():
            try:
                return self._client.stat_object(self._bucket, name)
            except S3Error as error:
                if error.code == "NoSuchKey":
                    return None
                raise

    def _remove(self, name: str) -> None:
        with _answering():
            self._client.remove_object(self._bucket, name)

    def _list(self, prefix: str) -> Iterator[Object]:
        self._need_bucket()
        with _answering():
            yield from self._client.list_objects(self._bucket, prefix=prefix, recursive=True)

    def _abort_uploads(self, prefix: str, before: datetime) -> int:
        aborted = 0
        with _answering():
            for upload in self._uploads(prefix):
                if upload.initiated_time is not None and upload.initiated_time < before:
                    self._client._abort_multipart_upload(  # noqa: SLF001 - the client has no public call
                        self._bucket, upload.object_name, cast("str", upload.upload_id)
                    )
                    aborted += 1
        return aborted

    def _uploads(self, prefix: str) -> Iterator[Upload]:
        marker: str | None = None
        while True:
            try:
                page = self._client._list_multipart_uploads(  # noqa: SLF001 - the client has no public call
                    self._bucket, prefix=prefix, key_marker=marker, delimiter=_IN_NO_NAME
                )
            except MinioException as error:
                # So says rclone of a bucket that has had no multipart upload since it started.
                if "NoSuchUpload" in str(error):
                    return
                raise
            yield from page.uploads
            marker = page.next_key_marker
            if not (page.is_truncated and marker):
                return

    def _need_bucket(self) -> None:
        if self._bucket_seen:
            return
        with _answering():
            if not self._client.bucket_exists(self._bucket):
                try:
                    self._client.make_bucket(self._bucket)
                except MinioException:
                    # Another process may have been quicker.
                    if not self._client.bucket_exists(self._bucket):
                        raise
        self._bucket_seen = True


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
        with _answering():
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


def _is_recent(held: Object) -> bool:
    return held.last_modified is not None and datetime.now(UTC) - held.last_modified < RENEWED_AFTER


@contextmanager
def _answering() -> Iterator[None]:
    """Turn what the client raises, for a dead server or an answer it cannot read, into `Unavailable`."""
    try:
        yield
    except (MinioException, HTTPError, ParseError, ValueError) as error:
        reason = error.code if isinstance(error, S3Error) else type(error).__name__
        raise Unavailable(f"the object store cannot serve: {reason}") from error
