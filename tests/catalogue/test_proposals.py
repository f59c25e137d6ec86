"""What a proof's text proposes: the order of the rules, and their agreement with the real lists."""

import pytest

from referencing.catalogue.proposals import Guichet, ProofKind, Proposal, propose

from .workbooks import needs_real_cases, real_list, real_requirements


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Une vidéo de la recherche d'un patient", ProofKind.DEMONSTRATION),
        ("VIDEOS du parcours", ProofKind.DEMONSTRATION),
        ("Deux copies d’écran de la fiche", ProofKind.DEMONSTRATION),
        ("Capture de la page d'accueil", ProofKind.DEMONSTRATION),
        ("De\u0301monstration\u00a0du refus", ProofKind.DEMONSTRATION),
        ("Logs du serveur", ProofKind.LOG),
        ("Le journal des appels", ProofKind.LOG),
        ("Trace de l'envoi", ProofKind.LOG),
        ("Message reçu (source SMTP)", ProofKind.LOG),
        ("Procédure de restauration", ProofKind.DOCUMENT),
        ("Documentation de l'installateur", ProofKind.DOCUMENT),
        ("Extrait de configuration du pare-feu", ProofKind.DOCUMENT),
        ("Rapport de reprise des données", ProofKind.DOCUMENT),
        ("Rapport Gazelle du test d'envoi", ProofKind.TEST_REPORT),
        ("Rapport de validation du compte rendu", ProofKind.TEST_REPORT),
        ("Attestation de l'hébergeur", ProofKind.CERTIFICATE),
        ("Copie de l'homologation", ProofKind.CERTIFICATE),
        ("Agrément en cours de validité", ProofKind.CERTIFICATE),
        ("Synthèse du test d'intrusion", ProofKind.PENTEST),
        ("Nombre de postes installés", ProofKind.OTHER),
        ("", ProofKind.OTHER),
    ],
)
def test_the_words_of_the_text_give_the_kind(text: str, kind: ProofKind) -> None:
    assert propose(text, "INS").kind is kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Attestation de l'auditeur du test d'intrusion", ProofKind.PENTEST),
        ("Procédure, ou attestation qu'elle est sans objet", ProofKind.CERTIFICATE),
        ("Rapport de validation et copie d'écran de la plateforme", ProofKind.TEST_REPORT),
        ("Vidéo de l'envoi, et trace de l'accusé", ProofKind.DEMONSTRATION),
        ("Vidéo ou documentation", ProofKind.DEMONSTRATION),
        ("Fichier de log", ProofKind.LOG),
    ],
)
def test_of_several_kinds_the_stronger_is_proposed(text: str, kind: ProofKind) -> None:
    assert propose(text, "INS").kind is kind


@pytest.mark.parametrize("text", ["Logo de l'éditeur sur le logiciel", "Retracer la courbe"])
def test_a_word_inside_another_says_nothing(text: str) -> None:
    assert propose(text, "INS").kind is ProofKind.OTHER


@pytest.mark.parametrize(
    ("text", "guichet"),
    [
        ("Autorisation délivrée par le CNDA", Guichet.CNDA),
        ("autorisation cnda", Guichet.CNDA),
        ("Convention avec l'Espace de confiance PSC", Guichet.EDC_PSC),
        ("Convention EDC\u00a0PSC", Guichet.EDC_PSC),
        ("Vidéo de la connexion avec PSC", Guichet.ANS),
        ("Vidéo de la recherche", Guichet.ANS),
    ],
)
def test_the_guichet_is_the_one_that_the_text_names(text: str, guichet: Guichet) -> None:
    assert propose(text, "PSC").guichet is guichet


@pytest.mark.parametrize(
    ("chapter", "roles"), [("MSS", ("mss",)), ("DMP", ("dmp",)), ("PSC", ("psc",)), ("INS", ()), ("", ())]
)
def test_the_chapter_gives_the_functions_that_a_component_may_fill(
    chapter: str, roles: tuple[str, ...]
) -> None:
    assert propose("Une vidéo", chapter).roles == roles


@pytest.mark.parametrize(
    ("text", "duo"), [("Une vidéo", True), ("Un log", False), ("Une attestation", False)]
)
def test_a_demonstration_may_be_shown_live(text: str, duo: bool) -> None:
    assert propose(text, "INS").duo is duo


# --- the real lists -----------------------------------------------------------------------------------------

DSRS = ("LGC-V1", "LGC-V2", "DPI-V2", "DB-V2")


def compared() -> list[tuple[Proposal, dict[str, object]]]:
    """What is proposed for each proof of the real lists, and what the cases made of them say."""
    cases = real_requirements()
    return [
        (propose(proof.text, entry.chapter), expected)
        for dsr in DSRS
        for entry, case in zip(real_list(dsr).requirements, cases[dsr], strict=True)
        for proof, expected in zip(entry.proofs, case["proofs"], strict=True)
    ]


@needs_real_cases
def test_guichets_and_roles_agree_with_the_real_cases() -> None:
    for proposal, expected in compared():
        assert (proposal.guichet, list(proposal.roles)) == (expected["guichet"], expected["roles"])


@needs_real_cases
def test_kinds_agree_with_the_real_cases_but_for_three_of_eight_hundred() -> None:
    pairs = compared()
    agreed = sum(proposal.kind == expected["kind"] for proposal, expected in pairs)
    assert (len(pairs), agreed) == (800, 797)
