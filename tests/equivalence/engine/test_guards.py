"""Each guard, made to fail alone by the smallest case, and the last day on which it holds."""

from typing import Any

import pytest

from tests.equivalence.engine.minimal import (
    COVERED_DIRECTLY,
    GOAL,
    GOAL_PROOF,
    PAST,
    PAST_PROOF,
    REQUIRED,
    TODAY,
    TOMORROW,
    YESTERDAY,
    case,
    certificate,
    goal,
    link,
    outcome,
    requirement,
    verification,
)

Json = dict[str, Any]

MSS = {"mss": "NIL-77@4"}
OTHER_MSS = {"mss": "NIL-77@3"}


def direct(**fact: Any) -> Json:
    return case(facts=[verification(**fact)])


def certified(**fact: Any) -> Json:
    return case(facts=[certificate(**fact)])


def with_roles(composition: Json, now: Json, *, source: str = "", target: str = "") -> Json:
    """The proof verified and the proof asked, each depending on one role or none."""
    asked = [
        requirement(PAST, "01.01", roles=[source] if source else []),
        requirement(GOAL, "01.01", roles=[target] if target else []),
    ]
    facts = [verification(PAST_PROOF, composition=composition)]
    return case(asked, [link(PAST, GOAL)], facts, composition=now)


def aged(day: str, days: int, deposited_on: str | None = None, **policy: Any) -> Json:
    then = {"reuse": "auto", "max_age_days": days, **policy}
    return case(
        facts=[verification(date=day)], policies=[{"when": {}, "then": then}], deposited_on=deposited_on
    )


def under(*policies: Json) -> Json:
    return case(facts=[verification()], policies=policies)


NEVER = {"when": {}, "then": {"reuse": "never"}}
CNDA_ONLY = {"when": {"guichet": "CNDA"}, "then": {"reuse": "auto"}}

FAILING = {
    "revoked": ("revoked", direct(revoked_on=YESTERDAY)),
    "revoked on the day": ("revoked", direct(revoked_on=TODAY)),
    "certificate revoked": ("revoked", certified(revoked_on=TODAY)),
    "verified tomorrow": ("not_yet", direct(date=TOMORROW)),
    "certificate from tomorrow": ("not_yet", certified(valid_from=TOMORROW)),
    "rejected": ("rejected", direct(status="rejected")),
    "expired": ("expired", certified(valid_until=YESTERDAY)),
    "expired on the day": ("expired", certified(valid_until=TODAY)),
    "role of the proof asked": ("component:mss", with_roles(OTHER_MSS, MSS, target="mss")),
    "role of the proof verified": ("component:mss", with_roles(OTHER_MSS, MSS, source="mss")),
    "role filled by nobody then": ("component:mss", with_roles({}, MSS, target="mss")),
    "role filled by nobody now": ("component:mss", with_roles(MSS, {}, target="mss")),
    "no policy": ("policy_never", under()),
    "no policy matches": ("policy_never", under(CNDA_ONLY)),
    "the policy says never": ("policy_never", under(NEVER)),
    "submitted, the policy says never": (
        "policy_never",
        case(facts=[verification(status="submitted")], policies=[NEVER]),
    ),
    "a day too old": ("too_old", aged("2026-02-01", 28)),
    "a day too old at the deposit": ("too_old", aged("2026-02-01", 13, "2026-02-15")),
    "certificate too old": (
        "too_old",
        case(
            facts=[certificate(valid_from="2026-02-01")],
            policies=[{"when": {}, "then": {"reuse": "auto", "max_age_days": 28}}],
        ),
    ),
}

HOLDING = {
    "a verification": direct(),
    "a certificate": certified(),
    "revoked tomorrow": direct(revoked_on=TOMORROW),
    "certificate revoked tomorrow": certified(revoked_on=TOMORROW),
    "verified today": direct(date=TODAY),
    "certificate from today": certified(valid_from=TODAY),
    "expires tomorrow": certified(valid_until=TOMORROW),
    "as old as may be": aged("2026-02-01", 29),
    "as old as may be at the deposit, older since": aged("2026-02-01", 14, "2026-02-15"),
    "verified after the deposit": aged("2026-02-20", 0, "2026-02-15"),
    "another component for a role that does not count": case(
        facts=[verification(composition=OTHER_MSS)], composition=MSS
    ),
    "the same component": case(
        [requirement(GOAL, "01.01", roles=["mss"])], facts=[verification(composition=MSS)], composition=MSS
    ),
    "a role that the product itself fills, then and now": case(
        [requirement(GOAL, "01.01", roles=["mss"])], facts=[verification()]
    ),
    "certificate of the product, for a role that a component fills": case(
        [requirement(GOAL, "01.01", roles=["mss"])], facts=[certificate()], composition=MSS
    ),
    "certificate of a component": case(facts=[certificate(holder="NIL-77@4")], composition=MSS),
}

