"""One call tells what a supplied file is, what refuses it, and what its reader should know."""

import ast
import io
from pathlib import Path

import pytest

import referencing.files.inspection
from referencing.catalogue.proposals import ProofKind
from referencing.files.inspection.acceptance import accepted_types
from referencing.files.inspection.budget import MIB
from referencing.files.inspection.supplied_file import Inspection, inspect
from tests.files.inspection.numbers import with_key
from tests.files.inspection.samples import (
    EVTX,
    PCAP,
    PCAPNG,
    PROGRAM,
    encrypted_zip,
    heif,
    image,
    odf,
    ooxml,
    pdf,
    png_header,
    tarred,
    zipped,
)

NUMBER = with_key("1840588321025")
NUMBERS = (
    "Numéros d'identité de santé ou de sécurité sociale qui ne sont pas reconnus comme ceux de patients fictifs : 1. "
    "Vérifier que personne de réel n'apparaît dans le fichier."
)


def inspected(content: bytes, name: str, kind: ProofKind, declared: str | None = None) -> Inspection:
    return inspect(io.BytesIO(content), name, declared, kind)


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (image("PNG"), "capture.png", ProofKind.DEMONSTRATION),
        (pdf("Procédure de restauration"), "procedure.pdf", ProofKind.DOCUMENT),
        (b"2024-05-24 INFO start\n", "serveur.log", ProofKind.LOG),
        (tarred({"a.log": b"x\n"}, "w:gz"), "journaux.tar.gz", ProofKind.LOG),
    ],
    ids=["image", "pdf", "log", "archive"],
)
def test_an_honest_proof_has_nothing_against_it(content: bytes, name: str, kind: ProofKind) -> None:
    told = inspected(content, name, kind)
    assert (told.type.accepted, told.refusals, told.complete) == (True, (), True)
    assert told.personal_data.findings == ()
    assert (told.image is None) is (kind is not ProofKind.DEMONSTRATION)
    assert (told.archive is None) is (not name.endswith(".gz"))


def test_a_number_is_a_problem_and_no_refusal() -> None:
    told = inspected(f"INS {NUMBER}\n".encode(), "serveur.log", ProofKind.LOG)
    assert (told.problems, told.refusals) == ((NUMBERS,), ())


def test_a_number_in_the_name_is_one_too() -> None:
    told = inspected(b"x\n", f"{NUMBER}.log", ProofKind.LOG)
    assert [finding.where for finding in told.personal_data.findings] == ["nom du fichier"]
    assert NUMBER not in repr(told)


def test_a_pixel_flood_refuses() -> None:
    told = inspected(png_header(50_000, 50_000), "capture.png", ProofKind.DEMONSTRATION)
    assert told.refusals == (
        "L'image a trop de pixels (50000 × 50000) : réduisez-la à moins de 100 millions.",
    )


def test_a_wrong_type_refuses_and_a_wrong_name_is_told() -> None:
    told = inspected(PROGRAM, "capture.png", ProofKind.DEMONSTRATION, "image/png")
    assert told.refusals == (
        f"Le contenu est un programme, un script ou un document à macros. {accepted_types(ProofKind.DEMONSTRATION)}",
    )
    assert [problem.split(",")[0] for problem in told.problems] == [
        "Le nom finit par « .png »",
        "Le type annoncé est « image/png »",
    ]


def test_an_archive_is_walked_once_for_all_that_is_asked_of_it() -> None:
    members = {"a.log": f"INS {NUMBER}\n".encode(), "../b.log": b"x", "c.exe": PROGRAM}
    told = inspected(zipped(members), "journaux.zip", ProofKind.LOG)
    assert told.archive is not None
    assert told.archive.entries == 3
    assert [refusal.split(",")[0] for refusal in told.refusals] == [
        "L'archive contient « c.exe »",
        "L'archive contient un chemin qui en sort",
    ]
    assert [finding.where for finding in told.personal_data.findings] == ["a.log, ligne 1"]
    assert NUMBERS in told.problems


@pytest.mark.parametrize("content", [pdf("x", password="secret"), encrypted_zip({"a.pdf": pdf("x")})])
def test_what_a_password_protects_is_told_or_refused(content: bytes) -> None:
    accepted = inspected(content, "rapport", ProofKind.DOCUMENT)
    assert accepted.refusals == ()
    assert accepted.problems[0].startswith("Le contenu est protégé par un mot de passe")
    assert not accepted.complete
    refused = inspected(content, "rapport", ProofKind.PENTEST)
    assert all("protégé" in refusal for refusal in refused.refusals)
    assert refused.refusals


