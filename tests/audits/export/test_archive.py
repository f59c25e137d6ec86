"""A ZIP that is the same for the same contents, is written as it is sent, and says what each member has to be."""

import hashlib
import io
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from zipfile import ZipFile

import pytest

from referencing.audits.export.archive import Member, member, plain_name, zipped

MEMBERS = [member("dossier.json", b"{}"), member("pieces/001-relevé.txt", "été".encode())]


def test_the_same_contents_give_the_same_bytes() -> None:
    assert b"".join(zipped(MEMBERS)) == b"".join(zipped(MEMBERS))


def test_it_is_a_zip_that_other_programs_read_and_check(tmp_path: Path) -> None:
    file = tmp_path / "audit.zip"
    file.write_bytes(b"".join(zipped(MEMBERS)))
    with ZipFile(file) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path)
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path, check=True)


def test_what_a_content_has_to_be_is_what_is_said_of_it() -> None:
    wanted = hashlib.sha256(b"as it was").hexdigest()
    altered = Member("pieces/001", lambda: [b"as it is"], 8, wanted)
    with ZipFile(io.BytesIO(b"".join(zipped([altered])))) as archive:
        assert archive.read("SHA256SUMS").decode() == f"{wanted}  pieces/001\n"


@pytest.mark.parametrize("size", [None, 64 * 2**20, 3 * 2**31])
def test_no_more_than_a_piece_is_held(size: int | None) -> None:
    piece = b"x" * 2**16

    def content() -> Iterator[bytes]:
        for _ in range(1024):
            yield piece

    longest = max(len(chunk) for chunk in zipped([Member("large", content, size)]))
    assert longest < 2 * len(piece)


def test_contents_are_read_when_their_turn_comes() -> None:
    read = []

    def content(name: str) -> Iterator[bytes]:
        read.append(name)
        yield b"x"

    written = zipped([Member(name, partial(content, name)) for name in ("a", "b")])
    next(written)
    assert read == ["a"]


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("relevé d'écran.png", "relevé d_écran.png"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\x\\y.pdf", "C__x_y.pdf"),
        ("..", "piece"),
        ("e\u0301te\u0301.txt", "été.txt"),
        ("x" * 300 + ".pdf", "x" * 96 + ".pdf"),
    ],
)
def test_a_name_is_one_that_every_system_takes(filename: str, name: str) -> None:
    assert plain_name(filename) == name
