"""The headers of tus, read as its text says, and refused in words otherwise."""

import base64
import hashlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referencing.base.errors import ChecksumMismatch, Malformed, TooLarge
from referencing.uploads.tus import Body, Checksum, checksum, metadata, number
from tests.uploads.conftest import encoded

KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=","), min_size=1)


@given(st.dictionaries(KEYS, st.text()))
def test_metadata_come_back_as_they_were_said(said: dict[str, str]) -> None:
    if len(encoded(said)) <= 8192:
        assert metadata(encoded(said)) == said


def test_a_key_may_have_no_value() -> None:
    assert metadata("is_confidential,filename YQ==") == {"is_confidential": "", "filename": "a"}


@pytest.mark.parametrize("value", [None, "", "  "])
def test_no_metadata_are_none(value: str | None) -> None:
    assert metadata(value) == {}


@pytest.mark.parametrize("value", ["a YQ==,a YQ==", "a YQ==,,b YQ==", "a *", "a /w==", "a " + "YWFh" * 2048])
def test_metadata_that_cannot_be_read_are_refused(value: str) -> None:
    with pytest.raises(Malformed, match="Upload-Metadata"):
        metadata(value)


@pytest.mark.parametrize("value", [None, "", "-1", "1.5", "0x10", "٣", "1" * 16])
def test_what_is_no_number_of_bytes_is_refused(value: str | None) -> None:
    with pytest.raises(Malformed, match="Upload-Offset"):
        number("Upload-Offset", value)


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "md5"])
def test_a_checksum_is_read(algorithm: str) -> None:
    digest = hashlib.new(algorithm, b"x").digest()
    assert checksum(f"{algorithm} {base64.b64encode(digest).decode()}") == Checksum(algorithm, digest)


@pytest.mark.parametrize("value", ["crc32 AAAA", "sha256", "sha256 *", "sha256 AAAA", "", "SHA256 AAAA"])
def test_a_checksum_that_cannot_be_read_is_refused(value: str) -> None:
    with pytest.raises(Malformed, match="Upload-Checksum"):
        checksum(value)


def test_no_more_is_read_than_was_left() -> None:
    assert Body(BytesIO(b"abc"), 3, None).read(10) == b"abc"
    with pytest.raises(TooLarge):
        Body(BytesIO(b"abcd"), 3, None).read(10)


class Cut:
    def __init__(self) -> None:
        self.pieces = [b"ab"]

    def read(self, _: int, /) -> bytes:
        if not self.pieces:
            raise ConnectionResetError
        return self.pieces.pop()


def test_a_body_that_is_cut_ends_there_and_has_no_checksum() -> None:
    body = Body(Cut(), 10, Checksum("md5", hashlib.md5(b"ab", usedforsecurity=False).digest()))
    assert [body.read(5), body.read(5), body.read(5)] == [b"ab", b"", b""]
    with pytest.raises(ChecksumMismatch):
        body.verify()
