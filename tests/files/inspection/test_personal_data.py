"""Every kind of file is searched for matricules, whole or saying that it was not; no report shows one."""

import base64
import io
import json
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referencing.files.inspection import personal_data
from referencing.files.inspection.budget import MIB, Budget
from referencing.files.inspection.content_type import detect
from referencing.files.inspection.personal_data import PersonalDataReport, search
from tests.files.inspection.numbers import bodies, grouped, with_key
from tests.files.inspection.samples import HL7, encrypted_zip, image, odf, ooxml, pdf, tarred, zipped

BODY = "1840588321025"
NUMBER = with_key(BODY)
KEY = NUMBER[13:]
SPACED = f"1 84 05 88 321 025 {KEY}"
TEST, REAL = "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.8"


def report(content: bytes, budget: Budget | None = None) -> PersonalDataReport:
    file = io.BytesIO(content)
    return search(file, detect(file), budget)


def places(content: bytes) -> list[tuple[str, int]]:
    told = report(content)
    assert told.complete
    return [(finding.where, finding.count) for finding in told.findings]


def cda(oid: str, body: bytes = b"") -> bytes:
    return (
        f'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole>'
        f'<id extension="{NUMBER}" root="{oid}"/></patientRole></recordTarget><component><nonXMLBody>'
        f'<text mediaType="application/pdf" representation="B64">{base64.b64encode(body).decode()}</text>'
        f"</nonXMLBody></component></ClinicalDocument>"
    ).encode()


def hl7(oid: str, document: bytes = b"") -> bytes:
    pid = f"PID|1||IPP1^^^CHU&1.2.3&ISO^PI~{NUMBER}^^^ASIP-SANTE-INS-NIR&{oid}&ISO^INS||DUPONT\r"
    obx = f"OBX|1|ED|11502-2||^TEXT^XML^Base64^{base64.b64encode(document).decode()}|||\r"
    return HL7.split(b"\r")[0] + b"\r" + pid.encode() + obx.encode()


def mail(attachment: bytes, name: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@x.mssante.fr", "b@y.mssante.fr", "XDM/1.0/DDM"
    message.set_content("Bonjour")
    message.add_attachment(attachment, maintype="application", subtype="zip", filename=name)
    return message.as_bytes()


FHIR = {"resourceType": "Patient", "identifier": [{"system": f"urn:oid:{REAL}", "value": NUMBER}]}


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (f"a\nb\nINS {SPACED} fin\n".encode(), "ligne 3"),
        (f"nom;ins\nDUPONT;{NUMBER}\n".encode("utf-16"), "ligne 2"),
        (f"été;1\u00a084\u00a005\u00a088\u00a0321\u00a0025\u00a0{KEY};\n".encode("latin-1"), "ligne 1"),
        (json.dumps(FHIR, indent=2).encode(), "ligne 6"),
        (json.dumps({"nir": SPACED.replace(" ", "\u00a0")}).encode(), "ligne 1"),
        (hl7(REAL), "ligne 2"),
        (cda(REAL), "/ClinicalDocument/recordTarget/patientRole/id"),
        (f"<a><b>{NUMBER}</a>".encode(), "ligne 1"),  # not well-formed
        (f"<html><body><p>{SPACED.replace(' ', '&nbsp;')}</p>".encode(), "ligne 1"),
        (pdf("rien", f"Patient {SPACED}"), "page 2"),
        (zipped({"a/b.log": f"x\n{NUMBER}".encode()}), "a/b.log, ligne 2"),
        (tarred({"b.xml": cda(REAL)}, "w:gz"), "b.xml, /ClinicalDocument/recordTarget/patientRole/id"),
        (zipped({"c.pdf": pdf(f"Patient {NUMBER}")}), "c.pdf, page 1"),
        (zipped({"i.zip": zipped({"d.txt": NUMBER.encode()})}), "i.zip/d.txt, ligne 1"),
        (zipped({f"{NUMBER}.txt": b"x"}), f"1************{KEY}.txt (nom)"),
        (
            ooxml("word", {"word/document.xml": f"<w:p xmlns:w='w'><w:r><w:t>{NUMBER}</w:t></w:r></w:p>".encode()}),
            "word/document.xml, /p",
        ),
        (odf("text", {"content.xml": f"<a><p>{SPACED}</p></a>".encode()}), "content.xml, /a/p"),
        (hl7(TEST, b"rien").replace(b"rien", b""), None),
        (hl7("1.2.3", cda(REAL, b"x" * 400)), "ligne 2"),
        (cda("1.2.3", pdf(f"Patient {NUMBER}")), "/ClinicalDocument/recordTarget/patientRole/id"),
        (
            mail(zipped({"IHE_XDM/SUBSET01/DOC1.XML": cda(REAL)}), "IHE_XDM.ZIP"),
            "contenu encodé, IHE_XDM/SUBSET01/DOC1.XML, /ClinicalDocument/recordTarget/patientRole/id",
        ),
    ],
)  # fmt: skip
def test_it_is_found_in_every_kind_of_file(content: bytes, where: str | None) -> None:
    found = places(content)
    assert [place for place, _ in found] == ([where] if where else [])
    assert NUMBER not in repr(report(content))


