"""Which content is accepted for which kind of proof, and what its name and its declared type may say."""

import io
import zipfile
from collections.abc import Callable, Mapping

import pytest

from referencing.catalogue.proposals import ProofKind
from referencing.files.inspection.acceptance import TypeReport, accepted_types, examine
from tests.files.inspection.numbers import with_key
from tests.files.inspection.samples import (
    BY_TYPE,
    CDA,
    EVTX,
    HL7,
    MAIL,
    ODF,
    OOXML,
    PCAP,
    PROGRAM,
    encrypted_zip,
    image,
    pdf,
    tarred,
    zipped,
)

VIDEO = ("video/mp4", "video/x-m4v", "video/quicktime", "video/webm", "video/x-matroska", "video/x-msvideo")
IMAGE = (
    "image/png", "image/jpeg", "image/webp", "image/gif", "image/tiff", "image/bmp", "image/heic", "image/heif",
    "image/avif",
)  # fmt: skip
CAPTURES = ("application/vnd.tcpdump.pcap", "application/x-pcapng", "application/x-ms-evtx")
PDF = ("application/pdf",)
TEXT = (
    "text/plain",
    "text/csv",
    "application/json",
    "text/xml",
    "x-application/hl7-v2+er7",
    "message/rfc822",
)
OFFICE = (
    f"{OOXML}wordprocessingml.document", f"{OOXML}spreadsheetml.sheet", f"{OOXML}presentationml.presentation",
    f"{ODF}text", f"{ODF}spreadsheet", f"{ODF}presentation", "text/rtf",
)  # fmt: skip
HTML = ("text/html",)
PROGRAMS = (
    "application/x-dosexec", "application/x-sharedlib", "application/x-mach-binary", "application/x-java-applet",
    "application/java-archive", "application/vnd.android.package-archive", "application/x-ms-shortcut",
    "application/wasm", "text/x-shellscript", "text/x-msdos-batch", "text/x-php", "image/svg+xml",
    "application/vnd.ms-office.macroenabled",
)  # fmt: skip
ARCHIVES = (
    "application/zip",
    "application/x-tar",
    "application/gzip",
    "application/x-bzip2",
    "application/x-xz",
)

ACCEPTED: Mapping[ProofKind, tuple[str, ...]] = {
    ProofKind.DEMONSTRATION: VIDEO + IMAGE + PDF + OFFICE,
    ProofKind.LOG: TEXT + IMAGE + CAPTURES,
    ProofKind.DOCUMENT: PDF + OFFICE + TEXT,
    ProofKind.TEST_REPORT: PDF + HTML + TEXT + IMAGE,
    ProofKind.CERTIFICATE: PDF + IMAGE,
    ProofKind.PENTEST: PDF,
    ProofKind.OTHER: tuple(
        one for one in BY_TYPE if one not in {*PROGRAMS, *ARCHIVES, "application/x-empty"}
    ),
}


def report(content: bytes, kind: ProofKind, name: str = "preuve", declared: str | None = None) -> TypeReport:
    return examine(io.BytesIO(content), name, declared, kind)


SINGLE = {media_type: contents for media_type, contents in BY_TYPE.items() if media_type not in ARCHIVES}


@pytest.mark.parametrize("kind", ProofKind)
def test_each_kind_accepts_its_types(kind: ProofKind) -> None:
    told = [report(content, kind) for contents in SINGLE.values() for content in contents]
    assert {one.detected for one in told} == set(SINGLE)
    assert {one.detected for one in told if one.accepted} == set(ACCEPTED[kind])
    assert {one.detected for one in told if not one.accepted} == set(SINGLE) - set(ACCEPTED[kind])


@pytest.mark.parametrize("kind", ProofKind)
@pytest.mark.parametrize("pack", [zipped, tarred, lambda members: tarred(members, "w:gz")])
def test_an_archive_is_accepted_where_its_members_are(
    kind: ProofKind, pack: Callable[[Mapping[str, bytes]], bytes]
) -> None:
    accepted = {
        media_type
        for media_type, contents in SINGLE.items()
        if report(pack({"dossier/piece": contents[0]}), kind).accepted
    }
    assert accepted == {*ACCEPTED[kind], "application/x-empty"}


@pytest.mark.parametrize("kind", ProofKind)
def test_a_refusal_says_which_types_are_accepted(kind: ProofKind) -> None:
    told = report(PROGRAM, kind)
    assert told.refusal is not None
    assert told.refusal.startswith("Le contenu est un programme")
    assert told.refusal.endswith(accepted_types(kind))


