"""Archives are listed, within limits, whatever their headers say."""

import bz2
import gzip
import io
import lzma
import random
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping

import pytest

from referencing.files.inspection.archive_listing import examine
from referencing.files.inspection.archives import tars, zips
from referencing.files.inspection.archives.report import USUAL, ArchiveReport, Entry, Limits
from referencing.files.inspection.budget import GIB, MIB, Budget
from referencing.files.inspection.content import Content
from referencing.files.inspection.content_type import detect
from tests.files.inspection.numbers import with_key
from tests.files.inspection.samples import encrypted_zip, ooxml, tarred, zipped

TAR_MODES = ["w", "w:gz", "w:bz2", "w:xz"]


def report(content: bytes, limits: Limits = USUAL, budget: Budget | None = None) -> ArchiveReport:
    file = io.BytesIO(content)
    return examine(file, detect(file), budget or Budget(), limits=limits)


def every(members: Mapping[str, bytes]) -> list[bytes]:
    return [
        zipped(members),
        zipped(members, zipfile.ZIP_STORED),
        *(tarred(members, mode) for mode in TAR_MODES),
    ]


def visited(content: bytes, budget: Budget | None = None) -> dict[str, tuple[str, bytes]]:
    file, seen = io.BytesIO(content), {}
    examine(
        file,
        detect(file),
        budget or Budget(),
        lambda entry, inner: seen.update({entry.path: (entry.media_type, b"".join(inner))}),
    )
    return seen


@pytest.mark.parametrize("content", every({"a.txt": b"abc", "b/c.log": b"x" * 1000, "vide": b""}))
def test_an_honest_archive_is_listed(content: bytes) -> None:
    assert report(content) == ArchiveReport(3, 1003, 1, encrypted=False, complete=True, problems=(), notes=())


@pytest.mark.parametrize("content", every({"a.txt": b"abc", "b/c.xml": b"<a/>" * 200_000}))
def test_the_visitor_sees_every_member_with_its_type_and_its_content(content: bytes) -> None:
    assert visited(content) == {
        "a.txt": ("text/plain", b"abc"),
        "b/c.xml": ("text/xml", b"<a/>" * 200_000),
    }


@pytest.mark.parametrize("content", every({"a.txt": b"abc" * 200_000, "b.txt": b"def"}))
def test_a_visitor_need_not_read(content: bytes) -> None:
    def visit(_: object, inner: Content) -> None:
        next(iter(inner))

    file = io.BytesIO(content)
    told = examine(file, detect(file), Budget(), visit)
    assert (told.entries, told.size, told.complete) == (2, 600_003, True)


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_what_is_compressed_alone_is_an_archive_of_one(compress: Callable[[bytes], bytes]) -> None:
    content = compress(b"2024 INFO x\n") + compress(b"2025 INFO y\n")
    assert visited(content) == {"contenu": ("text/plain", b"2024 INFO x\n2025 INFO y\n")}
    assert report(content).size == 24


def test_archives_in_archives_are_listed_and_an_office_document_is_none() -> None:
    document = ooxml("word")
    inner = zipped({"b.txt": b"def", "d.docx": document})
    outer = zipped({"a.txt": b"abc", "inner.zip": tarred({"inner2.zip": inner}, "w:gz")})
    assert {path: kind for path, (kind, _) in visited(outer).items()} == {
        "a.txt": "text/plain",
        "inner.zip/inner2.zip/b.txt": "text/plain",
        "inner.zip/inner2.zip/d.docx": detect(io.BytesIO(document)),
    }
    told = report(outer)
    assert (told.entries, told.depth, told.complete) == (5, 3, True)


def nested(levels: int, content: bytes = b"x") -> bytes:
    for _ in range(levels):
        content = zipped({"x": content})
    return content


def test_too_many_levels_are_refused() -> None:
    assert report(nested(3)).problems == ()
    told = report(nested(4))
    assert told.problems == ("L'archive en contient d'autres sur plus de 3 niveaux : refaites-la à plat.",)
    assert not told.complete


