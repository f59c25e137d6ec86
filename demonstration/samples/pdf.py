"""One page of PDF, written by hand: a title and paragraphs in Helvetica."""

import textwrap

_LATIN = "cp1252"  # what WinAnsiEncoding calls its characters; French fits in it
_HEADER = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
_LEFT, _TOP = 56, 780  # points, on an A4 page
_TITLE_SIZE, _TITLE_COLUMNS = 16, 56
_TEXT_SIZE, _TEXT_COLUMNS = 11, 84
_LEADING = 1.4


def page(title: str, paragraphs: list[str]) -> bytes:
    """A valid one-page PDF 1.4; characters outside Windows-1252 become question marks."""
    content = _content(title, paragraphs)
    return _assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>",
            b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
            b"<< /Title <%b> >>" % f"\ufeff{title}".encode("utf-16-be").hex().encode(),
        ]
    )


def _content(title: str, paragraphs: list[str]) -> bytes:
    """The drawing orders of the page: each line of text, from the top down."""
    orders = [b"BT", b"%d %d Td" % (_LEFT, _TOP)]
    for size, columns, paragraph in [
        (_TITLE_SIZE, _TITLE_COLUMNS, title),
        *((_TEXT_SIZE, _TEXT_COLUMNS, text) for text in paragraphs),
    ]:
        leading = round(size * _LEADING)
        orders.append(b"/F1 %d Tf %d TL" % (size, leading))
        orders += [_text(line) + b" Tj T*" for line in textwrap.wrap(paragraph, columns)]
        orders.append(b"T*")
    return b"\n".join([*orders, b"ET"])


def _text(text: str) -> bytes:
    """A PDF string; parentheses and backslashes would end it or change what follows."""
    escaped = text.encode(_LATIN, "replace")
    for special in (b"\\", b"(", b")"):
        escaped = escaped.replace(special, b"\\" + special)
    return b"(" + escaped + b")"


def _assembled(objects: list[bytes]) -> bytes:
    """The file: its objects, the table of where each begins, and where that table is."""
    file = bytearray(_HEADER)
    table = [b"0000000000 65535 f \n"]
    for number, body in enumerate(objects, 1):
        table.append(b"%010d 00000 n \n" % len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(file)
    file += b"xref\n0 %d\n" % len(table) + b"".join(table)
    # The last object is the information dictionary, the first the catalogue.
    file += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (len(table), len(objects))
    file += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(file)
