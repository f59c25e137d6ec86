"""The sentences that say why an item stands as it does."""

from datetime import date

import pytest

from referencing.equivalence.engine.explanation import explain, in_french, lacking, named, reason_of
from referencing.equivalence.engine.facts import Certificate, Circumstances, Fact, FactStatus, Verification
from referencing.equivalence.engine.formats import dump_item, read_item
from referencing.equivalence.engine.resolution import Blocked, Item, Leaf, Status, Step, Strength

GOAL = "LGC-V2:INS/va1.60#01.01"
PAST, OTHER = "LGC-V1:INS.32#01.01", "LGC-V1:INS.33#01.01"


def verification(name: str = "F1", proof: str = PAST, status: FactStatus = FactStatus.VERIFIED) -> Fact:
    return Verification(name, proof, Circumstances("NIL-1", "Alpha", status, "async", date(2026, 3, 1)))


CERTIFICATE = Certificate("F9", "CNDA-DMP", "messagerie@1.0", date(2025, 12, 31))


def told(item: Item, *facts: Fact) -> list[str]:
    return explain(item, {fact.id: fact for fact in facts})


def step(*sources: str, clause: str = "C1", relation: str = "equal") -> Step:
    facts = {PAST: "F1", OTHER: "F2"}
    return Step(GOAL, clause, relation, tuple(Leaf(source, facts[source]) for source in sources))


def reused(status: Status, derivation: Step | Leaf, *confirm: str) -> Item:
    strength = Strength.PARTIAL if "partial" in confirm else Strength.FULL
    return Item(GOAL, status, strength, derivation=derivation, confirm=confirm)


def test_a_covered_item_tells_the_finding_and_the_rule() -> None:
    assert told(reused(Status.COVERED, step(PAST)), verification()) == [
        "Couverte : rien n'est à fournir.",
        f"Pour {PAST} : la vérification de {PAST} du 1er mars 2026, conforme (solution « Alpha »).",
        f"{PAST} demande la même chose que {GOAL} (selon la correspondance « C1 »).",
    ]


def test_what_was_verified_for_the_very_proof_needs_no_rule() -> None:
    assert told(reused(Status.COVERED, Leaf(GOAL, "F1")), verification(proof=GOAL)) == [
        "Couverte : rien n'est à fournir.",
        f"Pour {GOAL} : la vérification de {GOAL} du 1er mars 2026, conforme (solution « Alpha »).",
    ]


def test_joint_sources_are_told_together() -> None:
    item = reused(Status.COVERED, step(PAST, OTHER, relation="superset"))
    assert told(item, verification(), verification("F2", OTHER))[-1] == (
        f"Ensemble, {PAST} et {OTHER} demandent au moins autant que {GOAL} (selon la correspondance « C1 »)."
    )


@pytest.mark.parametrize(
    ("relation", "words"),
    [
        ("equal", "demande la même chose que"),
        ("superset", "demande au moins autant que"),
        ("subset", "demande une partie de ce que demande"),
        ("intersects", "recoupe ce que demande"),
    ],
)
def test_each_relation_has_its_words(relation: str, words: str) -> None:
    item = reused(Status.COVERED, step(PAST, relation=relation))
    assert told(item, verification())[-1].startswith(f"{PAST} {words} {GOAL}")


def test_a_shared_text_is_named_as_a_socle() -> None:
    item = reused(Status.COVERED, step(PAST, clause="socle:SC.INS/01"))
    assert told(item, verification())[-1].endswith("(par le socle SC.INS/01).")


def test_a_chain_is_told_from_the_finding_on() -> None:
    middle = Step("SC.INS/01#01.01", "socle:SC.INS/01", "equal", (Leaf(PAST, "F1"),))
    item = reused(Status.COVERED, Step(GOAL, "socle:SC.INS/01", "equal", (middle,)))
    assert [sentence.split(" ")[0] for sentence in told(item, verification())[1:]] == [
        "Pour",
        PAST,
        "SC.INS/01#01.01",
    ]


@pytest.mark.parametrize(
    ("confirm", "sentence"),
    [
        ("partial", "La confirmation est nécessaire parce que l'équivalence n'est que partielle."),
        ("policy", "La confirmation est nécessaire parce que la politique de réemploi la demande."),
    ],
)
def test_what_is_to_confirm_says_why(confirm: str, sentence: str) -> None:
    sentences = told(reused(Status.TO_CONFIRM, step(PAST), confirm), verification())
    assert sentences[0] == (
        "Rien n'est à fournir pour l'instant : un vérificateur doit confirmer le réemploi."
    )
    assert sentences[-1] == sentence


