"""A request is gathered piece by piece; what is too large is refused as soon as it is."""

import pytest

from referencing.serving.heads import LARGEST_HEAD, LONGEST_LINE, SHORT_BODY, Incoming, Oversized

HEAD = b"POST /api/v1/signals HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"


def gathered(*pieces: bytes) -> Incoming:
    incoming = Incoming()
    for piece in pieces:
        incoming.add(piece)
    return incoming


def test_a_request_is_whole_with_its_last_byte_however_it_is_cut() -> None:
    request = HEAD % 5 + b"12345"
    for cut in range(1, len(request)):
        incoming = gathered(request[:cut])
        assert not incoming.is_whole, request[:cut]
        incoming.add(request[cut:])
        assert incoming.is_whole, request[:cut]


def test_byte_by_byte_it_is_the_request_that_it_is_at_once() -> None:
    request = HEAD % 3 + b"abc"
    assert gathered(*(request[at : at + 1] for at in range(len(request)))) == gathered(
        request[:-1], request[-1:]
    )


@pytest.mark.parametrize(
    "head",
    [
        HEAD % (SHORT_BODY + 1),
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
    ],
    ids=["long", "in chunks", "once told to go on", "not a number", "none"],
)
def test_a_body_that_is_not_short_is_left_to_who_works_on_it(head: bytes) -> None:
    assert gathered(head).is_whole


def test_what_comes_behind_is_kept_for_the_next_request() -> None:
    incoming = gathered(b"GET / HTTP/1.1\r\n\r\nGET /next")
    assert incoming.is_whole
    assert incoming.received.endswith(b"GET /next")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /" + b"a" * LONGEST_LINE, 414),
        (b"GET /" + b"a" * LONGEST_LINE + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * LARGEST_HEAD, 431),
        (b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * LARGEST_HEAD + b"\r\n", 431),
    ],
)
def test_a_head_without_measure_is_refused_before_it_ends(sent: bytes, status: int) -> None:
    with pytest.raises(Oversized) as refusal:
        gathered(*(sent[at : at + 1000] for at in range(0, len(sent), 1000)))
    assert refusal.value.status == status


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        (b"GET /healthz HTTP/1.1", True),
        (b"HEAD /healthz?now HTTP/1.1", True),
        (b"POST /healthz HTTP/1.1", False),
        (b"GET /healthzz HTTP/1.1", False),
        (b"GET / HTTP/1.1", False),
    ],
)
def test_an_address_is_recognised_before_anybody_parses(line: bytes, asks: bool) -> None:
    assert gathered(line + b"\r\n\r\n").asks_for(b"/healthz") is asks
