"""XML made flat: numbers whose parts, or whose authority, stand in elements and attributes apart."""

import pytest

from referencing.files.inspection.identifiers.tally import Finding, Tally
from referencing.files.inspection.identifiers.xml_text import search_xml
from tests.files.inspection.numbers import with_key

BODY = "1840588321025"
NUMBER = with_key(BODY)
KEY = NUMBER[13:]
TEST, REAL = "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.8"


def searched(text: str, piece: int = 10_000) -> tuple[Finding, ...]:
    tally, content = Tally(), text.encode()
    assert search_xml((content[start : start + piece] for start in range(0, len(content), piece)), tally, "")
    return tally.findings()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (f"<a><c>{NUMBER}</c></a>", "/a/c"),
        (f"<a><c x='{NUMBER}'/></a>", "/a/c"),
        (f"<a x='{NUMBER}'/>", "/a"),
        (f"<a><c>1</c><c>84</c><c>05</c><c>88</c><c>321</c><c>025</c><c>{KEY}</c></a>", "/a/c"),
        (f"<a><c><d>{BODY}</d>\n  <e>{KEY}</e></c></a>", "/a/c/d"),
        (f"<n:a xmlns:n='urn:x'><n:c>{NUMBER}</n:c></n:a>", "/a/c"),
        (f"<a><c>18405<b>88321</b>025{KEY}</c></a>", "/a/c"),
        (f"<w:p xmlns:w='urn:w'><w:r><w:t>1840588</w:t></w:r><w:r><w:t>321025{KEY}</w:t></w:r></w:p>", "/p"),
        (f"<a><![CDATA[INS {NUMBER}]]></a>", "/a"),
        (f"<a>1&#160;84&#160;05&#160;88&#160;321&#160;025&#160;{KEY}</a>", "/a"),
        (f"<a><!-- {NUMBER} --></a>", "/a"),
        (f"<a><?note {NUMBER}?></a>", "/a/note"),
        (f"<a>{'<c>text</c>' * 20_000}<c>{NUMBER}</c></a>", "/a/c"),
    ],
)
@pytest.mark.parametrize("piece", [7, 100_000])
def test_it_is_found_where_it_stands(text: str, where: str, piece: int) -> None:
    [finding] = searched(text, piece)
    assert (finding.where, finding.count) == (where, 1)


@pytest.mark.parametrize("text", [f"<a><c>12</c><c>{NUMBER[2:]}</c></a>", f"<a><c>9{NUMBER}</c></a>"])
def test_what_other_values_say_makes_no_number(text: str) -> None:
    assert not searched(text)


INSI = """<?xml version="1.0" encoding="UTF-8"?>
<S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body>
<RESULTAT xmlns="http://www.cnamts.fr/INSiResultat"><INDIVIDU><INSACTIF>
<IdIndividu><NumIdentifiant>{body}</NumIdentifiant><Cle>{key}</Cle></IdIndividu>
<OID>{oid}</OID></INSACTIF><TIQ><NomNaissance>X</NomNaissance></TIQ></INDIVIDU></RESULTAT>
</S:Body></S:Envelope>"""
CDA = """<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole>
<id root="1.2.250.1.999" extension="IPP1"/><id root="{oid}" extension="{number}"/>
<telecom value="mailto:{number}@patient.mssante.fr"/></patientRole></recordTarget></ClinicalDocument>"""
FHIR = """<Patient xmlns="http://hl7.org/fhir"><identifier><use value="official"/>
<system value="urn:oid:{oid}"/><value value="{number}"/></identifier></Patient>"""


@pytest.mark.parametrize("document", [INSI, CDA, FHIR])
def test_the_authority_of_test_patients_is_seen_beside(document: str) -> None:
    filled = {"number": NUMBER, "body": BODY, "key": KEY}
    assert not searched(document.format(oid=TEST, **filled))
    assert len(searched(document.format(oid=REAL, **filled))) == 1


def test_the_answer_of_insi_names_the_element() -> None:
    [finding] = searched(INSI.format(body=BODY, key=KEY, oid=REAL))
    assert finding.where == "/Envelope/Body/RESULTAT/INDIVIDU/INSACTIF/IdIndividu/NumIdentifiant"


@pytest.mark.parametrize(
    "text",
    [
        f"<a>{NUMBER}</a",
        f"{NUMBER}",
        f"<a>{NUMBER}<c></a>",
        f'<!DOCTYPE a [<!ENTITY n "{NUMBER}">]><a>&n;</a>',
        f'<!DOCTYPE a [<!ATTLIST c n CDATA "{NUMBER}">]><a><c/></a>',
        f'<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a>{NUMBER}</a>',
        f"<a>{NUMBER}</a><a/>",
        f"{'<a>' * 1000}{NUMBER}{'</a>' * 1000}",
        f"<?xml version='1.0' encoding='x-none'?><a>{NUMBER}</a>",
        "",
    ],
)
def test_what_is_not_to_be_parsed_is_left_to_the_search_in_texts(text: str) -> None:
    tally = Tally()
    assert not search_xml([text.encode()], tally, "")
    assert not tally.findings()
