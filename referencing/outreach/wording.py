"""A letter's template: which words of it are filled in, and what is filled in. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import Formatter

from referencing.base.french import counted

#: What a template may name, with what takes its place.
PLACEHOLDERS = {
    "editeur": "le nom de l'éditeur",
    "solutions": "une ligne pour chacun de ses logiciels et chaque DSR",
    "preuves": "le nombre de preuves déjà couvertes, toutes lignes ensemble",
}
#: The one without which the letter tells an editor nothing of its own.
NEEDED = "solutions"

SUBJECT = "Ce que vos référencements couvrent déjà"
TEXT = """Bonjour,

Selon les règles de réemploi, des preuves déjà vérifiées, pour les logiciels de {editeur} ou des
logiciels reconnus identiques, compteraient pour d'autres référencements :

{solutions}

Nombre de preuves pour lesquelles rien ne serait à fournir de nouveau : {preuves}. Une candidature se prépare depuis
votre espace.
"""


@dataclass(frozen=True, slots=True)
class Line:
    """What a letter says of a software on a DSR."""

    software: str
    dsr: str
    covered: int
    to_confirm: int
    total: int

    def __str__(self) -> str:
        confirm = f", {self.to_confirm} à confirmer" if self.to_confirm else ""
        covered = counted(self.covered, "couverte")
        return f"- {self.software}, {self.dsr} : {covered}{confirm}, sur {self.total}"


def fault(template: str) -> str | None:
    """What is wrong with a template, in French; None for a good one."""
    try:
        named = [part[1:] for part in Formatter().parse(template) if part[1] is not None]
    except ValueError:
        return "Une accolade est seule : doublez-la (« {{ », « }} ») si elle est voulue."
    fields = [field for field, _, _ in named]
    plain = not any(form or conversion for _, form, conversion in named)
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    unknown = next((field for field in fields if field not in PLACEHOLDERS), None)
    if unknown is not None or not plain:
        return f"« {{{unknown or '…'}}} » n'est pas connu : écrivez {known}."
    if NEEDED not in fields:
        return f"La lettre doit dire de quoi il s'agit : écrivez {{{NEEDED}}} où ses lignes iront."
    return None


def filled(template: str, editor: str, lines: Sequence[Line]) -> str:
    """The letter to an editor, of a template without fault."""
    return template.format(
        editeur=editor,
        solutions="\n".join(map(str, lines)),
        preuves=sum(line.covered for line in lines),
    )
