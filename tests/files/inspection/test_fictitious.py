"""Which numbers are nobody's: by the authority written beside, by publication, by an impossible rank."""

import pytest

from referencing.files.inspection.identifiers.fictitious import Authority, authority, is_fictitious
from tests.files.inspection.numbers import with_key

NUMBER, OTHER = with_key("1840588321025"), with_key("2551083321026")
REAL, TEST, DEMONSTRATION = "1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11"


def who_assigns(text: str) -> Authority | None:
    start = text.index(NUMBER)
    return authority(text, start, start + len(NUMBER))


@pytest.mark.parametrize(
    "text",
    [
        "PID|1||{number}^^^ASIP-SANTE-INS-NIR&{oid}&ISO^INS||PAT-TROIS",
        "<id extension='{number}' root='{oid}'/>",
        "<id root='{oid}' extension='{number}'/>",
        "{number}^^^&amp;{oid}&amp;ISO^NH",
        '{{"system": "urn:oid:{oid}", "value": "{number}"}}',
        '{{"value": "{number}", "system": "urn:oid:{oid}"}}',
        '"system": "urn:oid:{oid}",\n      "value": "{number}"',
        '"value" : "{number}",\r\n  "system" : "urn:oid:{oid}"',
        "IS01010000S1{number}S2{oid}S3DOMINIQUE",  # the datamatrix of an identity
        "{number}\x1f{oid}",
        "\x1f{number}\x1f1979-03-28\x1f{oid}\n",
    ],
)
@pytest.mark.parametrize(
    ("oid", "expected"),
    [
        (REAL, Authority.REAL),
        ("1.2.250.1.213.1.4.9", Authority.REAL),
        ("1.2.250.1.213.1.4.13", Authority.REAL),
        ("1.2.250.1.213.1.4.14", Authority.REAL),
        (TEST, Authority.FICTITIOUS),
        (DEMONSTRATION, Authority.FICTITIOUS),
        ("1.2.250.1.213.1.4.100", None),
        ("1.2.250.1.71.4.2.1", None),
    ],
)
def test_the_authority_is_read_where_each_format_writes_it(
    text: str, oid: str, expected: Authority | None
) -> None:
    assert who_assigns(text.format(number=NUMBER, oid=oid)) is expected


@pytest.mark.parametrize(
    "text",
    [
        f"{OTHER}^^^X&{TEST}&ISO^INS~{NUMBER}^^^X&1.2.3&ISO",  # another repetition
        f"<id extension='{OTHER}' root='{TEST}'/><id extension='{NUMBER}'/>",
        f'{{"system": "urn:oid:{TEST}", "value": "{OTHER}"}}, {{"value": "{NUMBER}"}}',
        f"{OTHER};{TEST}\n{NUMBER};DUPONT",  # another line
        f"{NUMBER} {OTHER} {TEST}",  # another number's
        f"{NUMBER}{' ' * 300}{TEST}",  # far away
    ],
)
def test_the_authority_of_another_number_does_not_count(text: str) -> None:
    assert who_assigns(text) is None


def test_of_two_authorities_the_real_one_prevails() -> None:
    assert who_assigns(f"{TEST} {NUMBER} {REAL}") is Authority.REAL


@pytest.mark.parametrize(
    "written",
    [
        "279035121518989",  # PAT-TROIS Dominique, in the examples of the CI-SIS
        "277076322082910",  # PAT-TROIS Dominique, in the examples of HL7 messages, with the real OID
        "269054958815780",  # DURAND Nathalie, on the Vitale card
        "255081416802538",
        "275126322074974",  # ADRUN Zoé
        "109076322083489",  # ECETINSI Pierre-Alain
        "110086322083060",  # NESSI Michelangelo
        "180032B02040123",  # CORSE Anthony
        "297022A02077878",  # ADRTROIS Dominique
        "236066322083656",  # TCHITCHI Catarina
    ],
)
def test_published_test_patients_are_known(written: str) -> None:
    assert is_fictitious(written)


@pytest.mark.parametrize("body", ["1840563220012", "1840563221834", "184052B021401", "1840588321834"])
def test_a_rank_that_the_commune_may_reach_shows_nothing(body: str) -> None:
    assert not is_fictitious(with_key(body))
