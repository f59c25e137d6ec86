"""Sentences of an import for the person who sent the file: refusals of the whole, problems of one row."""

from collections.abc import Mapping
from dataclasses import dataclass

from referencing.base.errors import Invalid


class ForeignFile(Invalid):
    """A file that is not what it should be; `detail` tells a person, in French, what to do about it."""


class ForeignWorkbook(ForeignFile):
    """Not a workbook in the Convergence export layout, or not one that can be opened safely."""


class ForeignTable(ForeignFile):
    """Not a CSV file with the columns expected, or not one that can be read to its end."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A problem of one row, or a note on it; `row` counts from 1 and the headings are a row."""

    row: int
    code: str  # stable, for programs
    detail: str


# Sentences by code. A sentence says what is wrong, what was made of it and, where it helps, what to do.
SENTENCES: Mapping[str, str] = {
    # --- the layout
    "headings_below": "Les titres des colonnes sont à la ligne {row} : ce qui est au-dessus n'est pas lu.",
    "headings_repeated": "La ligne répète les titres des colonnes : elle n'est pas lue.",
    "columns_missing": "La feuille n'a pas {columns} : ce que ces colonnes diraient reste inconnu.",
    "table_total": "La ligne est le total d'un tableau : elle n'est pas lue.",
    # --- a cell
    "cell_error": "La colonne « {column} » porte l'erreur {value} : la cellule est lue comme vide.",
    "cell_formula": (
        "La colonne « {column} » porte une formule sans valeur enregistrée : la cellule est lue comme vide. "
        "Remplacer la formule par sa valeur."
    ),
    "cell_formula_value": (
        "La colonne « {column} » porte une formule : la valeur {value}, calculée au dernier enregistrement, est lue."
    ),
    "cell_date": (
        "La colonne « {column} » porte une date, sans doute un numéro que le tableur a transformé : "
        "la cellule est lue comme vide. Mettre la colonne au format texte et saisir à nouveau le numéro."
    ),
    "cell_number": (
        "La colonne « {column} » porte le nombre {value} et non un texte : vérifier qu'aucun zéro n'y manque."
    ),
    "cell_too_long": "La colonne « {column} » dépasse {limit} caractères : le texte est coupé.",
    # --- a requirement
    "code_missing": "La ligne n'a pas d'ID : elle est laissée de côté.",
    "code_invalid": "L'ID {value} est inutilisable, {fault} : la ligne est laissée de côté.",
    "requirement_differs": (
        "L'exigence {value} n'a pas le même contenu qu'aux lignes précédentes dans la colonne « {column} » : "
        "le premier contenu rencontré est gardé."
    ),
    "requirement_without_proof": "L'exigence {value} n'attend aucune preuve : elle ne donne rien à fournir.",
    "text_missing": "L'exigence {value} n'a pas d'énoncé.",
    "profile_missing": "L'exigence {value} n'a pas de profil : elle est rangée dans le profil Général.",
    "criticality_unknown": "L'exigence {value} a pour criticité {found}. Sont connues : {known}.",
    # --- a proof
    "scenario_without_proof": "Le scénario {value} n'a pas de preuve sur cette ligne.",
    "proof_number_missing": "La preuve n'a pas de numéro : elle est laissée de côté.",
    "proof_number_invalid": (
        "Le numéro de preuve {value} est inutilisable, {fault} : la preuve est laissée de côté."
    ),
    "proof_number_foreign": (
        "Le numéro de preuve {value} ne commence pas par l'ID de l'exigence : il est gardé en entier."
    ),
    "proof_text_missing": "La preuve {value} n'a pas d'énoncé.",
    "proof_repeated": (
        "La preuve {value} est déjà donnée à la ligne {first}, avec {sameness} : "
        "cette ligne-ci ne compte pas."
    ),
    # --- a socle link
    "socle_missing": "L'exigence {value} est donnée sans socle : la ligne est laissée de côté.",
    "socle_invalid": "Le code de socle {value} est inutilisable, {fault} : la ligne est laissée de côté.",
    "socle_conflict": (
        "L'exigence {value} est déjà rattachée autrement à la ligne {first} : cette ligne-ci ne compte pas."
    ),
    "texte_unknown": (
        "La colonne « texte » porte {value} : « identique » ou « surchargée » est attendu. "
        "La ligne est laissée de côté."
    ),
    "requirement_unknown": "L'exigence {value} n'est pas dans cette version du DSR : son rattachement ne sert à rien.",
    "vague_unreadable": "La vague {value} n'est pas un nombre entier : la ligne est laissée de côté.",
}


def problem(row: int, code: str, **words: object) -> RowProblem:
    """The problem of that code; `words` fill its sentence."""
    return RowProblem(row, code, SENTENCES[code].format(row=row, **words))
