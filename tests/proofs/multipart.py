"""Forms, byte by byte: as browsers and libraries write them, and as no honest client would."""

from collections.abc import Iterable

BOUNDARY = b"------------------------d74496d66958873e"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY.decode()}"


def part(
    content: bytes, *, name: str = "file", filename: bytes | None = b'"preuve.txt"', media: bytes = b""
) -> bytes:
    """One part; `filename` is written as it is, quotes included, and None makes a field that is no file."""
    disposition = b'Content-Disposition: form-data; name="' + name.encode() + b'"'
    if filename is not None:
        disposition += b"; filename=" + filename
    headers = disposition + (b"\r\nContent-Type: " + media if media else b"")
    return headers + b"\r\n\r\n" + content


def body(*parts: bytes, boundary: bytes = BOUNDARY) -> bytes:
    opened = b"".join(b"--" + boundary + b"\r\n" + one + b"\r\n" for one in parts)
    return opened + b"--" + boundary + b"--\r\n"


def quoted(filename: str) -> bytes:
    """As curl and most libraries do: UTF-8 between quotes, with backslashes before what would end it."""
    escaped = filename.replace("\\", "\\\\").replace('"', '\\"')
    return b'"' + escaped.encode() + b'"'


def extended(filename: str) -> bytes:
    """As RFC 2231 has it; to be put in the place of the whole value."""
    return b"x; filename*=utf-8''" + "".join(f"%{byte:02X}" for byte in filename.encode()).encode()


def chunks(pieces: Iterable[bytes]) -> bytes:
    """As Transfer-Encoding: chunked, without the last chunk."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
