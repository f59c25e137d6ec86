"""A request on its way in: its head, and a short body, gathered piece by piece before anybody works on it."""

from dataclasses import dataclass, field

#: Bytes: of the request line, of the whole head, and of a body that is gathered with it: all that a stranger may send.
LONGEST_LINE = 8190
LARGEST_HEAD = 64 * 1024
SHORT_BODY = 128 * 1024
_LINE, _END = b"\r\n", b"\r\n\r\n"


class Oversized(Exception):
    """The head is too large; `status` says which part of it."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(slots=True)
class Incoming:
    """What has come of a request; what it is worth is for the parser to say."""

    received: bytearray = field(default_factory=bytearray)
    _size: int | None = None

    def add(self, piece: bytes) -> None:
        """Take in what came. Raises Oversized."""
        before = len(self.received)
        self.received += piece
        if self._size is not None:
            return
        end = self.received.find(_END, max(before - len(_END), 0))
        self._refuse_oversized(end if end >= 0 else len(self.received))
        if end >= 0:
            self._size = end + len(_END) + _short_body(bytes(self.received[:end]))

    @property
    def is_whole(self) -> bool:
        """Whether the head is there, with its body where that is short."""
        return self._size is not None and len(self.received) >= self._size

    def asks_for(self, path: bytes) -> bool:
        """Whether it reads this address, whatever its parameters."""
        method, _, rest = bytes(self.received[:LONGEST_LINE]).partition(b" ")
        target = rest.partition(b" ")[0]
        return method in {b"GET", b"HEAD"} and target.partition(b"?")[0] == path

    def _refuse_oversized(self, size: int) -> None:
        """Raises Oversized for a head of `size` bytes, or one that has so many already."""
        if size <= LONGEST_LINE:
            return
        if self.received.find(_LINE, 0, LONGEST_LINE + len(_LINE)) < 0:
            raise Oversized(414)
        if size > LARGEST_HEAD:
            raise Oversized(431)


def _short_body(head: bytes) -> int:
    """Bytes of a body that is gathered: none of one that comes in chunks, or only once the client was told to go on."""
    length = 0
    for line in head.split(_LINE)[1:]:
        name, _, value = line.partition(b":")
        if name.lower() in {b"transfer-encoding", b"expect"}:
            return 0
        if name.lower() == b"content-length" and value.strip().isdigit():
            length = int(value.strip()[:12])
    return length if length <= SHORT_BODY else 0
