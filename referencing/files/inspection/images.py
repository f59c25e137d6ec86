"""Images by their headers: how many pixels a viewer would have to unfold, without unfolding them.

Pillow reads the headers of the simple formats. Those that may be animated are walked through here: to count the
frames, Pillow would decode them.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from io import SEEK_CUR
from typing import IO, cast

from PIL.BmpImagePlugin import BmpImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from .budget import MIB, Budget
from .content import size_of, tail_of

MOST_PIXELS = 100_000_000  # of one frame: 400 MB in memory
MOST_FRAMES = 2_000
LARGEST = 512 * MIB  # bytes of the file
_MOST_READ = 64 * MIB  # bytes of headers, over and over again too
_LEAST_PAID = 24  # bytes: a read costs time too; the largest GIF takes two million of them
_MOST_SECONDS = 30

_BROKEN = "L'image est incomplète ou abîmée : enregistrez-la de nouveau."
_FLOOD = "L'image a trop de pixels ({width} × {height}) : réduisez-la à moins de 100 millions."
_TOO_LONG = "L'image animée a plus de {limit} vues : fournissez une vidéo."
_TOO_LARGE = "L'image pèse plus de {limit} Mio : compressez-la."


@dataclass(frozen=True, slots=True)
class ImageReport:
    """The size of the largest frame, in pixels, and the count of frames; zeros when the header cannot be read."""

    width: int
    height: int
    frames: int
    problems: tuple[str, ...]  # why it should be refused


class _Broken(Exception):
    pass


@dataclass(slots=True)
class _Frames:
    width: int = 0
    height: int = 0
    count: int = 0
    whole: bool = True  # it ends as its format ends

    def add(self, width: int, height: int) -> bool:
        """Count a frame; answers whether it makes sense to go on."""
        self.count += 1
        if width * height > self.width * self.height:
            self.width, self.height = width, height
        return self.count <= MOST_FRAMES and width * height <= MOST_PIXELS


def examine(file: IO[bytes], detected: str) -> ImageReport:
    """Report on the header of an image of the type `detected`. Nothing is decoded."""
    frames, broken = _Frames(), False
    if size_of(file) > LARGEST:
        return ImageReport(0, 0, 0, (_TOO_LARGE.format(limit=LARGEST // MIB),))
    file.seek(0)
    try:
        _READERS[detected](cast("IO[bytes]", _Paid(file)), frames)
    except Exception:  # of a hostile header, Pillow raises whatever its arithmetic raises
        broken = True
    return ImageReport(frames.width, frames.height, frames.count, tuple(_problems(frames, broken=broken)))


class _Paid:
    """The file, of which no more is read than the headers of honest ones take. Raises Exhausted."""

    def __init__(self, file: IO[bytes]) -> None:
        self._budget = Budget(_MOST_READ, _MOST_SECONDS)
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1, /) -> bytes:
        self._budget.spend(LARGEST if size < 0 else max(size, _LEAST_PAID))
        return self._file.read(size)


def _problems(frames: _Frames, *, broken: bool) -> list[str]:
    problems = []
    if frames.width * frames.height > MOST_PIXELS:
        problems.append(_FLOOD.format(width=frames.width, height=frames.height))
    if frames.count > MOST_FRAMES:
        problems.append(_TOO_LONG.format(limit=MOST_FRAMES))
    if not problems and (broken or not frames.whole):
        problems.append(_BROKEN)
    return problems


def _png(file: IO[bytes], frames: _Frames) -> None:
    frames.add(*struct.unpack(">16x2I", _taken(file, 24)))  # before Pillow gives up on what follows
    file.seek(0)
    frames.count = getattr(PngImageFile(file), "n_frames", 1)  # APNG declares them in its header
    frames.whole = b"IEND" in tail_of(file, 64)


def _jpeg(file: IO[bytes], frames: _Frames) -> None:
    frames.add(*JpegImageFile(file).size)
    frames.whole = b"\xff\xd9" in tail_of(file)  # cameras add data of their own behind


def _bmp(file: IO[bytes], frames: _Frames) -> None:
    image = BmpImageFile(file)
    frames.add(*image.size)
    file.seek(2)
    (declared,) = struct.unpack("<I", file.read(4))
    frames.whole = declared <= size_of(file)


def _tiff(file: IO[bytes], frames: _Frames) -> None:
    image = TiffImageFile(file)
    while frames.add(*image.size):
        try:
            image.seek(frames.count)
        except EOFError:
            return


def _gif(file: IO[bytes], frames: _Frames) -> None:
    """GIF89a: a screen, then extensions and images made of sub-blocks, then a trailer."""
    width, height, flags = struct.unpack("<6x2HB2x", _taken(file, 13))
    file.seek(_colours(flags), SEEK_CUR)
    while (introducer := _taken(file, 1)) != b";":
        if introducer == b"!":
            file.seek(1, SEEK_CUR)
        elif introducer == b",":
            left, top, wide, high, flags = struct.unpack("<4HB", _taken(file, 9))
            file.seek(_colours(flags) + 1, SEEK_CUR)
            # A frame may reach over the screen; viewers then enlarge it.
            if not frames.add(max(width, left + wide), max(height, top + high)):
                return
        else:
            raise _Broken
        while length := _taken(file, 1)[0]:
            file.seek(length, SEEK_CUR)
    if not frames.count:
        raise _Broken


def _colours(flags: int) -> int:
    """The bytes of the table of colours that follows a descriptor with these flags."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _webp(file: IO[bytes], frames: _Frames) -> None:
    """RIFF chunks: one VP8 or VP8L for a still image; VP8X then one ANMF for each frame of an animation."""
    declared = int.from_bytes(_taken(file, 12)[4:8], "little") + 8
    frames.whole = declared <= size_of(file)
    file.seek(12)
    while file.tell() < declared:
        chunk, length = struct.unpack("<4sI", _taken(file, 8))
        start = file.tell()
        size = _webp_size(chunk, file)
        if size is not None and not frames.add(*size):
            return
        if chunk == b"VP8X":
            frames.count -= 1  # a canvas is no frame
        file.seek(start + length + length % 2)
    if not frames.count:
        raise _Broken


