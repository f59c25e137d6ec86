"""A verdict step by step, where the scenario numbers its steps."""

from typing import Any

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.base.permissions import Role
from referencing.catalogue.models import ExpectedProof
from tests.candidatures.dossiers import OLD_IDENTITY, Dossier, People, verdict

SCENARIO = "Etapes :\n1. Chercher le patient.\n2. Afficher son identité."


@pytest.fixture
def task(dossier: Dossier) -> Any:
    """The verifier has it; its scenario has two steps."""
    with db.transaction(dossier.people.parts.sessions) as session:
        asked = sa.update(ExpectedProof).where(ExpectedProof.code == OLD_IDENTITY)
        session.execute(asked.values(scenario_text=SCENARIO))
    return dossier.people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)


def steps(*outcomes: str, comment: str = "") -> list[dict[str, Any]]:
    return [
        {"step": number, "outcome": outcome, "comment": comment if outcome != "conform" else ""}
        for number, outcome in enumerate(outcomes, 1)
    ]


def refused(people: People, task: Any, words: dict[str, Any]) -> list[tuple[str, str]]:
    problem = people.verifier.refused(422, "POST", f"/tasks/{task['id']}/verdict", json=words)
    return [(error["pointer"], error["detail"]) for error in problem["errors"]]


def test_a_task_lists_the_steps_of_its_scenario(task: Any) -> None:
    assert task["scenario_steps"] == ["Chercher le patient.", "Afficher son identité."]


def test_a_scenario_without_steps_lists_none(people: People, dossier: Dossier) -> None:
    assert people.verifier.get(f"/tasks/{dossier.task(OLD_IDENTITY)}")["scenario_steps"] == []


def test_steps_are_kept_and_shown_to_the_editor_in_order(people: People, dossier: Dossier, task: Any) -> None:
    given = steps("conform", "nonconform", comment="Le prénom manque.")
    words = {**verdict(task, "nonconform", "Voir l'étape 2."), "steps": given[::-1]}
    people.verifier.post(f"/tasks/{task['id']}/verdict", words, status=200)
    assert dossier.item(OLD_IDENTITY)["verdict"]["steps"] == given


def test_steps_may_be_left_out(people: People, dossier: Dossier, task: Any) -> None:
    people.verifier.post(f"/tasks/{task['id']}/verdict", verdict(task), status=200)
    assert dossier.item(OLD_IDENTITY)["verdict"]["steps"] == []


@pytest.mark.parametrize(
    "given",
    [
        steps("conform"),
        steps("conform", "conform", "conform"),
        [*steps("conform"), *steps("conform")],
        [{"step": 2, "outcome": "conform"}, {"step": 3, "outcome": "conform"}],
    ],
    ids=["too few", "too many", "one twice", "another"],
)
def test_with_steps_all_of_them_are_given(people: People, task: Any, given: list[dict[str, Any]]) -> None:
    ((pointer, detail),) = refused(people, task, {**verdict(task), "steps": given})
    assert (pointer, detail) == ("/steps", "Donnez chacune des 2 étapes, une seule fois.")


def test_the_whole_must_agree_with_its_steps(people: People, dossier: Dossier, task: Any) -> None:
    given = steps("conform", "complement", comment="Montrez la date.")
    ((pointer, detail),) = refused(people, task, {**verdict(task), "steps": given})
    assert (pointer, detail) == ("/outcome", "L'ensemble n'est conforme que si chaque étape l'est.")
    assert dossier.item(OLD_IDENTITY)["state"] == "under_review"


def test_a_step_that_is_not_conform_is_explained(people: People, task: Any) -> None:
    words = {**verdict(task, "nonconform"), "steps": steps("conform", "nonconform")}
    assert [pointer for pointer, _ in refused(people, task, words)] == ["/steps/1/comment"]


def test_a_scenario_without_steps_takes_none(people: People, dossier: Dossier) -> None:
    task = people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)
    words = {**verdict(task), "steps": steps("conform", "conform")}
    assert [pointer for pointer, _ in refused(people, task, words)] == ["/steps"]


def test_steps_of_a_first_reader_wait_with_the_finding_and_stand_with_it(
    people: People, dossier: Dossier, task: Any
) -> None:
    people.lead.put("/second-reading-rates", {"rate": 100})
    given = steps("conform", "conform")
    people.verifier.post(f"/tasks/{task['id']}/verdict", {**verdict(task), "steps": given}, status=200)
    assert dossier.item(OLD_IDENTITY)["verdict"] is None

    colleague = people(Role.VERIFIER, "Colin")
    taken = colleague.post("/queues/second_reading/claims")
    colleague.post(f"/tasks/{taken['id']}/verdict", verdict(taken), status=200)
    assert dossier.item(OLD_IDENTITY)["verdict"]["steps"] == given