def test_the_sentence_names_the_formats() -> None:
    assert accepted_types(ProofKind.DEMONSTRATION) == (
        "Pour une démonstration, fournissez une vidéo (.mp4, .webm, .mkv, .avi, .mov), "
        "une image (.png, .jpg, .webp, .heic, .gif, .tiff, .bmp), un PDF ou "
        "un document bureautique (.docx, .xlsx, .pptx, .odt, .ods, .odp), "
        "ou une archive .zip ou .tar.gz qui ne contient rien d'autre."
    )


LOG = b"2024-05-24 INFO x\n"


@pytest.mark.parametrize(
    ("members", "accepted"),
    [
        (
            {"a.log": LOG, "b/c.xml": CDA, "d.hl7": HL7, "e.eml": MAIL, "f.json": b'{"a": 1}', "vide": b""},
            True,
        ),
        ({"a.log": LOG, "b.png": image("PNG"), "c.pcap": PCAP, "d.evtx": EVTX}, True),
        ({"a.log": LOG, "b.pdf": pdf("x")}, False),
        ({"a.log": LOG, "b.exe": LOG}, False),  # its name would make it run
        ({"a.log": LOG, "b": PROGRAM}, False),
        ({"a.log": LOG, "interne.zip": zipped({"b.log": LOG})}, True),
        ({"a.log": LOG, "interne.zip": zipped({"b.pdf": pdf("x")})}, False),
        (
            {
                "a.log": LOG,
                "__MACOSX/._a.log": b"\x00\x05\x16\x07\x00\x02" + bytes(60),
                ".DS_Store": b"\x00\x00",
            },
            True,
        ),
        ({"a.log": LOG, "__MACOSX/x": PROGRAM}, False),
        ({"INDEX.HTM": b"<html/>", "README.TXT": LOG, "IHE_XDM/SUBSET01/DOC1.XML": CDA}, True),
        ({"INDEX.HTM": b"<html/>", "README.TXT": LOG}, False),  # no XDM
        ({"IHE_XDM/SUBSET01/DOC1.XML": CDA, "page.htm": b"<html/>"}, False),
    ],
)
def test_what_an_archive_of_logs_may_hold(members: dict[str, bytes], accepted: bool) -> None:
    assert report(zipped(members), ProofKind.LOG).accepted is accepted


def test_a_refused_archive_names_what_it_should_not_hold() -> None:
    number = with_key("1840588321025")
    told = report(zipped({"a.log": LOG, f"{number}.pdf": pdf("x"), "b/c.exe": PROGRAM}), ProofKind.LOG)
    assert told.refusal is not None
    assert told.refusal.startswith(
        f"L'archive contient « 1************{number[13:]}.pdf », « b/c.exe », que cette preuve n'admet pas."
    )


def test_an_encrypted_archive_is_accepted_unless_the_kind_wants_it_open() -> None:
    content = encrypted_zip({"rapport.pdf": pdf("x")})
    assert report(content, ProofKind.DOCUMENT).accepted
    assert not report(content, ProofKind.PENTEST).accepted


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a;\n" + pdf("x"),
        b"#!/bin/sh\n" + pdf("x"),
        b"<html></html>\n" + pdf("x"),
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + pdf("x"),
        PROGRAM + pdf("x"),
        pdf("x") + zipped({"a": b"x"}),
        image("PNG") + zipped({"a": b"x"}),
        image("JPEG")[:20] + b"%PDF-1.7" + image("JPEG")[20:],
        image("GIF") + zipped({"a": b"x"})[:-2] + b"\x03\x00xyz",  # with a comment
    ],
)
@pytest.mark.parametrize("kind", [ProofKind.DEMONSTRATION, ProofKind.OTHER])
def test_one_content_disguised_as_another_is_refused(content: bytes, kind: ProofKind) -> None:
    assert not report(content, kind).accepted


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (zipped({"a.pdf": pdf("x")}, zipfile.ZIP_STORED), ProofKind.DOCUMENT),
        (b"GET /a.pdf\n200 OK\n%PDF-1.7 ...\nGET /b.pdf\n", ProofKind.LOG),
    ],
)
def test_holding_a_pdf_or_quoting_one_is_no_disguise(content: bytes, kind: ProofKind) -> None:
    assert report(content, kind).accepted


@pytest.mark.parametrize("before", [b"", b"\n", b"\xef\xbb\xbf"])
def test_a_pdf_may_begin_with_white_space(before: bytes) -> None:
    told = report(before + pdf("x"), ProofKind.DOCUMENT)
    assert (told.accepted, told.mismatches) == (True, ())