#: Not of the same product, nor a certificate of its holders: no help, and no business of this editor's.
STRANGERS = {
    "verification of another product": direct(product="NIL-2"),
    "certificate of another product": certified(holder="NIL-2"),
    "certificate of another version of the component": case(
        facts=[certificate(holder="NIL-77@3")], composition=MSS
    ),
}


@pytest.mark.parametrize(("code", "one"), FAILING.values(), ids=FAILING)
def test_a_guard_that_fails_alone_blocks_the_fact_under_its_own_code(code: str, one: Json) -> None:
    item = goal(one)
    assert outcome(item) == REQUIRED
    assert item["blocked"] == [{"fact": "F1", "reasons": [code]}]


@pytest.mark.parametrize("one", HOLDING.values(), ids=HOLDING)
def test_a_fact_that_passes_all_guards_covers(one: Json) -> None:
    assert outcome(goal(one)) == COVERED_DIRECTLY


@pytest.mark.parametrize("one", STRANGERS.values(), ids=STRANGERS)
def test_a_stranger_neither_helps_nor_is_shown(one: Json) -> None:
    item = goal(one)
    assert outcome(item) == REQUIRED
    assert item["blocked"] == []


def test_every_guard_that_fails_is_reported() -> None:
    one = case(
        [requirement(GOAL, "01.01", roles=["mss", "dmp"])],
        facts=[verification(revoked_on=TODAY, status="rejected", composition=OTHER_MSS, date="2025-01-01")],
        policies=[{"when": {}, "then": {"reuse": "never", "max_age_days": 30}}],
        composition={**MSS, "dmp": "NIL-88@1"},
    )
    (blocked,) = goal(one)["blocked"]
    assert sorted(blocked["reasons"]) == [
        "component:dmp",
        "component:mss",
        "policy_never",
        "rejected",
        "revoked",
        "too_old",
    ]


def test_intermediate_proofs_carry_no_guard() -> None:
    """The role of the middle proof has changed hands, and its guichet allows nothing."""
    middle = "LGC-V1:MIDDLE"
    asked = [
        requirement(PAST, "01.01"),
        requirement(middle, "01.01", roles=["mss"], guichet="CNDA"),
        requirement(GOAL, "01.01"),
    ]
    one = case(
        asked,
        [link(PAST, middle, name="C1"), link(middle, GOAL, name="C2")],
        [verification(PAST_PROOF, composition=OTHER_MSS)],
        [
            {"when": {"guichet": "CNDA"}, "then": {"reuse": "never"}},
            {"when": {"source_guichet": "CNDA"}, "then": {"reuse": "never"}},
            {"when": {}, "then": {"reuse": "auto"}},
        ],
        composition=MSS,
    )
    assert outcome(goal(one)) == ("covered", "full", 2)


COVERS = {
    "all of them": ([{}], True),
    "the requirement": ([{"requirement": "GOAL"}], True),
    "a glob": ([{"requirement": "G*L"}], True),
    "one of several": ([{"chapter": "INS"}, {"dsr": "LGC-V2"}], True),
    "every key": ([{"dsr": "LGC-*", "chapter": "GOA", "requirement": "GO??"}], True),
    "a key that does not match": ([{"dsr": "LGC-V2", "chapter": "INS"}], False),
    "another case": ([{"requirement": "goal"}], False),
    "a part of the name": ([{"requirement": "GO"}], False),
    "the full code": ([{"requirement": "LGC-V2:GOAL"}], False),
    "nothing": ([], False),
}


@pytest.mark.parametrize(("covers", "speaks"), COVERS.values(), ids=COVERS)
def test_a_certificate_speaks_for_what_its_kind_covers(covers: list[Json], speaks: bool) -> None:
    item = goal(case(facts=[certificate()], kinds=[{"kind": "DMN", "covers": covers}]))
    assert outcome(item) == (COVERED_DIRECTLY if speaks else REQUIRED)


def test_a_certificate_of_a_kind_that_nobody_describes_speaks_for_nothing() -> None:
    assert outcome(goal(case(facts=[certificate(kind="STLC")]))) == REQUIRED


def test_a_verification_speaks_for_its_own_proof_alone() -> None:
    asked = [requirement(GOAL, "01.01", "01.02")]
    assert outcome(goal(case(asked, facts=[verification("LGC-V2:GOAL#01.02")]))) == REQUIRED


@pytest.mark.parametrize(("reuse", "confirm"), [("auto", []), ("confirm", ["policy"])])
def test_a_submitted_proof_is_awaited(reuse: str, confirm: list[str]) -> None:
    policies = [{"when": {}, "then": {"reuse": reuse}}]
    item = goal(case(facts=[verification(GOAL_PROOF, status="submitted")], policies=policies))
    assert (outcome(item), item["confirm"]) == (("awaiting", "full", 0), confirm)
