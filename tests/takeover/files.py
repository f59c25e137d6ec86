"""Files of past referencings, as a spreadsheet saves them."""

from tests.candidatures.dossiers import ALIZE, OLD_IDENTITY

HEADINGS = (
    "Organisation;SIREN;NIL;Logiciel;Solution;Composition;DSR;Version du DSR;Profils;Déposée le;Référencée le;"
    "Preuve;Résultat;Vérifiée le;Test réalisé le"
)
WORDS = {
    "Organisation": ALIZE,
    "NIL": "NIL-STOCK",
    "Logiciel": "Alizé Cabinet",
    "Solution": "Alpha",
    "DSR": "LGC-V1",
    "Référencée le": "15/02/2024",
    "Preuve": OLD_IDENTITY,
    "Résultat": "conforme",
}


def row(**words: str) -> str:
    """A row of a referencing without fault, but for these words; spaces of the headings are written `_`."""
    told = WORDS | {heading.replace("_", " "): word for heading, word in words.items()}
    return ";".join(f'"{told.get(heading, "")}"' for heading in HEADINGS.split(";"))


def going_on(proof: str, outcome: str, found_on: str = "", performed_on: str = "") -> str:
    """A row that says nothing but the outcome of a proof."""
    before = ";" * HEADINGS.count(";", 0, HEADINGS.index("Preuve"))
    return f"{before}{proof};{outcome};{found_on};{performed_on}"


def sheet(*rows: str, encoding: str = "utf-8-sig") -> bytes:
    return "\n".join([HEADINGS, *rows]).encode(encoding)
