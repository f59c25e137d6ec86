"""Images by their headers: floods, endless animations, and what is incomplete."""

import io
import struct
import zlib
from collections.abc import Callable

import pytest

from referencing.files.inspection import images
from referencing.files.inspection.images import ImageReport, examine
from tests.files.inspection.samples import box, heif, image, png_header

TYPES = {"PNG": "png", "JPEG": "jpeg", "WEBP": "webp", "GIF": "gif", "TIFF": "tiff", "BMP": "bmp"}


BROKEN = "L'image est incomplète ou abîmée : enregistrez-la de nouveau."


def report(content: bytes, kind: str) -> ImageReport:
    return examine(io.BytesIO(content), f"image/{kind}")


@pytest.mark.parametrize(("kind", "name"), TYPES.items())
def test_the_size_is_read_of_each_kind(kind: str, name: str) -> None:
    assert report(image(kind, (40, 30)), name) == ImageReport(40, 30, 1, ())


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "TIFF"])
def test_the_frames_are_counted(kind: str) -> None:
    assert report(image(kind, (40, 30), frames=5), TYPES[kind]) == ImageReport(40, 30, 5, ())


@pytest.mark.parametrize("kind", ["heic", "heif", "avif"])
def test_the_size_of_a_telephone_picture_is_that_of_its_largest_item(kind: str) -> None:
    tiles_then_picture = [(512, 512)] * 48 + [(4032, 3024), (320, 240)]
    assert report(heif(b"heic", *tiles_then_picture), kind) == ImageReport(4032, 3024, 1, ())


def test_a_sequence_of_telephone_pictures_has_its_frames_counted() -> None:
    samples = box(b"stsz", struct.pack(">8xI", 2_001))
    media = box(b"mdia", box(b"minf", box(b"stbl", samples)))
    track = box(b"trak", box(b"tkhd", bytes(76) + struct.pack(">2I", 640 << 16, 480 << 16)) + media)
    told = report(heif(b"hevc", (4, 3), more=box(b"moov", track)), "heic-sequence")
    assert (told.width, told.height, told.frames) == (640, 480, 2_001)
    assert told.problems == ("L'image animée a plus de 2000 vues : fournissez une vidéo.",)


def test_a_flood_in_a_telephone_picture_is_seen() -> None:
    assert report(heif(b"heic", (4, 3), (50_000, 50_000)), "heic").problems == (
        "L'image a trop de pixels (50000 × 50000) : réduisez-la à moins de 100 millions.",
    )


@pytest.mark.parametrize(
    "content",
    [heif()[:-1], heif()[:40], box(b"ftyp", b"heic"), heif() + b"\0\0\0\x04free", box(b"meta", b"") * 3],
    ids=["cut", "cut in its header", "no picture", "a box smaller than itself", "empty"],
)
def test_a_telephone_picture_that_is_not_whole_is_broken(content: bytes) -> None:
    assert report(content, "heic").problems == (BROKEN,)


def test_boxes_within_boxes_without_end_are_broken_and_cost_little() -> None:
    nested = b""
    for _ in range(20_000):
        nested = struct.pack(">I4s", 0, b"iprp") + nested
    assert report(nested, "heic").problems == (BROKEN,)


def flooded(kind: str) -> bytes:
    """A small image of that kind whose header claims 50,000 × 50,000 pixels."""
    content = bytearray(image(kind, (40, 30)))
    if kind == "PNG":
        return png_header(50_000, 50_000)
    if kind == "JPEG":
        frame = content.index(b"\xff\xc0")
        content[frame + 5 : frame + 9] = struct.pack(">HH", 50_000, 50_000)
    elif kind == "GIF":
        content[6:10] = struct.pack("<HH", 50_000, 50_000)
    elif kind == "BMP":
        content[18:26] = struct.pack("<ii", 50_000, 50_000)
    elif kind == "TIFF":
        for tag in (256, 257):
            entry = (
                content.index(struct.pack("<HHI", tag, 4, 1))
                if struct.pack("<HHI", tag, 4, 1) in content
                else (content.index(struct.pack("<HHI", tag, 3, 1)))
            )
            content[entry : entry + 12] = struct.pack("<HHII", tag, 4, 1, 50_000)
    else:
        canvas = b"VP8X" + struct.pack("<I", 10) + bytes(4) + 2 * (50_000 - 1).to_bytes(3, "little")
        content[12:12] = canvas
        content[4:8] = struct.pack("<I", len(content) - 8)
    return bytes(content)