@pytest.mark.parametrize(
    "before",
    [
        b"some text first\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n",
        b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PDF\r\n",
        b"Content-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\n",
        b"\x00\x01\x02\xff" * 10,
    ],
    ids=["text", "HTTP", "printer", "form", "bytes"],
)
def test_a_pdf_behind_what_a_program_put_before_it_is_accepted_and_told(before: bytes) -> None:
    told = report(before + pdf("x"), ProofKind.DOCUMENT, "rapport.pdf", "application/pdf")
    assert (told.detected, told.accepted) == ("application/pdf", True)
    assert told.mismatches == (
        f"Le PDF est précédé de {len(before)} octets d'un autre contenu, que ses lecteurs ne montrent pas.",
    )


@pytest.mark.parametrize(
    ("name", "media_type", "agrees"),
    [
        ("a.pdf", "application/pdf", True),
        ("a.PDF", "application/pdf", True),
        ("a.pdf. ", "application/pdf", True),
        ("a.jpg", "application/pdf", False),
        ("a.mp4", "video/quicktime", True),
        ("a.mp4", "video/webm", False),
        ("a.jpeg", "image/jpeg", True),
        ("a.png", "image/jpeg", False),
        ("a.csv", "text/plain", True),
        ("a.xml", "text/plain", True),
        ("a.log", "application/json", True),
        ("a.txt", "text/html", False),
        ("a.txt", "application/octet-stream", False),
        ("a.docx", f"{OOXML}wordprocessingml.document", True),
        ("a.docx", "application/zip", False),
        ("a.tar.gz", "application/gzip", True),
        ("a.tgz", "application/gzip", True),
        ("IMG_0001.HEIC", "image/heic", True),
        ("IMG_0001.heic", "image/heif", True),
        ("IMG_0001.heic", "image/jpeg", False),
        ("a.pcap", "application/x-pcapng", True),
        ("a.cap", "application/vnd.tcpdump.pcap", True),
        ("a.evtx", "application/x-ms-evtx", True),
        ("a.log", "application/x-ms-evtx", False),
        ("a.inconnu", "application/pdf", True),
        ("sans extension", "application/pdf", True),
        (".pdf", "text/plain", True),
    ],
)
def test_the_name_is_compared_with_the_content(name: str, media_type: str, agrees: bool) -> None:
    mismatches = report(BY_TYPE[media_type][0], ProofKind.OTHER, name).mismatches
    assert (not mismatches) is agrees
    assert all("Le nom finit par" in sentence for sentence in mismatches)


@pytest.mark.parametrize(
    ("declared", "media_type", "agrees"),
    [
        (None, "application/pdf", True),
        ("", "application/pdf", True),
        ("application/octet-stream", "application/pdf", True),
        ("application/pdf", "application/pdf", True),
        ("Application/PDF; charset=binary", "application/pdf", True),
        ("image/png", "application/pdf", False),
        ("image/jpg", "image/jpeg", True),
        ("application/x-zip-compressed", "application/zip", True),
        ("application/xml", "text/xml", True),
        ("application/hl7-cda+xml", "text/xml", True),
        ("application/fhir+json", "application/json", True),
        ("text/x-log", "text/plain", True),
        ("text/plain", "text/html", False),
        ("application/dicom", "application/pdf", False),
    ],
)
def test_the_declared_type_is_compared_with_the_content(
    declared: str | None,
    media_type: str,
    agrees: bool,
) -> None:
    mismatches = report(BY_TYPE[media_type][0], ProofKind.OTHER, "preuve", declared).mismatches
    assert (not mismatches) is agrees


def test_a_mismatch_is_told_in_french_and_does_not_refuse() -> None:
    told = report(image("PNG"), ProofKind.DEMONSTRATION, "ecran.pdf", "application/pdf")
    assert told.accepted
    assert told.mismatches == (
        "Le nom finit par « .pdf », mais le contenu est une image.",
        "Le type annoncé est « application/pdf », mais le contenu est une image.",
    )


@pytest.mark.parametrize("name", ["a.exe", "a.PS1", "a.js ", "a.bat.", "a.svg", "a.docm", "capture.png.lnk"])
@pytest.mark.parametrize("kind", ProofKind)
def test_a_name_that_systems_run_is_refused_whatever_it_holds(name: str, kind: ProofKind) -> None:
    assert not report(LOG, kind, name).accepted


def test_no_sentence_shows_a_number_that_stands_in_a_name() -> None:
    number = with_key("1840588321025")
    told = report(image("PNG"), ProofKind.LOG, f"a.{number}", f"application/{number}")
    assert number not in repr(told)