def _webp_size(chunk: bytes, file: IO[bytes]) -> tuple[int, int] | None:
    if chunk == b"VP8X":  # RFC 9649, 2.7: the canvas, 24 bits each, less one
        data = _taken(file, 10)
        return int.from_bytes(data[4:7], "little") + 1, int.from_bytes(data[7:10], "little") + 1
    if chunk == b"ANMF":
        data = _taken(file, 12)
        return int.from_bytes(data[6:9], "little") + 1, int.from_bytes(data[9:12], "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(_taken(file, 5)[1:], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        width, height = struct.unpack("<6x2H", _taken(file, 10))
        return width & 0x3FFF, height & 0x3FFF
    return None


def _heif(file: IO[bytes], frames: _Frames) -> None:
    """Boxes within boxes (ISO/IEC 14496-12, 23008-12): `ispe` has the size of an image, or of a tile of one.

    `tkhd` has that of a sequence, and `stsz` how many images it has.
    """
    counts = [1]
    _boxes(file, 0, size_of(file), frames, counts)
    frames.count = max(counts)
    if not frames.width:
        raise _Broken


def _boxes(file: IO[bytes], start: int, end: int, frames: _Frames, counts: list[int]) -> None:
    """Walk the boxes from one byte to before another; those that hold others are entered."""
    while start < end:
        file.seek(start)
        size, kind = struct.unpack(">I4s", _taken(file, 8))
        if size == 1:  # a longer size follows
            (size,) = struct.unpack(">Q", _taken(file, 8))
        stop = start + size if size else end  # 0: to the end
        if stop > end or stop < file.tell():
            raise _Broken
        if kind in _CONTAINERS:
            _boxes(file, file.tell() + _CONTAINERS[kind], stop, frames, counts)
        elif kind == b"ispe":
            frames.add(*struct.unpack(">4x2I", _taken(file, 12)))
        elif kind == b"tkhd":
            file.seek(stop - 8)
            frames.add(*(side >> 16 for side in struct.unpack(">2I", _taken(file, 8))))
        elif kind == b"stsz":
            counts.append(struct.unpack(">8xI", _taken(file, 12))[0])
        start = stop


# The boxes that hold what tells sizes, and the bytes of their own before what they hold.
_CONTAINERS = {
    b"meta": 4, b"iprp": 0, b"ipco": 0, b"moov": 0, b"trak": 0, b"mdia": 0, b"minf": 0, b"stbl": 0,
}  # fmt: skip


def _taken(file: IO[bytes], size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise _Broken
    return data


_READERS: dict[str, Callable[[IO[bytes], _Frames], None]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/webp": _webp,
    "image/tiff": _tiff,
    "image/bmp": _bmp,
    **dict.fromkeys(
        ("image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence", "image/avif"), _heif
    ),
}
