"""Policies are an ordered list; the first that matches the fact, its proof and the proof asked applies."""

from typing import Any

import pytest

from tests.equivalence.engine.minimal import (
    GOAL,
    PAST,
    PAST_PROOF,
    REQUIRED,
    case,
    certificate,
    goal,
    link,
    outcome,
    requirement,
    verification,
)

Json = dict[str, Any]

AUTO, CONFIRM, NEVER = ({"reuse": reuse} for reuse in ("auto", "confirm", "never"))


def judged(*policies: Json) -> Json:
    """A verification of LGC-V1:PAST (guichet CNDA, a log) asked again as LGC-V2:GOAL (ANS, a document)."""
    asked = [requirement(PAST, "01.01", guichet="CNDA", kind="log"), requirement(GOAL, "01.01")]
    facts = [verification(PAST_PROOF, solution="Beta", mode="duo")]
    return goal(case(asked, [link(PAST, GOAL)], facts, policies))


def certified(*policies: Json) -> Json:
    return goal(case(facts=[certificate()], policies=policies))


MATCHING = [
    {},
    {"guichet": "ANS"},
    {"source_guichet": "CNDA"},
    {"chapter": "GOA"},
    {"requirement": "GOAL"},
    {"kind": "document"},
    {"dispositif": "LGC"},
    {"vague": "2"},
    {"mode": "duo"},
    {"case": "inter_vague"},
    {"case": "commercial_name"},
    {"requirement": "GO*"},
    {"kind": "d?c[tu]ment"},
    {"mode": "*"},
    {"case": "inter_*"},
    {"guichet": ["CNDA", "ANS"]},
    {"chapter": ["INS", "G*"]},
    {"case": ["component", "commercial_name"]},
    {"guichet": "ANS", "vague": "2", "case": "inter_vague", "mode": "duo"},
]

NOT_MATCHING = [
    {"guichet": "CNDA"},
    {"source_guichet": "ANS"},
    {"chapter": "PAS"},
    {"requirement": "PAST"},
    {"requirement": "LGC-V2:GOAL"},
    {"kind": "log"},
    {"dispositif": "RIS"},
    {"vague": "1"},
    {"mode": "async"},
    {"mode": ""},
    {"case": "same_dsr"},
    {"case": "inter_dispositif"},
    {"case": "component"},
    {"case": "certificate"},
    {"guichet": "ans"},
    {"requirement": "go*"},
    {"guichet": "AN"},
    {"guichet": ["CNDA", "EDC_PSC"]},
    {"guichet": []},
    {"guichet": "ANS", "vague": "1"},
]


@pytest.mark.parametrize("when", MATCHING, ids=str)
def test_a_policy_whose_every_key_matches_applies(when: Json) -> None:
    assert judged({"when": when, "then": AUTO})["status"] == "covered"


@pytest.mark.parametrize("when", NOT_MATCHING, ids=str)
def test_a_policy_of_which_a_key_does_not_match_does_not_apply(when: Json) -> None:
    assert judged({"when": when, "then": AUTO})["status"] == "required"


@pytest.mark.parametrize(
    ("standing", "status"),
    [
        ("open", "covered"),
        ("referenced", "covered"),
        (None, "covered"),
        ("imported", "to_confirm"),
        ("suspended", "to_confirm"),
        ("refused", "required"),
        ("withdrawn", "required"),
        ("delisted", "required"),
    ],
)
def test_what_became_of_the_dossier_of_a_fact_counts(standing: str | None, status: str) -> None:
    """A fact of which nothing is said comes from a referenced solution."""
    policies = [
        {"when": {"standing": ["delisted", "refused", "withdrawn"]}, "then": NEVER},
        {"when": {"standing": ["suspended", "imp*"]}, "then": CONFIRM},
        {"when": {"standing": ["open", "referenced"]}, "then": AUTO},
    ]
    of_dossier = {} if standing is None else {"standing": standing}
    one = goal(
        case(links=[link(PAST, GOAL)], facts=[verification(PAST_PROOF, **of_dossier)], policies=policies)
    )
    assert one["status"] == status


def test_a_certificate_comes_from_no_dossier() -> None:
    assert outcome(certified({"when": {"standing": "?*"}, "then": AUTO})) == REQUIRED
    assert certified({"when": {"standing": ""}, "then": AUTO})["status"] == "covered"


@pytest.mark.parametrize("mode", ["", "*"])
def test_a_certificate_has_an_empty_mode(mode: str) -> None:
    assert certified({"when": {"mode": mode}, "then": AUTO})["status"] == "covered"


@pytest.mark.parametrize("mode", ["async", "duo", "?*"])
def test_a_certificate_has_no_mode_of_verification(mode: str) -> None:
    assert outcome(certified({"when": {"mode": mode}, "then": AUTO})) == REQUIRED


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        (NEVER, AUTO, "required"),
        (AUTO, NEVER, "covered"),
        (CONFIRM, AUTO, "to_confirm"),
        (AUTO, CONFIRM, "covered"),
    ],
)
def test_the_first_that_matches_applies(first: Json, second: Json, status: str) -> None:
    policies = [{"when": {"guichet": "CNDA"}, "then": NEVER}, {"when": {}, "then": first}]
    assert judged(*policies, {"when": {}, "then": second})["status"] == status


