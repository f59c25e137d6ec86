"""Fewer bytes for who can read gzip (RFC 9110, 8.4).

Only answers of the API are compressed: they go to who sends a key, which no page of another origin makes a browser do,
so nobody measures what they cannot read (BREACH). What shows a secret goes as it is all the same; so do streams, and
files, which are compressed by themselves or were encrypted by their sender.
"""

import gzip

from flask import Response, request

from referencing.web.requests import ShownOnce

#: Bytes below which a header costs more than is won, and beyond which a thread would be kept for too long.
LEAST, MOST = 1_024, 16 * 1024**2
#: Beyond it, a percent fewer bytes take twice the time.
LEVEL = 5
_KINDS = frozenset({"application/json", "application/problem+json", "text/csv", "text/html", "text/calendar"})


def compress(response: Response) -> Response:
    if response.is_streamed or isinstance(response, ShownOnce) or response.mimetype not in _KINDS:
        return response
    if "Content-Encoding" in response.headers or not LEAST <= len(response.get_data()) <= MOST:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        tag, _ = response.get_etag()
        if tag:
            response.set_etag(tag, weak=True)  # other bytes, and one meaning
    return response