@pytest.mark.parametrize(
    "content", [cda(TEST), hl7(TEST), zipped({"a.xml": cda(TEST)}), mail(cda(TEST), "a.xml")]
)
def test_a_test_patient_does_not_flag(content: bytes) -> None:
    assert places(content) == []


def test_what_one_member_shows_to_be_fictitious_is_so_in_the_others() -> None:
    assert places(zipped({"trace.log": f"patient {NUMBER}".encode(), "cr.xml": cda(TEST)})) == []


def test_a_large_xml_is_read_as_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal_data, "_LARGEST_XML", 100)
    told = report(f"<a>\n<c>{NUMBER}</c>{' ' * 100}</a>".encode())
    assert [finding.where for finding in told.findings] == ["ligne 2"]
    assert (told.complete, told.notes) == (
        False,
        ("Un XML est trop volumineux pour être lu comme tel : il n'a été parcouru que comme un texte.",),
    )


def test_entities_are_not_expanded() -> None:
    entities = "".join(f'<!ENTITY e{n} "&e{n - 1};&e{n - 1};">' for n in range(1, 40))
    told = report(f'<!DOCTYPE a [<!ENTITY e0 "x">{entities}]><a>&e39; {NUMBER}</a>'.encode())
    assert [finding.where for finding in told.findings] == ["ligne 1"]


@pytest.mark.parametrize(
    ("content", "complete", "protected", "note"),
    [
        (b"rien", True, False, None),
        (image("PNG"), True, False, "Ce que montrent les images et les vidéos n'est pas parcouru."),
        (
            pdf("x", ""),
            True,
            False,
            "Pages de PDF sans texte, des images sans doute, qui n'ont pas été parcourues : 1.",
        ),
        (
            pdf("x", password="secret"),
            False,
            True,
            "Un contenu est protégé par un mot de passe : il n'a pas été parcouru.",
        ),
        (
            encrypted_zip({"a.txt": b"x"}),
            False,
            True,
            "Un contenu est protégé par un mot de passe : il n'a pas été parcouru.",
        ),
        (
            b"%PDF-1.7\n" + b"x" * 100,
            False,
            False,
            "Un PDF est abîmé ou illisible : son texte n'a pas été parcouru en entier.",
        ),
        (
            b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(30),
            False,
            False,
            "Un contenu d'un format qui n'est pas lu ici n'a pas été parcouru.",
        ),
        (zipped({"a.txt": b"abc" * 100})[:-30], False, False, "Le fichier n'a pas été parcouru en entier."),
    ],
)
def test_what_was_not_read_is_said(content: bytes, complete: bool, protected: bool, note: str | None) -> None:
    told = report(content)
    assert (told.complete, told.protected) == (complete, protected)
    assert told.notes == ((note,) if note else ())


def test_beyond_the_budget_what_was_found_stands() -> None:
    told = report(NUMBER.encode() + b"\n" + b"x" * MIB, Budget(size=MIB // 2))
    assert (len(told.findings), told.complete) == (1, False)
    assert told.notes == ("Le fichier n'a pas été parcouru en entier.",)


def test_beyond_the_time_too() -> None:
    clock = iter(range(10_000))
    told = report(b"x" * (4 * MIB), Budget(seconds=5, clock=lambda: float(next(clock))))
    assert not told.complete


def test_contents_within_contents_have_an_end() -> None:
    content = pdf("Patient " + NUMBER)
    for _ in range(6):
        content = b'{"document": "' + base64.b64encode(content) + b'"}'
    told = report(content)
    assert not told.complete
    assert told.notes == ("Des contenus sont imbriqués trop profondément pour être parcourus.",)


def test_many_numbers_are_counted_and_the_first_told() -> None:
    numbers = "\n".join(with_key(f"18405883{number}") for number in range(21001, 21151))
    told = report(numbers.encode())
    assert (len(told.findings), told.distinct) == (100, 150)
    assert told.notes == ("Des 150 numéros différents, seuls les 100 premiers sont cités.",)


def test_a_member_too_large_to_be_copied_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal_data, "_LARGEST_COPY", 10)
    told = report(zipped({"a.txt": b"x" * 11}))
    assert (told.complete, told.notes) == (
        False,
        ("Un fichier contenu est trop volumineux pour être parcouru.",),
    )


@settings(deadline=None, max_examples=30)
@given(st.data(), bodies)
def test_no_report_shows_the_number(data: st.DataObject, body: str) -> None:
    written = data.draw(grouped(with_key(body)))
    for content in (
        f"INS : {written}\n".encode(),
        f"<a><n{body} x='{with_key(body)}'/></a>".encode(),
        zipped({f"{with_key(body)}/{written}.txt": written.encode()}),
    ):
        told = report(content)
        assert told.distinct == 1
        assert body not in repr(told)
        assert written not in repr(told)
