"""Answers that a real server gives too seldom for a test: a scripted one gives them on demand."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest

from storage import bucket
from storage.address import storage_from_url
from storage.port import Missing, ObjectStorage, Unavailable
from tests.storage.streams import sha256

DIGEST = sha256(b"0123456789")
OBJECT = f"/proofs/objects/{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}"
ERROR = "text/xml; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    announced: int | None = -1
    """The Content-Length: -1 for the body's own, `None` for none."""


Script = Callable[[str, str], Answer]
"""From the method and the target of a request to the answer."""


@contextmanager
def serving(script: Script) -> Iterator[ObjectStorage]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = script(self.command, self.path)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.announced is not None:
                length = len(answer.body) if answer.announced == -1 else answer.announced
                self.send_header("Content-Length", str(length))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer  # noqa: N815 - the names that the library calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield storage_from_url(f"s3://k:s@127.0.0.1:{server.server_address[1]}/proofs?secure=false")
        finally:
            server.shutdown()
            thread.join()


def reading(answer: Answer, held: int | None = 10) -> Script:
    """Return the script of a server with one object, of `held` bytes, that gives `answer` to each GET."""

    def script(method: str, target: str) -> Answer:
        if method == "GET":
            return answer
        if target == OBJECT:
            return Answer(404) if held is None else Answer(announced=held)
        return Answer()

    return script


def partial(first: int, last: int, body: bytes) -> Answer:
    return Answer(206, body, {"Content-Range": f"bytes {first}-{last}/10"})


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(partial(3, 6, b"3456"), id="range honoured"),
        pytest.param(Answer(200, b"3456", {"Content-Range": "bytes 3-6/10"}), id="range honoured with a 200"),
        pytest.param(Answer(200, b"0123456789"), id="range ignored"),
        pytest.param(partial(1, 9, b"123456789"), id="more than the range"),
    ],
)
def test_range_is_what_was_asked_whatever_the_server_makes_of_it(answer: Answer) -> None:
    with serving(reading(answer)) as storage:
        assert b"".join(storage.read(DIGEST, start=3, length=4)) == b"3456"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(partial(5, 6, b"56"), id="a later range"),
        pytest.param(Answer(206, b"3456"), id="a range that is not named"),
        pytest.param(Answer(206, b"3456", {"Content-Range": "bytes 3-6/*"}), id="of unknown size"),
        pytest.param(Answer(200, b"0123456789", announced=None), id="no length"),
    ],
)
def test_answer_that_cannot_be_placed_is_refused_before_the_first_chunk(answer: Answer) -> None:
    with serving(reading(answer)) as storage, pytest.raises(Unavailable):
        storage.read(DIGEST, start=3, length=4)


@pytest.mark.parametrize(
    ("answer", "start"),
    [
        pytest.param(Answer(200, b"01234", announced=10), 0, id="connection cut"),
        pytest.param(Answer(206, b"34", {"Content-Range": "bytes 3-9/10"}), 3, id="whole answer too short"),
    ],
)
def test_short_answer_is_not_taken_for_the_whole(answer: Answer, start: int) -> None:
    with serving(reading(answer)) as storage:
        chunks = storage.read(DIGEST, start=start)
        with pytest.raises(Unavailable):
            list(chunks)


def test_refusal_that_the_client_cannot_parse_is_missing_when_nothing_is_there() -> None:
    refusal = Answer(404, b"<Error><Code>NoSuchKey</Code></Error>", {"Content-Type": ERROR})
    with serving(reading(refusal, held=None)) as storage, pytest.raises(Missing):
        storage.read(DIGEST)


def test_refusal_to_read_what_is_there_is_unavailable() -> None:
    refusal = Answer(403, b"<Error><Code>AccessDenied</Code></Error>", {"Content-Type": ERROR})
    with serving(reading(refusal)) as storage, pytest.raises(Unavailable):
        storage.read(DIGEST)


def test_server_that_stays_busy_is_unavailable() -> None:
    with serving(lambda *_: Answer(503)) as storage, pytest.raises(Unavailable):
        storage.check()


def test_answer_that_is_not_of_s3_is_unavailable() -> None:
    with serving(lambda *_: Answer(body=b"<html>a portal</html>")) as storage, pytest.raises(Unavailable):
        storage.store(BytesIO(b"0123456789"))


def test_server_that_moved_is_not_followed() -> None:
    asked: list[str] = []

    def script(_: str, target: str) -> Answer:
        asked.append(target)
        return Answer(307, headers={"Location": "/elsewhere"})

    with serving(script) as storage, pytest.raises(Unavailable):
        storage.check()
    assert asked == ["/proofs"]


def test_bucket_made_meanwhile_by_another_process_is_used() -> None:
    exists = iter([False, True])

    def script(method: str, _: str) -> Answer:
        if method == "HEAD":
            return Answer(200 if next(exists) else 404)
        return Answer(409, b"<Error><Code>BucketAlreadyExists</Code></Error>", {"Content-Type": ERROR})

    with serving(script) as storage:
        storage.check()


def test_object_that_is_not_there_after_it_was_copied_is_not_called_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bucket, "PAUSES", (0.0,))

    def script(method: str, target: str) -> Answer:
        if method == "HEAD":
            return Answer(404 if target == OBJECT else 200)
        if method == "PUT" and target == OBJECT:
            return Answer(body=b"<CopyObjectResult><ETag>e</ETag></CopyObjectResult>")
        return Answer()

    with serving(script) as storage, pytest.raises(Unavailable, match="not there"):
        storage.store(BytesIO(b"0123456789"))


def test_unfinished_uploads_are_discarded_page_by_page() -> None:
    upload = "<Upload><Key>{0}</Key><UploadId>u</UploadId><Initiated>{1}-01-01T00:00:00Z</Initiated></Upload>"
    first = f"<IsTruncated>true</IsTruncated><NextKeyMarker>incoming/a</NextKeyMarker>{upload}"
    aborted: list[str] = []

    def script(method: str, target: str) -> Answer:
        if method == "DELETE":
            aborted.append(target)
            return Answer(204)
        if "prefix=objects" in target or "list-type" in target:
            return Answer(body=b"<Page><Name>proofs</Name></Page>")
        if "key-marker" in target:
            old, recent = upload.format("incoming/b", 2025), upload.format("incoming/c", 2027)
            return Answer(body=f"<Page>{old}{recent}</Page>".encode())
        return Answer(body=f"<Page>{first.format('incoming/a', 2025)}</Page>".encode())

    with serving(script) as storage:
        assert storage.discard_unfinished(datetime(2026, 1, 1, tzinfo=UTC)) == 2
    assert aborted == ["/proofs/incoming/a?uploadId=u", "/proofs/incoming/b?uploadId=u"]
