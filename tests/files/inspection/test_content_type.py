"""The type of a file by its content, whatever its name."""

import io

import pytest

from referencing.files.inspection.content_type import detect, detect_head
from tests.files.inspection.samples import BY_TYPE, pdf, zipped

EVERY = [
    pytest.param(media_type, content, id=f"{media_type} {number}")
    for media_type, contents in BY_TYPE.items()
    for number, content in enumerate(contents)
]


@pytest.mark.parametrize(("media_type", "content"), EVERY)
def test_every_type_is_told_by_its_content(media_type: str, content: bytes) -> None:
    assert detect(io.BytesIO(content)) == media_type


@pytest.mark.parametrize(("media_type", "content"), EVERY)
def test_the_beginning_alone_never_makes_a_program_harmless(media_type: str, content: bytes) -> None:
    by_head = detect_head(content[:65536])
    told_by_its_end = media_type in {"application/octet-stream", "application/encrypted"}
    assert told_by_its_end or by_head in {media_type, "application/zip"}


@pytest.mark.parametrize("before", [b"\n", b"\xef\xbb\xbf \r\n"])
def test_a_pdf_behind_white_space_is_one(before: bytes) -> None:
    assert detect(io.BytesIO(before + pdf("x"))) == "application/pdf"


def test_a_large_json_is_one_though_only_its_head_is_read() -> None:
    assert detect(io.BytesIO(b'{"a": [' + b"1, " * 50_000 + b"1]}")) == "application/json"


def test_a_directory_that_claims_to_be_huge_is_not_read() -> None:
    archive = bytearray(zipped({"a": b"x"}))
    end = archive.rfind(b"PK\x05\x06")
    archive[end + 12 : end + 16] = (3 << 30).to_bytes(4, "little")
    assert detect(io.BytesIO(bytes(archive))) == "application/zip"