@pytest.mark.parametrize(("kind", "name"), TYPES.items())
def test_a_pixel_flood_is_reported_without_unfolding_it(kind: str, name: str) -> None:
    told = report(flooded(kind), name)
    assert (told.width, told.height) == (50_000, 50_000)
    assert told.problems == (
        "L'image a trop de pixels (50000 × 50000) : réduisez-la à moins de 100 millions.",
    )


def test_a_flood_in_one_frame_of_many_is_seen() -> None:
    content = bytearray(image("GIF", (40, 30), frames=3))
    last = content.rindex(b"\x2c\x00\x00\x00\x00")
    content[last + 5 : last + 9] = struct.pack("<HH", 50_000, 50_000)
    assert report(bytes(content), "gif").width == 50_000


def test_a_screenshot_is_no_flood() -> None:
    assert not report(png_header(7680, 4320), "png").problems


def animated_gif(frames: int) -> bytes:
    frame = b"\x2c" + struct.pack("<4HB", 0, 0, 1, 1, 0) + b"\x02\x02D\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6) + frame * frames + b";"


def animated_png(frames: int) -> bytes:
    content = image("PNG", frames=2)
    start = content.index(b"acTL")
    chunk = b"acTL" + struct.pack(">II", frames, 0)
    return content[:start] + chunk + struct.pack(">I", zlib.crc32(chunk)) + content[start + 16 :]


def animated_webp(frames: int) -> bytes:
    canvas = b"VP8X" + struct.pack("<I", 10) + b"\x02" + bytes(9)
    frame = b"ANMF" + struct.pack("<I", 16) + bytes(16)
    body = b"WEBP" + canvas + frame * frames
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    ("animated", "kind"),
    [
        (animated_gif, "gif"),
        (animated_webp, "webp"),
        (animated_png, "png"),
        (lambda frames: image("TIFF", (1, 1), frames=frames), "tiff"),
    ],
)
def test_an_endless_animation_is_reported(
    animated: Callable[[int], bytes], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MOST_FRAMES", 20)
    assert report(animated(20), kind).problems == ()
    endless = report(animated(21), kind)
    assert endless.frames == 21
    assert endless.problems == ("L'image animée a plus de 20 vues : fournissez une vidéo.",)


@pytest.mark.parametrize(("kind", "name"), TYPES.items())
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_what_is_cut_short_is_reported_and_nothing_crashes(kind: str, name: str, part: float) -> None:
    content = image(kind, (64, 64))
    cut = report(content[: int(len(content) * part)], name)
    # A TIFF names its parts at its end or at its beginning; only with the first does cutting hide the size.
    if kind != "TIFF" or not cut.width:
        assert cut.problems == ("L'image est incomplète ou abîmée : enregistrez-la de nouveau.",)


@pytest.mark.parametrize(("kind", "name"), TYPES.items())
def test_no_beginning_crashes(kind: str, name: str) -> None:
    content = image(kind, (8, 8))
    for end in range(0, min(len(content), 300), 5):
        report(content[:end], name)
        report(content[:end] + b"\xff" * 50, name)


def test_a_file_too_large_for_an_image_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "LARGEST", 100)
    assert report(image("PNG", (200, 200)), "png").problems == (
        "L'image pèse plus de 0 Mio : compressez-la.",
    )


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF"])
def test_headers_that_never_end_are_given_up(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = image(kind, (40, 30), frames=5)
    assert report(content, TYPES[kind]).problems == ()
    monkeypatch.setattr(images, "_MOST_READ", 60)
    assert report(content, TYPES[kind]).problems == (
        "L'image est incomplète ou abîmée : enregistrez-la de nouveau.",
    )
