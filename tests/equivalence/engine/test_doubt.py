"""A certificate that its issuer's list speaks against is looked at before it is reused, whatever the policy."""

from datetime import date
from typing import Any

import pytest

from referencing.equivalence.engine.explanation import explain
from referencing.equivalence.engine.facts import Certificate, Doubt
from referencing.equivalence.engine.formats import (
    read_certificate_kind,
    read_correspondence,
    read_fact,
    read_policy,
    read_requirement,
    read_target,
)
from referencing.equivalence.engine.knowledge import Knowledge
from referencing.equivalence.engine.resolution import Item, Status, resolve
from tests.equivalence.engine.minimal import ALWAYS, case, certificate, verification

CONFIRM = [{"when": {}, "then": {"reuse": "confirm"}}]
NEVER: list[dict[str, Any]] = [{"when": {}, "then": {"reuse": "never"}}]


def answered(*facts: Any, policies: list[dict[str, Any]] = ALWAYS) -> Item:
    """The only item of the smallest case; certificates called D… are in doubt."""
    asked = case(facts=list(facts), policies=policies)
    knowledge = Knowledge.of(
        date.fromisoformat(asked["as_of"]),
        map(read_requirement, asked["requirements"]),
        map(read_correspondence, asked["correspondences"]),
        map(read_certificate_kind, asked["certificate_kinds"]),
        map(read_policy, asked["policies"]),
    )
    read = [read_fact(fact) for fact in asked["facts"]]
    known = [
        fact._replace(doubt=Doubt.ABSENT) if isinstance(fact, Certificate) and fact.id[0] == "D" else fact
        for fact in read
    ]
    (item,) = [one for one in resolve(knowledge, known, read_target(asked)).items if one.facts or one.blocked]
    return item


def test_it_is_to_confirm_where_it_would_cover() -> None:
    assert answered(certificate("C1")).status is Status.COVERED
    doubted = answered(certificate("D1"))
    assert (doubted.status, doubted.confirm, doubted.facts) == (Status.TO_CONFIRM, ("policy",), ("D1",))


@pytest.mark.parametrize(
    "other", [certificate("C1"), certificate("C1", valid_from="2020-01-01"), verification(name="F1")]
)
def test_what_is_not_in_doubt_comes_first(other: dict[str, Any]) -> None:
    item = answered(certificate("D1"), other)
    assert (item.status, item.facts) == (Status.COVERED, (other["id"],))


def test_where_a_verifier_looks_anyway_nothing_changes() -> None:
    assert answered(certificate("D1"), policies=CONFIRM) == answered(
        certificate("C1"), policies=CONFIRM
    )._replace(
        facts=("D1",),
        derivation=answered(certificate("D1")).derivation,
    )


def test_a_doubt_makes_nothing_reusable() -> None:
    assert answered(certificate("D1"), policies=NEVER).status is Status.REQUIRED
    assert answered(certificate("D1", revoked_on="2026-01-01")).status is Status.REQUIRED


def test_the_explanation_names_the_list_and_not_the_policy() -> None:
    fact = Certificate("D1", "CNDA-DMP", "NIL-1", date(2026, 1, 1), doubt=Doubt.DIFFERS)
    said = explain(answered(certificate("D1")), {"D1": fact})
    assert said[-1] == (
        "La confirmation est nécessaire parce que le certificat CNDA-DMP de NIL-1, valable depuis le 1er janvier 2026, "
        "a un autre titulaire ou d'autres dates sur la dernière liste importée de son émetteur."
    )
    assert not any("politique" in sentence for sentence in said)