@pytest.mark.parametrize("content", every({str(number): b"" for number in range(11)}))
def test_too_many_members_are_refused(content: bytes) -> None:
    told = report(content, Limits(entries=10))
    assert told.problems == ("L'archive contient plus de 10 fichiers : répartissez-la en plusieurs.",)
    assert report(content, Limits(entries=11)).problems == ()


def test_a_list_too_large_to_be_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "_LARGEST_DIRECTORY", 100)
    told = report(zipped({f"a rather long name {number}": b"" for number in range(5)}))
    assert told.problems == ("L'archive contient plus de 10000 fichiers : répartissez-la en plusieurs.",)


def test_a_list_of_too_many_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "_MOST_MEMBERS", 4)
    content = zipped({str(number): b"" for number in range(5)})
    monkeypatch.setattr(zipfile, "ZipInfo", None)  # of which it would make five
    assert "plus de 10000 fichiers" in report(content).problems[0]


BOMB = Limits(tolerated=MIB, ratio=100)
SQUEEZED = (
    "L'archive a un taux de compression anormal (plus de 100 fois sa taille) : fournissez les fichiers.",
)


@pytest.mark.parametrize("mode", ["zip", "w:gz", "w:bz2", "w:xz"])
def test_a_bomb_is_refused_before_it_is_inflated(mode: str) -> None:
    zeros = {"zeros": bytes(5 * MIB)}
    told = report(zipped(zeros) if mode == "zip" else tarred(zeros, mode), BOMB)
    assert told.problems == SQUEEZED
    assert told.size <= 2 * MIB  # of five


def test_a_bomb_is_told_by_what_was_read_of_it() -> None:
    """What follows it, and makes the whole an honest file, is not waited for."""
    content = gzip.compress(bytes(201 * MIB), 1) + gzip.compress(with_noise(2 * MIB), 1)
    told = report(content, Limits(ratio=200))
    assert told.problems[0].startswith("L'archive a un taux de compression anormal")
    assert told.size <= 202 * MIB


def with_noise(size: int) -> bytes:
    return random.Random(1).randbytes(size)


def test_a_bomb_in_parts_within_archives_is_refused() -> None:
    part = zipped({"zeros": bytes(MIB)})
    assert report(zipped({f"{number}.zip": part + b"" for number in range(20)}), BOMB).problems == SQUEEZED


def test_what_compresses_well_is_no_bomb() -> None:
    assert report(zipped({"a.log": b"2024-05-24 INFO the same line\n" * 100_000})).problems == ()