def test_what_was_stopped_says_so() -> None:
    for content in (b"x" * MIB, tarred({"a.log": b"x" * MIB}), tarred({"a.log": b"x" * MIB}, "w:gz")):
        told = inspect(io.BytesIO(content), "a", None, ProofKind.LOG, size=MIB // 4)
        assert (told.complete, told.refusals) == (False, ())
        assert "Le fichier n'a pas été parcouru en entier." in told.problems


@pytest.mark.parametrize("size", [2 << 10, 64 << 10, 300 << 10, 700 << 10, 1200 << 10])
def test_a_budget_that_ends_anywhere_makes_nothing_seem_damaged(size: int) -> None:
    members = {f"{number}.log": b"line\n" * 50_000 for number in range(4)}
    for content in (zipped(members), tarred(members), tarred(members, "w:gz")):
        told = inspect(io.BytesIO(content), "a", None, ProofKind.LOG, size=size)
        assert (told.complete, told.refusals) == (False, ())


def test_a_flood_in_an_archive_and_a_bomb_in_a_document_refuse() -> None:
    flood = inspected(zipped({"a/capture.png": png_header(50_000, 50_000)}), "a.zip", ProofKind.DEMONSTRATION)
    assert flood.refusals == (
        "« a/capture.png » : L'image a trop de pixels (50000 × 50000) : réduisez-la à moins de 100 millions.",
    )
    document = inspected(ooxml("word", {"word/../../x.xml": b"<a/>"}), "a.docx", ProofKind.DOCUMENT)
    assert document.archive is None
    assert [refusal.split(",")[0] for refusal in document.refusals] == [
        "L'archive contient un chemin qui en sort"
    ]


def test_a_number_in_a_document_is_found() -> None:
    told = inspected(ooxml("word", {"word/a.xml": f"<p>{NUMBER}</p>".encode()}), "a.docx", ProofKind.DOCUMENT)
    assert [finding.where for finding in told.personal_data.findings] == ["word/a.xml, /p"]
    assert told.complete


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (ooxml("word", {"word/media/image1.png": image("PNG")}), "captures.docx"),
        (ooxml("ppt", {"ppt/media/image1.emf": b"\x01\x00\x00\x00emf"}), "captures.pptx"),
        (odf("text", {"Pictures/1.jpg": image("JPEG")}), "captures.odt"),
    ],
)
def test_a_document_with_screenshots_demonstrates(content: bytes, name: str) -> None:
    told = inspected(content, name, ProofKind.DEMONSTRATION)
    assert told.refusals == ()
    assert not [problem for problem in told.problems if "aucune image" in problem]


def test_a_document_that_shows_nothing_is_accepted_and_told() -> None:
    told = inspected(ooxml("word"), "procedure.docx", ProofKind.DEMONSTRATION)
    assert told.refusals == ()
    assert (
        "Le document ne contient aucune image : une démonstration montre ce que fait le logiciel."
        in told.problems
    )
    assert inspected(ooxml("word"), "procedure.docx", ProofKind.DOCUMENT).problems == ()


def test_a_flood_among_the_screenshots_of_a_document_refuses() -> None:
    content = ooxml("word", {"word/media/image1.png": png_header(50_000, 50_000)})
    (refusal,) = inspected(content, "captures.docx", ProofKind.DEMONSTRATION).refusals
    assert refusal.startswith("« word/media/image1.png » : L'image a trop de pixels")


@pytest.mark.parametrize("kind", [ProofKind.LOG, ProofKind.TEST_REPORT])
@pytest.mark.parametrize(("content", "name"), [(image("PNG"), "ecran.png"), (heif(), "IMG_0001.HEIC")])
def test_a_screenshot_is_a_log_or_a_test_report_whose_picture_was_not_searched(
    content: bytes, name: str, kind: ProofKind
) -> None:
    told = inspected(content, name, kind)
    assert told.refusals == ()
    assert told.problems == ("Ce que montrent les images et les vidéos n'est pas parcouru.",)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PCAP + f"GET /?ins={NUMBER} HTTP/1.1\r\n".encode(), "a.pcap"),
        (PCAPNG + bytes(9) + NUMBER.encode() + b" ", "a.pcapng"),
        (EVTX + f" {NUMBER} ".encode("utf-16-le"), "a.evtx"),
        (zipped({"a.pcap": PCAP + f" {NUMBER} ".encode()}), "a.zip"),
    ],
    ids=["pcap", "pcapng", "evtx", "zip"],
)
def test_a_capture_is_searched_for_what_stands_in_the_open_and_says_so(content: bytes, name: str) -> None:
    told = inspected(content, name, ProofKind.LOG)
    assert (told.refusals, told.personal_data.distinct, told.complete) == ((), 1, False)
    assert told.problems[0] == NUMBERS
    assert told.problems[1].startswith(
        "Une capture réseau ou un journal d'événements Windows n'a été parcouru que comme un texte"
    )


def test_a_number_in_a_pdf_behind_other_bytes_is_found() -> None:
    told = inspected(b"HTTP/1.1 200 OK\r\n\r\n" + pdf(f"INS {NUMBER}"), "a.pdf", ProofKind.DOCUMENT)
    assert (told.refusals, told.personal_data.distinct) == ((), 1)


def test_a_program_behind_a_long_log_is_refused_even_so() -> None:
    content = zipped({"a.log": b"line\n" * MIB, "b.log": PROGRAM})
    told = inspect(io.BytesIO(content), "a.zip", None, ProofKind.LOG, size=MIB)
    assert not told.complete
    assert told.refusals


def test_the_file_is_left_at_its_start() -> None:
    file = io.BytesIO(zipped({"a.log": b"x"}))
    inspect(file, "a.zip", None, ProofKind.LOG)
    assert file.tell() == 0


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"PK\x03\x04", b"%PDF-", b"\x1f\x8b", b"<", b"{", b"\xff\xfe", b"GIF89a"]
)
@pytest.mark.parametrize("kind", [ProofKind.DEMONSTRATION, ProofKind.OTHER])
def test_no_beginning_crashes(content: bytes, kind: ProofKind) -> None:
    inspected(content, "a", kind)


def test_it_knows_nothing_of_the_application_but_the_kinds_of_proofs() -> None:
    package = referencing.files.inspection
    imported = {
        node.module
        for path in Path(package.__path__[0]).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("referencing")
    }
    outside = {module for module in imported if not module.startswith(package.__name__)}
    assert outside == {"referencing.catalogue.proposals"}
