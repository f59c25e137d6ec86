"""One bucket of an S3-compatible store: what the client does not do by itself, and its errors as ours."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import cast
from xml.etree.ElementTree import ParseError

from minio import Minio
from minio.commonconfig import CopySource
from minio.datatypes import Object, Part, Upload
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from storage.port import Missing, Unavailable

RENEWED_AFTER = timedelta(hours=1)
"""Content supplied again is copied again, to renew its time, when it was stored longer ago than this."""

PAUSES = (0.0, 0.1, 0.3, 0.9)
"""Seconds before each look at an object just copied: not every server overwrites in one go (rclone removes
first), so that another upload of the same content may hide it for a moment."""

_IN_NO_NAME = "~"
"""The client sends a delimiter always; rclone takes an empty one for one that every name contains."""


@contextmanager
def answering() -> Iterator[None]:
    """Turn what the client raises, for a dead server or an answer it cannot read, into `Unavailable`."""
    try:
        yield
    except (MinioException, HTTPError, ParseError, ValueError) as error:
        reason = error.code if isinstance(error, S3Error) else type(error).__name__
        raise Unavailable(f"the object store cannot serve: {reason}") from error


class Bucket:
    """`name` on the server of `client`; made when it is missing. Every method may raise `Unavailable`."""

    def __init__(self, client: Minio, name: str) -> None:
        self.client = client
        self.name = name
        self._seen = False

    def need(self, *, again: bool = False) -> None:
        """Look that the bucket is there, once."""
        if self._seen and not again:
            return
        with answering():
            if not self.client.bucket_exists(self.name):
                try:
                    self.client.make_bucket(self.name)
                except MinioException:
                    # Another process may have been quicker.
                    if not self.client.bucket_exists(self.name):
                        raise
        self._seen = True

    def look(self, key: str) -> Object | None:
        """Return what is known of an object without reading it."""
        with answering():
            try:
                return self.client.stat_object(self.name, key)
            except S3Error as error:
                if error.code == "NoSuchKey":
                    return None
                raise

    def open(self, key: str, start: int, length: int | None) -> BaseHTTPResponse | None:
        """Return the server's answer, `None` when the object has nothing in the range. Raises `Missing`."""
        with answering():
            try:
                # The client takes a length of 0 for no bound: what then comes too much is left out later.
                return self.client.get_object(self.name, key, offset=start, length=length or 0)
            except MinioException:
                # Why it refused may be in an answer that the client does not parse (rclone's are text/xml).
                if start < self._size_of(key):
                    raise
                return None

    def put(self, key: str, content: bytes) -> None:
        """Keep a small object."""
        with answering():
            self.client.put_object(self.name, key, BytesIO(content), len(content))

    def remove(self, key: str) -> None:
        with answering():
            self.client.remove_object(self.name, key)

    def objects(self, prefix: str) -> Iterator[Object]:
        self.need()
        with answering():
            yield from self.client.list_objects(self.name, prefix=prefix, recursive=True)

    def publish(self, unfinished: str, key: str, size: int) -> None:
        """Copy an object to its last name, unless it has been there, whole, for a short time."""
        held = self.look(key)
        if held is not None and held.size == size and _is_recent(held):
            return
        with answering():
            self.client.copy_object(self.name, key, CopySource(self.name, unfinished))
        for pause in PAUSES:
            time.sleep(pause)
            held = self.look(key)
            if held is not None and held.size == size:
                return
        raise Unavailable(f"{key} is not there after it was copied")

    def begin_upload(self, key: str) -> str:
        """Return the id of a new multipart upload."""
        self.need()
        with answering():
            return self.client._create_multipart_upload(self.name, key, {})  # noqa: SLF001 - no public call

    def put_part(self, key: str, upload: str, number: int, content: bytes) -> bool:
        """Send a part of a multipart upload; whether the upload is known."""
        return self._of_upload(
            lambda: self.client._upload_part(  # noqa: SLF001 - no public call
                self.name, key, content, None, upload, number
            )
        )

    def complete_upload(self, key: str, upload: str) -> bool:
        """Make an object of the parts that were sent; whether the upload is known."""
        return self._of_upload(
            lambda: self.client._complete_multipart_upload(  # noqa: SLF001 - no public call
                self.name, key, upload, self._parts(key, upload)
            )
        )

    def abort_upload(self, key: str, upload: str) -> bool:
        """Forget the parts that were sent; whether the upload was known."""
        return self._of_upload(
            lambda: self.client._abort_multipart_upload(self.name, key, upload)  # noqa: SLF001 - no public call
        )

    def abort_uploads(self, prefix: str, before: datetime, spared: Callable[[str], bool]) -> int:
        """Forget multipart uploads that began before `before`, but for the keys that are spared."""
        aborted = 0
        with answering():
            for upload in self._uploads(prefix):
                late = upload.initiated_time is not None and upload.initiated_time < before
                if late and not spared(upload.object_name):
                    aborted += self.abort_upload(upload.object_name, cast("str", upload.upload_id))
        return aborted

    def _parts(self, key: str, upload: str) -> list[Part]:
        parts: list[Part] = []
        marker: str | None = None
        while True:
            page = self.client._list_parts(  # noqa: SLF001 - no public call
                self.name, key, upload, part_number_marker=marker
            )
            parts += page.parts
            marker = str(page.next_part_number_marker)
            if not page.is_truncated:
                return parts

    def _uploads(self, prefix: str) -> Iterator[Upload]:
        marker: str | None = None
        while True:
            try:
                page = self.client._list_multipart_uploads(  # noqa: SLF001 - no public call
                    self.name, prefix=prefix, key_marker=marker, delimiter=_IN_NO_NAME
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

    def _size_of(self, key: str) -> int:
        stored = self.look(key)
        if stored is None:
            raise Missing(key.rpartition("/")[2])
        return stored.size or 0

    @staticmethod
    def _of_upload(act: Callable[[], object]) -> bool:
        with answering():
            try:
                act()
            except MinioException as error:
                if "NoSuchUpload" in str(error):
                    return False
                raise
        return True


def _is_recent(held: Object) -> bool:
    return held.last_modified is not None and datetime.now(UTC) - held.last_modified < RENEWED_AFTER
