"""Base64 in texts: what was put in comes out, wherever it is cut."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referencing.files.inspection.identifiers import encoded
from referencing.files.inspection.identifiers.encoded import SHORTEST, decoded_runs

CONTENTS = st.binary(min_size=SHORTEST, max_size=2 * SHORTEST)


def decoded_from(text: bytes, piece: int) -> list[bytes]:
    pieces = (text[start : start + piece] for start in range(0, len(text), piece))
    return [run.content for run in decoded_runs(pieces)]


@settings(deadline=None)  # a machine may be busy
@given(CONTENTS, st.sampled_from([b"\n", b"\r\n", b""]), st.integers(1, 300))
def test_an_attachment_comes_out(content: bytes, line_break: bytes, piece: int) -> None:
    lines = base64.encodebytes(content).replace(b"\n", line_break)
    mail = b"Content-Transfer-Encoding: base64\r\n\r\n" + lines + b"--boundary--\r\n"
    assert decoded_from(mail, piece) == [content]


@settings(deadline=None)  # a machine may be busy
@given(st.lists(CONTENTS, min_size=1, max_size=3), st.integers(1, 5000))
def test_every_field_comes_out(contents: list[bytes], piece: int) -> None:
    message = b"".join(
        b"OBX|1|ED|x||^TEXT^XML^Base64^" + base64.b64encode(one) + b"|||\r" for one in contents
    )
    assert decoded_from(message, piece) == contents


@given(st.text(alphabet="abc def.\n", max_size=2000))
def test_words_are_no_base64(text: str) -> None:
    assert decoded_from(text.encode(), 100) == []


def test_what_is_too_long_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoded, "LONGEST", 4000)
    [short, long] = decoded_runs([b"A" * 4000 + b"|" + b"A" * 4004])
    assert (len(short.content), short.whole) == (3000, True)
    assert (len(long.content), long.whole) == (3000, False)