def test_more_than_the_limit_is_refused_by_what_is_announced() -> None:
    content = bytearray(zipped({"a": b"abc"}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = content.index(signature) + offset
        content[start : start + 4] = struct.pack("<I", 3 * GIB)
    told = report(bytes(content), Limits(size=2 * GIB))
    assert told.problems == ("L'archive dépasse 2 Gio une fois décompressée : répartissez-la en plusieurs.",)


@pytest.mark.parametrize("announced", [10, 2_000_000])
def test_a_lying_header_is_found_out(announced: int) -> None:
    content = bytearray(zipped({"a.log": b"line\n" * 200_000}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = content.index(signature) + offset
        content[start : start + 4] = struct.pack("<I", announced)
    told = report(bytes(content))
    assert (
        "L'archive annonce pour « a.log » une taille fausse : refaites-la avec un outil courant."
        in told.problems
    )


def test_members_that_share_their_bytes_are_refused() -> None:
    content = bytearray(zipped({"a": b"abc" * 1000, "b": b"abc" * 1000}, zipfile.ZIP_STORED))
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    content[second + 42 : second + 46] = struct.pack("<I", 0)  # where its content is said to be
    content[second + 20 : second + 28] = struct.pack("<II", 5000, 5000)
    assert report(bytes(content)).problems == (
        "L'archive est abîmée ou d'une sorte inhabituelle : refaites-la au format .zip ou .tar.gz.",
    )


def test_an_encrypted_member_is_told_and_not_read() -> None:
    told = report(encrypted_zip({"a.pdf": b"%PDF-1.7"}))
    assert (told.encrypted, told.complete, told.problems, told.size) == (True, True, (), 8)
    assert visited(encrypted_zip({"a.pdf": b"x"})) == {"a.pdf": ("application/octet-stream", b"")}


@pytest.mark.parametrize(
    "name", ["../a", "a/../../b", "/etc/passwd", "C:\\a", "c:a", "..\\a", "\\\\server\\a", "a\\..\\b"]
)
def test_a_path_out_of_the_archive_is_refused(name: str) -> None:
    for content in every({name: b"x"}):
        [problem] = report(content).problems
        assert problem.startswith("L'archive contient un chemin qui en sort, « ")


@pytest.mark.parametrize("name", ["a..b/c..", "...", "dossier/été.log", "a b.txt"])
def test_an_unusual_name_is_none(name: str) -> None:
    for content in every({name: b"x"}):
        assert report(content).problems == ()


@pytest.mark.parametrize("name", ["a\nb", "facture\u202efdp.txt", "a\x1b[2J"])
def test_an_invisible_character_in_a_name_is_refused(name: str) -> None:
    [problem] = report(tarred({name: b"x"})).problems
    assert problem.startswith("L'archive contient un nom avec des caractères invisibles, « ")
    assert name not in problem


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused() -> None:
    expected = "L'archive contient deux fichiers du même nom, « {name} » : n'en gardez qu'un."
    assert report(zipped([("a/b", b"x"), ("a/b", b"x")])).problems == (expected.format(name="a/b"),)
    assert report(zipped([("a/b", b"x"), ("a\\b", b"y")])).problems == (expected.format(name="a\\b"),)


def with_link_in_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        entry = zipfile.ZipInfo("lien")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    return file.getvalue()


def with_entry(sort: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        entry = tarfile.TarInfo("lien")
        entry.type, entry.linkname = sort, "/etc/passwd"
        archive.addfile(entry)
        after = tarfile.TarInfo("apres.txt")
        after.size = 3
        archive.addfile(after, io.BytesIO(b"abc"))
    return file.getvalue()


def test_a_link_is_refused() -> None:
    expected = ("L'archive contient un lien, « lien » : remplacez-le par le fichier.",)
    assert report(with_link_in_zip()).problems == expected
    for sort in (tarfile.SYMTYPE, tarfile.LNKTYPE):
        assert report(with_entry(sort)).problems == expected


@pytest.mark.parametrize("sort", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_a_device_is_refused(sort: bytes) -> None:
    told = report(with_entry(sort))
    assert told.problems == ("L'archive contient un fichier spécial, « lien » : retirez-le.",)
    assert (told.entries, told.size) == (2, 3)


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_long_names_of_tars_are_read(form: int) -> None:
    file, name = io.BytesIO(), "dossier/" * 12 + "é" * 40 + ".txt"
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        entry = tarfile.TarInfo(name)
        entry.size = 3
        archive.addfile(entry, io.BytesIO(b"abc"))
    assert visited(file.getvalue()) == {name: ("text/plain", b"abc")}


def test_a_member_without_a_name_is_listed() -> None:
    content = bytearray(zipped({"a": b"x"}))
    listed, end = content.index(b"PK\x01\x02"), content.index(b"PK\x05\x06")
    content[end + 12 : end + 20] = struct.pack("<II", end - listed - 1, listed - 1)
    for start, name in ((listed + 28, listed + 46), (26, 30)):
        content[start : start + 2] = bytes(2)
        del content[name]
    assert report(bytes(content)) == ArchiveReport(
        1, 1, 1, encrypted=False, complete=True, problems=(), notes=()
    )


def tar_with_directory() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        entry = tarfile.TarInfo("dossier")
        entry.type = tarfile.DIRTYPE
        archive.addfile(entry)
    return file.getvalue()


@pytest.mark.parametrize("content", [tar_with_directory(), zipped({"dossier/": b""})])
def test_directories_are_entries_without_content(content: bytes) -> None:
    told = report(content)
    assert (told.entries, told.size, told.complete) == (1, 0, True)


@pytest.mark.parametrize("content", [zipped({}), tar_with_directory(), zipped({"dossier/": b""})])
def test_an_archive_of_nothing_is_refused(content: bytes) -> None:
    assert report(content).problems == ("L'archive ne contient aucun fichier : refaites-la.",)


@pytest.mark.parametrize("content", every({"a.txt": bytes(range(256)) * 40}))
@pytest.mark.parametrize("part", [0.2, 0.45])  # a tar is filled up to 10 KiB
def test_what_is_cut_short_is_reported(content: bytes, part: float) -> None:
    told = report(content[: int(len(content) * part)])
    assert told.problems
    assert not told.complete


@pytest.mark.parametrize("content", every({"a.txt": bytes(range(256)) * 8, "b.txt": b"x" * 600}))
def test_no_changed_byte_crashes(content: bytes) -> None:
    for position in range(0, len(content), len(content) // 100):
        changed = content[:position] + bytes([content[position] ^ 0x5A]) + content[position + 1 :]
        file = io.BytesIO(changed)
        examine(file, detect(io.BytesIO(content)), Budget())


def test_an_unusual_compression_is_not_inflated() -> None:
    content = zipped({"a.txt": b"abc" * 100}, zipfile.ZIP_LZMA)
    assert not report(content).complete


def test_an_archive_too_large_to_be_copied_is_left_unread() -> None:
    told = report(zipped({"b.zip": zipped({"x": bytes(5000)}, zipfile.ZIP_STORED)}), Limits(nested=1000))
    assert told.notes == (
        "L'archive contenue « b.zip » est trop volumineuse pour être examinée.",
        "L'archive n'a pas pu être examinée en entier.",
    )
    assert not told.complete


def test_an_archive_left_unread_is_shown_itself() -> None:
    file, seen = io.BytesIO(zipped({"b.zip": zipped({"x": bytes(5000)}, zipfile.ZIP_STORED)})), []
    examine(file, "application/zip", Budget(), lambda entry, _: seen.append(entry), Limits(nested=1000))
    assert seen == [Entry("b.zip", "application/zip", encrypted=False)]


def test_beyond_the_budget_the_members_are_still_listed() -> None:
    content = zipped({"a.log": bytes(MIB) + b"x", "b.exe": b"MZ" + bytes(100)})
    seen = visited(content, Budget(size=1000))
    assert seen["b.exe"][0] == "application/x-dosexec"
    told = report(content, budget=Budget(size=1000))
    assert (told.entries, told.complete, told.problems) == (2, False, ())
    assert told.notes == ("L'archive n'a pas pu être examinée en entier.",)


def test_the_time_ends_the_reading() -> None:
    times = iter(range(1000))
    told = report(
        tarred({"a.log": bytes(MIB)}, "w:gz"), budget=Budget(seconds=2, clock=lambda: float(next(times)))
    )
    assert not told.complete


def test_listing_what_is_left_takes_a_bounded_time_too() -> None:
    content = tarred({f"{number}.log": b"x\n" for number in range(100)})
    reading = iter(range(0, 10_000, 4))  # seconds: each look at the clock takes four
    told = report(content, budget=Budget(seconds=2, clock=lambda: float(next(reading))))
    assert 1 <= told.entries < 10
    assert (told.complete, told.problems) == (False, ())


def test_headers_of_no_member_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tars, "_MOST_HEADERS", 50)
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for _ in range(51):
            entry = tarfile.TarInfo("pax_global_header")
            entry.type = tarfile.XGLTYPE
            archive.addfile(entry)
    told = report(file.getvalue())
    assert [problem.split(" est ")[0] for problem in told.problems] == ["L'archive"]


def test_no_sentence_shows_a_number_that_stands_in_a_name() -> None:
    number = with_key("1840588321025")
    inner = zipped({f"../{number}.txt": b"x", f"{number}.txt": b"x"})
    told = report(zipped({f"{number}.zip": inner, f"dossier {number}/\u202e": b"x"}))
    assert told.problems
    assert number not in repr(told)
