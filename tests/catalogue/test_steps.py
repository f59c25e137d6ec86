"""The steps that a scenario numbers, as the real lists write them."""

import pytest

from referencing.catalogue.steps import prerequisites_of, steps_of

WRITTEN = {
    "a line each": ("Etapes :\n1. Préparer.\n2. Envoyer.", ["Préparer.", "Envoyer."]),
    "on one line": ("suivant : 1 : Recevoir 2 : Montrer", ["Recevoir", "Montrer"]),
    "without a space": ("*Etapes : 1.Préparer. 2.Envoyer.", ["Préparer.", "Envoyer."]),
    "by name": ("Étape 1 : Saisir\nétape 2 : Valider", ["Saisir", "Valider"]),
    "with brackets": ("1) Créer\n2) Modifier\n3) Lire", ["Créer", "Modifier", "Lire"]),
    "glued by the export": (
        "Etapes :1. Montrer le CDA2. Demander3. Fermer",
        ["Montrer le CDA", "Demander", "Fermer"],
    ),
    "over several lines": ("1. Afficher\nla page\n 2. La fermer", ["Afficher la page", "La fermer"]),
    "with a version in a step": ("1. Ouvrir en TLS 1.2\n2. Fermer", ["Ouvrir en TLS 1.2", "Fermer"]),
    "with a colon in a step": (
        "1. Le champ From: est rempli\n2. Envoyer",
        ["Le champ From: est rempli", "Envoyer"],
    ),
    "after codes of requirements": (
        "[MSS1] : ECO.1.1.1 et ECO.1.1.2\n1. Lire\n2. Écrire",
        ["Lire", "Écrire"],
    ),
    "twice: the longer list": ("1. a\n2. b\nSinon :\n1. c\n2. d\n3. e", ["c", "d", "e"]),
}
NONE = [
    "",
    "Chercher un patient par son nom.",
    "Etapes : 1. Une seule chose.",
    "Etapes du scénario : ouvrir un ongletLe fermer",
    "(retour 00 - trouvée / ou retour 01 - aucune / ou retour 02 - plusieurs)",
    "2. Sans commencement\n3. Ni fin",
    "* Vérifie ECO.1.1.1 et ECO.1.1.2 en TLS 1.2",
]


@pytest.mark.parametrize(("scenario", "steps"), WRITTEN.values(), ids=WRITTEN)
def test_numbered_steps_are_read_in_order(scenario: str, steps: list[str]) -> None:
    assert list(steps_of(scenario)) == steps


@pytest.mark.parametrize(
    ("scenario", "prerequisites"),
    [
        ("Pré-requis : le résultat est en écart 1 : Réception 2 : Montrer", ["le résultat est en écart"]),
        (
            "Etapes : 1. Montrer le respect du prérequis du scénario : Un document a été stocké dans le DMP "
            "*Afficher les champs2. Demander l'affichage",
            ["Un document a été stocké dans le DMP"],
        ),
        ("PREREQUIS : un lecteur physiqueEtapes de la vidéo : 1. Ouvrir", ["un lecteur physique"]),
        ("Prérequis : une version 1.2 du DMP.Accéder au dossier.", ["une version 1.2 du DMP"]),
        ("Toutes les conditions du prérequis sont réunies.", []),
        ("Chercher un patient.", []),
    ],
)
def test_what_must_be_there_before_is_read_up_to_the_steps(scenario: str, prerequisites: list[str]) -> None:
    assert list(prerequisites_of(scenario)) == prerequisites


@pytest.mark.parametrize("scenario", NONE)
def test_a_scenario_that_numbers_nothing_has_no_steps(scenario: str) -> None:
    assert steps_of(scenario) == ()
