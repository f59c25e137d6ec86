"""Matricules that are nobody's: those of test patients, which a proof may show.

Three signs, the first being what the agency defined for that:
1. the authority that assigns it, an OID written beside it;
2. being published as a specimen;
3. a rank of birth that its commune cannot have reached. This one is a heuristic.
There is no reserved range: a test matricule has the structure and the key of a real one.
"""

import re
from enum import Enum, auto


class Authority(Enum):
    REAL = auto()
    FICTITIOUS = auto()


# ANS, "INS – Liste des OID des autorités d'affectation des INS"; the last two in Interop-Sante/hl7.fhir.fr.core#284.
ARC = "1.2.250.1.213.1.4."
_AUTHORITIES = {
    "8": Authority.REAL,  # INS-NIR
    "9": Authority.REAL,  # INS-NIA
    "10": Authority.FICTITIOUS,  # INS-NIR of test
    "11": Authority.FICTITIOUS,  # INS-NIR of demonstration
    "13": Authority.REAL,  # NIR as a social security number
    "14": Authority.REAL,  # NIA as a social security number
}
# S2 is the mark of it in the datamatrix of an identity.
_OID = re.compile(rf"(?:(?<![0-9.])|(?<=S2)){re.escape(ARC)}({'|'.join(_AUTHORITIES)})(?![0-9])")

NEIGHBOURHOOD = 200
"""Characters on each side of a matricule within which its authority is looked for."""

# An HL7 repetition or field, an XML tag, a JSON object, a line, a value of flattened XML: the authority of
# another number stands beyond one of these. So it does beyond that other number.
_VALUE_ENDS = re.compile(r"[|~<>{}\x1f\r\n]|[0-9]{13}")
_RECORD_ENDS = re.compile(r"[\r\n]|[0-9]{13}")
# Pretty-printed FHIR puts them on two lines of one object.
_JSON_AFTER = re.compile(r'"\s*,\s*"system"\s*:\s*"(?:urn:oid:)?')
_JSON_BEFORE = re.compile(r'"\s*,\s*"value"\s*:\s*"$')
_OID_LENGTH = len(ARC) + 3  # and what follows it, which would make it another


def authority(text: str, start: int, end: int) -> Authority | None:
    """The authority of the matricule that stands between the two positions, when the text says it beside.

    Where it names several, a real one prevails.
    """
    before, after = text[max(0, start - NEIGHBOURHOOD) : start], text[end : end + NEIGHBOURHOOD]
    for reach in (_same_value, _same_json_object, _same_record):
        earlier, later = reach(before, after)
        arcs = _OID.findall(earlier)[-1:] + _OID.findall(later)[:1]
        if arcs:
            named = {_AUTHORITIES[arc] for arc in arcs}
            return Authority.REAL if Authority.REAL in named else Authority.FICTITIOUS
    return None


def _same_value(before: str, after: str) -> tuple[str, str]:
    """An HL7 component, an XML tag, a line."""
    return _last_part(before, _VALUE_ENDS), _VALUE_ENDS.split(after, maxsplit=1)[0]


def _same_json_object(before: str, after: str) -> tuple[str, str]:
    precedes, follows = _JSON_BEFORE.search(before), _JSON_AFTER.match(after)
    return (
        before[: precedes.start()][-_OID_LENGTH:] if precedes else "",
        after[follows.end() :][:_OID_LENGTH] if follows else "",
    )


def _same_record(before: str, after: str) -> tuple[str, str]:
    """The values of one parent in flattened XML: INSi answers number, key and OID in elements of their own."""
    if "\x1f" not in before + after:
        return "", ""
    return _last_part(before, _RECORD_ENDS), _RECORD_ENDS.split(after, maxsplit=1)[0]


def _last_part(text: str, ends: re.Pattern[str]) -> str:
    *_, last = ends.split(text)
    return last


_SPECIMENS = {
    # PAT-TROIS Dominique: the CI-SIS examples (ansforge/TestContenuCDA-3-0, ansforge/hl7V2-exemples).
    "279035121518989",
    # DURAND Nathalie: the Vitale card on the health insurance's own pictures of it.
    "269054958815780",
    # The number that explanations of the number use (Wikipédia, betagouv/nir_validate).
    "255081416802538",
}

# Where the test patients of INSi and of the DMP are born (ADRUN Zoé, CORSE Anthony, ECETINSI Pierre-Alain,
# NESSI Michelangelo, PAT-TROIS, TCHITCHI Catarina, ...): Mazoires and Aregno. The rank counts the births of one
# commune in one month; villages of a hundred and of some hundred people have no hundredth. The test service
# answers these with the real OID, so the first sign would not do.
_TEST_COMMUNES = {"63220", "20020", "2A020", "2B020"}
_IMPOSSIBLE_RANK = 100


def is_fictitious(written: str) -> bool:
    """Whether the fifteen characters alone show it."""
    commune, rank = written[5:10], int(written[10:13])
    return written in _SPECIMENS or (commune in _TEST_COMMUNES and rank >= _IMPOSSIBLE_RANK)