def test_a_policy_that_is_passed_over_leaves_no_age_behind() -> None:
    old = {"when": {"guichet": "CNDA"}, "then": {"reuse": "auto", "max_age_days": 1}}
    assert judged(old, {"when": {}, "then": AUTO})["status"] == "covered"


def test_confirm_says_that_the_policy_asks() -> None:
    assert judged({"when": {}, "then": CONFIRM})["confirm"] == ["policy"]


def test_one_fact_to_confirm_among_others_is_enough() -> None:
    asked = [requirement(code, "01.01") for code in (PAST, "LGC-V1:OTHER", GOAL)]
    facts = [verification(PAST_PROOF, "F1"), verification("LGC-V1:OTHER#01.01", "F2", mode="duo")]
    policies = [{"when": {"mode": "duo"}, "then": CONFIRM}, {"when": {}, "then": AUTO}]
    item = goal(case(asked, [link([PAST, "LGC-V1:OTHER"], GOAL)], facts, policies))
    assert (item["status"], item["confirm"]) == ("to_confirm", ["policy"])


def test_a_longer_way_without_confirmation_is_preferred() -> None:
    """`covered` is tried before anything that a policy asks to confirm, however near."""
    policies = [{"when": {"case": "same_dsr"}, "then": CONFIRM}, {"when": {}, "then": AUTO}]
    facts = [verification(name="F1"), verification(PAST_PROOF, "F2")]
    item = goal(case(links=[link(PAST, GOAL)], facts=facts, policies=policies))
    assert (outcome(item), item["facts"]) == (("covered", "full", 1), ["F2"])


def test_a_full_way_to_confirm_is_preferred_to_a_nearer_partial_one() -> None:
    asked = [requirement(code, "01.01") for code in (PAST, "LGC-V1:FAR", GOAL)]
    links = [link(PAST, GOAL, "subset", "C1"), link("LGC-V1:FAR", "LGC-V1:MID", "equal", "C2")]
    links += [link("LGC-V1:MID", GOAL, "equal", "C3")]
    asked.append(requirement("LGC-V1:MID", "01.01"))
    facts = [verification(PAST_PROOF, "F1"), verification("LGC-V1:FAR#01.01", "F2", mode="duo")]
    policies = [{"when": {"mode": "duo"}, "then": CONFIRM}, {"when": {}, "then": AUTO}]
    item = goal(case(asked, links, facts, policies))
    assert (outcome(item), item["facts"]) == (("to_confirm", "full", 2), ["F2"])


def test_a_fact_to_confirm_is_preferred_to_one_under_review() -> None:
    policies = [{"when": {"mode": "duo"}, "then": CONFIRM}, {"when": {}, "then": AUTO}]
    facts = [verification(name="F1", status="submitted"), verification(name="F2", mode="duo")]
    item = goal(case(facts=facts, policies=policies))
    assert (item["status"], item["facts"]) == ("to_confirm", ["F2"])


# --- the labels that policies may ask for -------------------------------------------------------------------

MSS, OTHER_MSS = {"mss": "NIL-77@4"}, {"mss": "NIL-77@3"}


def labels(source: str, **fact: Any) -> list[str]:
    asked = [requirement(source, "01.01")] if source != GOAL else []
    links = [link(source, GOAL)] if source != GOAL else []
    facts = [verification(f"{source}#01.01", **fact)]
    found: list[str] = goal(case([*asked, requirement(GOAL, "01.01")], links, facts, composition=MSS))[
        "cases"
    ]
    return sorted(found)


@pytest.mark.parametrize(
    ("source", "fact", "expected"),
    [
        (GOAL, {}, ["same_dsr"]),
        ("LGC-V1:PAST", {}, ["inter_vague"]),
        ("RIS-V2:PAST", {}, ["inter_dispositif"]),
        ("RIS-V1:PAST", {}, ["inter_dispositif", "inter_vague"]),
        (GOAL, {"solution": "Beta"}, ["commercial_name", "same_dsr"]),
        (GOAL, {"composition": OTHER_MSS}, ["component", "same_dsr"]),
        (GOAL, {"composition": {}}, ["component", "same_dsr"]),
        (GOAL, {"composition": {**MSS, "dmp": "NIL-88@1"}}, ["component", "same_dsr"]),
        (
            "LGC-V1:PAST",
            {"solution": "Beta", "composition": {}},
            ["commercial_name", "component", "inter_vague"],
        ),
    ],
)
def test_cases_of_a_verification(source: str, fact: Json, expected: list[str]) -> None:
    assert labels(source, **{"composition": MSS, **fact}) == expected


def test_cases_of_a_certificate_leave_name_and_component_out() -> None:
    item = goal(case(facts=[certificate()], composition=MSS, solution="Beta"))
    assert sorted(item["cases"]) == ["certificate", "same_dsr"]


def test_cases_are_the_union_over_the_facts_used() -> None:
    asked = [requirement(code, "01.01") for code in (PAST, "RIS-V2:OTHER", GOAL)]
    facts = [verification(PAST_PROOF, "F1", solution="Beta"), verification("RIS-V2:OTHER#01.01", "F2")]
    item = goal(case(asked, [link([PAST, "RIS-V2:OTHER"], GOAL)], facts))
    assert sorted(item["cases"]) == ["commercial_name", "inter_dispositif", "inter_vague"]
