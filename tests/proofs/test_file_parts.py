"""A form's files come out as they went in, however the network cuts the form, and are never held whole."""

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.test import create_environ

from referencing.base.errors import Malformed, UnsupportedMedia
from referencing.web.forms import CHUNK, MOST_PARTS, announced_file_parts, file_parts
from tests.proofs.multipart import BOUNDARY, CONTENT_TYPE, body, part

nothing = Flask("nothing")


class Pieces(io.RawIOBase):
    """A stream that answers each read with one piece, or what was asked of it."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces = filter(None, pieces)
        self.rest = b""
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        self.rest = self.rest or next(self.pieces, b"")
        taken, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(taken)] = taken
        self.given += len(taken)
        return len(taken)


@contextmanager
def receiving(stream: Pieces, length: int | None, content_type: str = CONTENT_TYPE) -> Iterator[None]:
    """A request with this body; without a length the server says where it ends."""
    environ = create_environ(method="POST")
    environ |= {"CONTENT_TYPE": content_type, "wsgi.input": stream}
    environ |= {"wsgi.input_terminated": True} if length is None else {"CONTENT_LENGTH": str(length)}
    with nothing.request_context(environ):
        yield


def received(whole: bytes, cuts: Iterable[int] = (), reads: int = 1 << 20) -> list[bytes]:
    """The files' contents, of a form that arrives in pieces that end at `cuts`."""
    ends = [*sorted(cuts), len(whole)]
    pieces = [whole[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    with receiving(Pieces(pieces), len(whole)):
        return [b"".join(iter(partial(file.read, reads), b"")) for file in file_parts()]


def pass_over_all() -> None:
    for file in file_parts():
        file.skip()


def is_no_boundary(content: bytes) -> bool:
    """A form's boundary is one because it is at the beginning of no line of its files (RFC 2046, 5.1.1)."""
    return not re.search(rb"(^|[\r\n])--" + BOUNDARY, content)


bits = st.sampled_from(
    [b"\r\n", b"\r", b"\n", b"--", b"-", BOUNDARY, b"--" + BOUNDARY, BOUNDARY[:9], b"\0", b"Preuve"]
)
contents = st.lists(bits | st.binary(max_size=9), max_size=12).map(b"".join).filter(is_no_boundary)


@given(st.lists(contents, max_size=4), st.lists(st.integers(0, 700), max_size=8), st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_any_contents_come_out_identical_however_the_form_is_cut(
    files: list[bytes], cuts: list[int], reads: int
) -> None:
    whole = body(*map(part, files))
    assert received(whole, [cut for cut in cuts if cut < len(whole)], reads) == files


WHOLE = body(part(b"une preuve\r\n"), part(b"une autre -", filename=b'"autre.txt"'))
FILES = [b"une preuve\r\n", b"une autre -"]


def test_a_cut_anywhere_changes_nothing() -> None:
    assert [WHOLE[:cut] for cut in range(len(WHOLE)) if received(WHOLE, [cut]) != FILES] == []


def test_a_form_that_comes_byte_by_byte_is_the_same() -> None:
    assert received(WHOLE, range(len(WHOLE))) == FILES


def test_a_form_that_ends_too_early_is_an_error() -> None:
    """Wherever it ends before its closing boundary does: its last file is not to be taken for whole."""
    for end in range(WHOLE.rindex(b"--") + 2):
        with receiving(Pieces([WHOLE[:end]]), end), pytest.raises(Malformed):
            pass_over_all()


def test_a_form_shorter_than_announced_is_an_error() -> None:
    cut = WHOLE[:-20]
    with receiving(Pieces([cut]), len(WHOLE)), pytest.raises(ClientDisconnected):
        pass_over_all()


def test_a_connection_that_breaks_is_an_error() -> None:
    def breaking() -> Iterator[bytes]:
        yield WHOLE[:-20]
        raise ConnectionResetError

    with receiving(Pieces(breaking()), None), pytest.raises(ClientDisconnected):
        pass_over_all()


@pytest.mark.parametrize(
    "line", [b"Content-Type: text/plain", b"X-Nothing", b'Content-Disposition: form-data; name="\xff"']
)
def test_a_part_without_a_readable_name_is_an_error(line: bytes) -> None:
    whole = body(line + b"\r\n\r\ncontent")
    with receiving(Pieces([whole]), len(whole)), pytest.raises(Malformed):
        list(file_parts())


def test_files_that_nobody_reads_are_passed_over() -> None:
    with receiving(Pieces([WHOLE]), len(WHOLE)):
        assert [file.filename for file in file_parts()] == ["preuve.txt", "autre.txt"]


@pytest.mark.parametrize("filename", [b'"preuve.txt"', None], ids=["a file", "a text"])
def test_another_field_is_an_error(filename: bytes | None) -> None:
    whole = body(part(b"preuve"), part(b"preuve", name="fichier", filename=filename))
    with receiving(Pieces([whole]), len(whole)), pytest.raises(Malformed, match="fichier"):
        list(file_parts())


def test_a_field_longer_than_any_word_is_too_large() -> None:
    whole = body(part(b"x" * 70_000, filename=None))
    with receiving(Pieces([whole]), len(whole)), pytest.raises(RequestEntityTooLarge):
        list(file_parts())


@pytest.mark.parametrize("count", [MOST_PARTS, MOST_PARTS + 1])
def test_a_form_has_so_many_parts_at_the_most(count: int) -> None:
    whole = body(*[part(b"x")] * count)
    if count > MOST_PARTS:
        with pytest.raises(RequestEntityTooLarge):
            received(whole)
    else:
        assert len(received(whole)) == count


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "multipart/mixed; boundary=x",
        "multipart/form-data",
        "multipart/form-data; boundary=",
    ],
)
def test_what_is_not_a_form_is_of_the_wrong_type(content_type: str) -> None:
    with receiving(Pieces([WHOLE]), len(WHOLE), content_type), pytest.raises(UnsupportedMedia):
        list(file_parts())


def test_a_boundary_that_no_header_can_carry_is_refused_like_another() -> None:
    strange = "multipart/form-data; boundary*=utf-8''%E2%82%AC"
    with receiving(Pieces([WHOLE]), len(WHOLE), strange), pytest.raises((Malformed, UnsupportedMedia)):
        list(file_parts())


def endless() -> Iterator[bytes]:
    for _ in range(16 * CHUNK // 4096):
        yield b"x" * 4096
    raise AssertionError("all of it was read")


@pytest.mark.parametrize(
    "start", [b"", b"--" + BOUNDARY + b"\r\nContent-Disposition: "], ids=["preamble", "header"]
)
def test_what_is_not_a_files_content_is_not_held_without_end(start: bytes) -> None:
    def stream() -> Iterator[bytes]:
        yield start
        yield from endless()

    pieces = Pieces(stream())
    with receiving(pieces, 1 << 40), pytest.raises(RequestEntityTooLarge):
        list(file_parts())
    assert pieces.given <= 4 * CHUNK


def test_a_file_is_read_as_it_comes() -> None:
    """Not after the whole form has come."""

    def stream() -> Iterator[bytes]:
        yield b"--" + BOUNDARY + b"\r\n" + part(b"")
        yield from endless()

    pieces = Pieces(stream())
    with receiving(pieces, 1 << 40):
        file = next(file_parts())
        assert file.read(1_000_000).startswith(b"xxx")
        assert pieces.given <= 2 * CHUNK


# --- a field before the files ---------------------------------------------------------------------------------

ANNOUNCED = body(part(b'{"lines": 1}\r\n', name="manifest", filename=None), part(FILES[0]), part(FILES[1]))


def announced(whole: bytes, cuts: Iterable[int] = (), longest: int = 100, most: int = 2) -> list[bytes]:
    ends = [*sorted(cuts), len(whole)]
    pieces = [whole[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    with receiving(Pieces(pieces), len(whole)):
        field, files = announced_file_parts("manifest", longest, most)
        return [field, *(b"".join(iter(partial(file.read, 7), b"")) for file in files)]


def test_the_field_and_the_files_come_out_whole_wherever_the_form_is_cut() -> None:
    expected = [b'{"lines": 1}\r\n', *FILES]
    assert announced(ANNOUNCED, range(len(ANNOUNCED))) == expected
    assert [cut for cut in range(len(ANNOUNCED)) if announced(ANNOUNCED, [cut]) != expected] == []


def test_an_announced_form_that_ends_too_early_is_an_error() -> None:
    for end in range(ANNOUNCED.rindex(b"--") + 2):
        with pytest.raises(Malformed):
            announced(ANNOUNCED[:end])


def test_the_field_comes_before_anything_of_the_files_is_read() -> None:
    def stream() -> Iterator[bytes]:
        yield b"--" + BOUNDARY + b"\r\n" + part(b"{}", name="manifest", filename=None) + b"\r\n"
        yield b"--" + BOUNDARY + b"\r\n" + part(b"")
        yield from endless()

    pieces = Pieces(stream())
    with receiving(pieces, 1 << 40):
        field, files = announced_file_parts("manifest", 100, 1)
        assert field == b"{}"
        assert next(files).read(1_000_000).startswith(b"xxx")
        assert pieces.given <= 3 * CHUNK


@pytest.mark.parametrize(("longest", "most"), [(13, 2), (100, 1)], ids=["field", "files"])
def test_an_announced_form_has_bounds(longest: int, most: int) -> None:
    with pytest.raises(RequestEntityTooLarge):
        announced(ANNOUNCED, longest=longest, most=most)


@pytest.mark.parametrize("first", [part(b"preuve"), part(b"x", name="autre", filename=None)])
def test_another_part_before_the_field_is_an_error(first: bytes) -> None:
    with pytest.raises(Malformed, match="« manifest »"):
        announced(body(first, part(b"{}", name="manifest", filename=None)))