def test_what_is_awaited_is_named_as_under_review() -> None:
    item = reused(Status.AWAITING, step(PAST))
    assert told(item, verification(status=FactStatus.SUBMITTED))[:2] == [
        "En attente : une preuve en cours d'examen pourra servir ici.",
        f"Pour {PAST} : la preuve déposée pour {PAST} le 1er mars 2026 (solution « Alpha »), "
        "en cours d'examen.",
    ]


def test_a_required_item_that_nothing_concerns_says_so() -> None:
    assert told(Item(GOAL, Status.REQUIRED)) == [
        "À fournir : aucune preuve déjà connue ne suffit.",
        "Aucune preuve vérifiée de ce logiciel ne répond à cette exigence.",
    ]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("revoked", "elle a été révoquée"),
        ("not_yet", "elle n'a pas encore pris effet"),
        ("rejected", "elle n'a pas été trouvée conforme"),
        ("expired", "elle n'est plus valide"),
        ("policy_never", "la politique de réemploi l'exclut dans ce cas"),
        ("too_old", "elle est trop ancienne"),
        ("component:mss", "le composant « mss » n'est pas le même"),
    ],
)
def test_a_finding_that_cannot_serve_says_why(reason: str, words: str) -> None:
    item = Item(GOAL, Status.REQUIRED, blocked=(Blocked("F1", (reason,)),))
    assert told(item, verification())[1:] == [
        f"Ne peut servir ici : la vérification de {PAST} du 1er mars 2026, conforme (solution « Alpha ») "
        f"— {words}."
    ]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("revoked", "il a été révoqué"),
        ("not_yet", "il n'a pas encore pris effet"),
        ("expired", "il n'est plus valide"),
        ("policy_never", "la politique de réemploi l'exclut dans ce cas"),
        ("too_old", "il est trop ancien"),
    ],
)
def test_a_certificate_that_cannot_serve_says_why(reason: str, words: str) -> None:
    item = Item(GOAL, Status.REQUIRED, blocked=(Blocked("F9", (reason,)),))
    assert told(item, CERTIFICATE)[1:] == [
        "Ne peut servir ici : le certificat CNDA-DMP de messagerie@1.0, valable depuis le 31 décembre 2025 "
        f"— {words}."
    ]


def test_several_reasons_and_several_facts_are_all_told() -> None:
    blocked = (Blocked("F1", ("rejected",)), Blocked("F9", ("expired", "too_old")))
    item = Item(GOAL, Status.REQUIRED, blocked=blocked)
    sentences = told(item, verification(status=FactStatus.REJECTED), CERTIFICATE)
    assert len(sentences) == 3
    assert "non conforme" in sentences[1]
    assert sentences[2].endswith("— il n'est plus valide ; il est trop ancien.")


def test_a_certificate_is_named_with_its_holder() -> None:
    assert named(CERTIFICATE) == (
        "le certificat CNDA-DMP de messagerie@1.0, valable depuis le 31 décembre 2025"
    )


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 3, 1), "1er mars 2026"),
        (date(2026, 8, 2), "2 août 2026"),
        (date(2025, 12, 31), "31 décembre 2025"),
        (date(2024, 2, 29), "29 février 2024"),
    ],
)
def test_days_are_written_as_in_french(day: date, words: str) -> None:
    assert in_french(day) == words


@pytest.mark.parametrize("fact", [verification(), CERTIFICATE], ids=["verification", "certificate"])
@pytest.mark.parametrize(
    "code", ["revoked", "not_yet", "rejected", "expired", "policy_never", "too_old", "component:mss"]
)
def test_whatever_blocks_a_fact_it_is_said_why_and_what_is_missing(code: str, fact: Fact) -> None:
    assert reason_of(code, fact)
    assert lacking(code, fact, {"mss": "messagerie@2.0"})


def test_a_component_that_differs_is_named_on_both_sides() -> None:
    said = lacking("component:mss", verification(), {"mss": "messagerie@2.0"})
    assert "avec le logiciel seul, la solution embarque messagerie@2.0" in said


@pytest.mark.parametrize(
    "item",
    [
        reused(Status.COVERED, step(PAST, OTHER, relation="superset")),
        reused(Status.TO_CONFIRM, Leaf(GOAL, "F1"), "partial", "policy"),
        Item(GOAL, Status.REQUIRED, blocked=(Blocked("F1", ("revoked", "component:mss")),)),
        Item(GOAL, Status.REQUIRED),
    ],
)
def test_an_answer_that_was_stored_is_read_as_it_was(item: Item) -> None:
    assert read_item(dump_item(item)) == item
