"""What a check of a rulebook finds, one rule of it at a time; and what it must not depend on."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import combinations
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referencing.equivalence.engine.facts import (
    CertificateKind,
    Correspondence,
    Policy,
    Relation,
    Requirement,
    Reuse,
)
from referencing.equivalence.engine.formats import (
    read_certificate_kind,
    read_correspondence,
    read_policy,
    read_requirement,
)
from referencing.equivalence.rulebooks.checks.checks import findings_of
from referencing.equivalence.rulebooks.checks.findings import Finding, Severity
from referencing.equivalence.rulebooks.rulebooks import POLICY_KEYS, Rules
from tests.conftest import SHARED
from tests.effort import calls_of
from tests.equivalence.engine.minimal import requirement

AUTO, CONFIRM = Policy({}, Reuse.AUTO), Policy({}, Reuse.CONFIRM)
REAL = SHARED / "equivalence" / "cases" / "real-lgc-v1-to-lgc-v2.json"


def asked(
    code: str, *suffixes: str, socle: str | None = None, identical: bool = True, guichet: str = "ANS"
) -> Requirement:
    fidelity = {"socle": socle, "socle_fidelity": "identical" if identical else "overridden"} if socle else {}
    return read_requirement(requirement(code, *(suffixes or ("01.01",)), guichet=guichet, **fidelity))


A, B, C, D = (asked(f"LGC-V{1 + rank // 2}:{name}") for rank, name in enumerate("ABCD"))
KNOWN = [A, B, C, D]


def rule(name: str, source: str, relation: str, target: str, **days: Any) -> Correspondence:
    """Codes are letters: `A` is the requirement, `A#01.01` its proof, `A+B` both jointly."""
    full = {one.code: one.full_code for one in KNOWN}
    sources = tuple(full[code[0]] + code[1:] for code in source.split("+"))
    return Correspondence(name, sources, full[target[0]] + target[1:], Relation(relation), **days)


def found(
    *rules: Correspondence,
    known: Sequence[Requirement] = KNOWN,
    policies: Iterable[Policy] = (CONFIRM,),
    kinds: Iterable[CertificateKind] = (),
) -> list[Finding]:
    """Without what is only worth knowing, and without what policies do not speak of, which has tests of its own."""
    every = findings_of(Rules(rules, tuple(kinds), tuple(policies)), known)
    return [one for one in every if one.severity is not Severity.INFO and one.code != "standing_unsaid"]


def codes(findings: Iterable[Finding]) -> list[tuple[str, str, str]]:
    return [(one.pointer, one.code, one.severity.value) for one in findings]


#: What cannot all be true: the last rule denies what the others say together.
CONTRADICTIONS = {
    "equal to equal": ["A equal B", "B equal C", "A none C"],
    "within within": ["A subset B", "B subset C", "A none C"],
    "of one that holds both": ["A superset B", "C superset B", "A none C"],
    "an overlap within": ["A intersects B", "B subset C", "A none C"],
    "said the other way round": ["B superset A", "B none A"],
    "said of one of several": ["A+B subset C", "A none C"],
    "denied of several": ["A equal C", "A+B none C"],
    "of a proof of it": ["A#01.01 equal C#01.01", "A none C"],
    "of the namesakes": ["A equal B", "B equal C", "A#01.01 none C#01.01"],
    "of itself": ["A none A"],
}
#: What can.
CONSISTENT = {
    "overlaps of overlaps": ["A intersects B", "B intersects C", "A none C"],
    "both within a third": ["A subset B", "C subset B", "A none C"],
    "a part of what overlaps": ["A intersects B", "C subset B", "A none C"],
    "several hold it, one does not": ["A+B superset C", "A none C"],
    "the more precise of two": ["A equal C", "A#01.01 none C#01.01"],
    "another proof of it": ["A#01.01 equal C#01.01", "A#01.02 none C#01.01"],
}


def written(lines: list[str]) -> list[Correspondence]:
    return [rule(f"R{rank}", *line.split()) for rank, line in enumerate(lines)]


@pytest.mark.parametrize("lines", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_contradiction_is_an_error_at_the_rule_that_denies(lines: list[str]) -> None:
    rules = written(lines)
    last = len(rules) - 1
    assert (f"/correspondences/{last}", "contradiction", "error") in codes(found(*rules))


@pytest.mark.parametrize("lines", CONSISTENT.values(), ids=CONSISTENT)
def test_what_can_all_be_true_is_no_contradiction(lines: list[str]) -> None:
    assert "contradiction" not in {one.code for one in found(*written(lines))}


def test_the_path_of_a_contradiction_names_each_rule_on_it_and_no_other() -> None:
    rules = written(["A equal B", "B equal C", "C intersects D", "A none C"])
    (finding,) = found(*rules)
    assert [name in finding.detail for name in ("(R0)", "(R1)", "(R2)", "« R3 »")] == [
        True,
        True,
        False,
        True,
    ]


def test_rules_that_never_hold_on_one_day_do_not_contradict_each_other() -> None:
    turn, end = date(2026, 6, 1), date(2026, 7, 1)
    denial = rule("N", "A", "none", "C", valid_from=turn)
    assert found(rule("E", "A", "equal", "C", valid_until=turn), denial) == []
    assert len(found(rule("E", "A", "equal", "C", valid_until=end), denial)) == 1


def test_what_descends_from_one_socle_word_for_word_is_the_same() -> None:
    one, other = asked("LGC-V1:A", socle="SC.1"), asked("LGC-V2:C", socle="SC.1")
    own = asked("LGC-V2:C", socle="SC.1", identical=False)
    denial = rule("N", "A", "none", "C")
    assert [one.code for one in found(denial, known=[one, other])] == ["contradiction"]
    both = [asked("LGC-V1:A", socle="SC.1", identical=False), own]
    assert found(denial, known=both) == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("LGC-V1:X", [("/correspondences/0/from/0", "unknown_code", "warning")]),
        ("LGC-V1:A#09.09", [("/correspondences/0/from/0", "unknown_code", "warning")]),
        ("DPI-V9:X", []),
        ("LGC-V1:A", []),
    ],
)
def test_a_code_that_a_published_dsr_does_not_have_is_a_warning(
    code: str, expected: list[tuple[str, str, str]]
) -> None:
    assert codes(found(Correspondence("R", (code,), C.full_code, Relation.EQUAL))) == expected


def test_rules_that_wait_for_a_dsr_are_counted() -> None:
    rules = tuple(Correspondence(f"R{n}", ("DPI-V9:X",), C.full_code, Relation.EQUAL) for n in range(3))
    (one,) = [f for f in findings_of(Rules(rules, (), (CONFIRM,)), KNOWN) if f.code == "unpublished_dsr"]
    assert one.severity is Severity.INFO
    assert one.detail.startswith("3 règles")
    assert "DPI-V9" in one.detail


def test_a_certificate_that_covers_a_dsr_that_nobody_published_is_told() -> None:
    kinds = (CertificateKind("ABC", ({"dsr": "LGC-*"}, {"dsr": "NOPE-V9", "requirement": "X*"})),)
    (one,) = [f for f in findings_of(Rules((), kinds, (CONFIRM,)), KNOWN) if f.code == "unpublished_dsr"]
    assert (one.pointer, one.severity) == ("/certificate_kinds/0/covers/1", Severity.INFO)
    assert "« NOPE-V9 »" in one.detail


def test_a_rule_that_ends_where_it_starts_proves_nothing() -> None:
    assert codes(found(rule("R", "A+C", "superset", "C"))) == [
        ("/correspondences/0", "useless_cycle", "warning")
    ]


def test_rules_that_go_round_where_no_proof_enters_are_named() -> None:
    rules = [
        Correspondence("R0", ("LGC-V1:X",), "LGC-V1:Y", Relation.EQUAL),
        Correspondence("R1", ("LGC-V1:Y",), "LGC-V1:X", Relation.EQUAL),
    ]
    (cycle,) = [one for one in found(*rules) if one.code == "useless_cycle"]
    assert "R0, R1" in cycle.detail
    entering = rule("R2", "A", "equal", "A")
    fed = Correspondence("R2", entering.sources, "LGC-V1:X", Relation.EQUAL)
    assert "useless_cycle" not in {one.code for one in found(*rules, fed)}


def test_two_rules_that_lead_from_one_known_requirement_to_another_and_back_prove_something() -> None:
    assert found(rule("R0", "A", "equal", "C"), rule("R1", "C", "equal", "A")) == []


def test_requirements_that_no_rule_reaches_are_counted_by_dsr_and_some_named() -> None:
    many = [asked(f"LGC-V2:N.{number:02}") for number in range(30)]
    kinds = (CertificateKind("DMN", ({"requirement": "N.00"},)),)
    rules = Rules(
        (Correspondence("R", (A.full_code,), "LGC-V2:N.01#01.01", Relation.SUBSET),), kinds, (CONFIRM,)
    )
    shared = [asked("DB-V2:S", socle="SC"), asked("DB-V1:S", socle="SC")]
    (one,) = [f for f in findings_of(rules, [*many, *shared]) if f.code == "unreached_requirements"]
    assert one.severity is Severity.INFO
    assert "LGC-V2 : aucune règle ne mène à 28 exigences" in one.detail
    assert one.detail.endswith("et 8 de plus.")


NEVER_MATCH = [
    {"chapter": ("DMP",)},
    {"guichet": ("cnda",)},
    {"kind": ("vidéo",)},
    {"mode": ("live",)},
    {"case": ("inter_pays",)},
    {"case": ("certificate",), "mode": ("duo",)},
    {"source_guichet": ("ASIP",)},
]


@pytest.mark.parametrize("when", NEVER_MATCH, ids=str)
def test_a_policy_that_nothing_known_answers_to_is_a_warning(when: dict[str, tuple[str, ...]]) -> None:
    policies = [Policy(when, Reuse.NEVER), CONFIRM]
    place = "/policies/0/when" if len(when) > 1 else f"/policies/0/when/{min(when)}"
    assert codes(found(policies=policies)) == [(place, "policy_never_matches", "warning")]


def test_the_condition_that_is_wrong_is_blamed_and_not_its_neighbours() -> None:
    policies = [
        Policy({"mode": ("duo",), "standing": ("radiée",), "guichet": ("ANS",)}, Reuse.NEVER),
        CONFIRM,
    ]
    (finding,) = found(policies=policies)
    assert (finding.pointer, finding.code) == ("/policies/0/when/standing", "policy_never_matches")
    assert "mode" not in finding.detail


def test_a_wrong_word_beside_a_right_one_is_told() -> None:
    policies = [
        Policy({"standing": ("delisted", "radiée"), "chapter": ("A", "PLUS-TARD")}, Reuse.NEVER),
        CONFIRM,
    ]
    (finding,) = found(policies=policies)
    assert (finding.pointer, finding.code) == ("/policies/0/when/standing", "unknown_word")
    assert "radiée" in finding.detail
    assert "delisted" not in finding.detail


@pytest.mark.parametrize("key", POLICY_KEYS)
def test_a_condition_is_named_by_its_words_and_its_key(key: str) -> None:
    (finding,) = found(policies=[Policy({key: ("néant",)}, Reuse.NEVER), CONFIRM])
    assert f"« {POLICY_KEYS[key]} » ({key})" in finding.detail


def test_a_policy_for_what_no_published_list_has_yet_is_only_told() -> None:
    policies = (Policy({"kind": ("pentest",)}, Reuse.AUTO), CONFIRM)
    assert found(policies=policies) == []
    assert ("/policies/0/when", "policy_idle", "info") in codes(findings_of(Rules((), (), policies), KNOWN))


SHADOWED = {
    "after one for all": [CONFIRM, Policy({"chapter": ("INS",)}, Reuse.NEVER)],
    "after the same": [Policy({"vague": ("2",)}, Reuse.NEVER), Policy({"vague": ("2",)}, Reuse.CONFIRM)],
    "after two that share it out": [
        Policy({"case": ("certificate",)}, Reuse.CONFIRM),
        Policy({"mode": ("async", "duo")}, Reuse.CONFIRM),
        CONFIRM,
    ],
}


@pytest.mark.parametrize("policies", SHADOWED.values(), ids=SHADOWED)
def test_a_policy_that_earlier_ones_leave_nothing_is_shadowed(policies: list[Policy]) -> None:
    known = [asked("LGC-V2:INS.01")]
    (one,) = found(known=known, policies=policies)
    assert (one.pointer, one.code, one.severity.value) == (
        f"/policies/{len(policies) - 1}",
        "policy_shadowed",
        "warning",
    )


def test_rules_without_a_policy_reuse_nothing() -> None:
    assert codes(found(policies=())) == [("/policies", "no_policies", "error")]


def test_a_policy_for_some_before_one_for_all_is_no_shadow() -> None:
    assert found(policies=[Policy({"vague": ("2",)}, Reuse.NEVER), CONFIRM]) == []


@pytest.mark.parametrize("guichet", ["CNDA", "EDC_PSC"])
@pytest.mark.parametrize(
    ("policies", "where"),
    [
        ([AUTO], "/policies/0/then/reuse"),
        ([Policy({"case": ("commercial_name",)}, Reuse.NEVER), AUTO], "/policies/1/then/reuse"),
        ([Policy({"mode": ("async", "duo")}, Reuse.CONFIRM), AUTO], None),
        ([Policy({"case": ("inter_*", "component", "commercial_name")}, Reuse.CONFIRM), AUTO], None),
        ([Policy({"case": ("inter_*", "commercial_name")}, Reuse.CONFIRM), AUTO], "/policies/1/then/reuse"),
        ([Policy({"guichet": ("CNDA", "EDC_PSC")}, Reuse.CONFIRM), AUTO], None),
        ([CONFIRM], None),
    ],
)
def test_what_another_guichet_verified_is_not_reused_unseen(
    guichet: str, policies: list[Policy], where: str | None
) -> None:
    known = [asked("LGC-V2:DMP.01", guichet=guichet), asked("LGC-V2:INS.01")]
    expected = [] if where is None else [(where, "unconfirmed_reuse", "warning")]
    assert codes(found(known=known, policies=policies)) == expected


def test_without_any_published_list_only_what_is_wrong_in_itself_is_told() -> None:
    policies = (Policy({"chapter": ("INS",)}, Reuse.NEVER), AUTO)
    assert found(rule("R", "A", "equal", "C"), known=[], policies=policies) == []


SETS = [frozenset(some) for size in (1, 2, 3) for some in combinations("xyz", size)]
RELATIONS: dict[Relation, Callable[[frozenset[str], frozenset[str]], bool]] = {
    Relation.EQUAL: lambda one, other: one == other,
    Relation.SUBSET: lambda one, other: one <= other,
    Relation.SUPERSET: lambda one, other: one >= other,
    Relation.INTERSECTS: lambda one, other: bool(one & other),
    Relation.NONE: lambda one, other: not one & other,
}


@st.composite
def true_rules(draw: st.DrawFn) -> list[Correspondence]:
    """Rules that are all true of some sets, one for each of six requirements."""
    names = [f"LGC-V1:{name}" for name in "ABCDEF"]
    meant = {name: draw(st.sampled_from(SETS)) for name in names}
    rules = []
    for rank in range(draw(st.integers(0, 12))):
        sources = tuple(draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)))
        target = draw(st.sampled_from(names))
        joint = frozenset().union(*(meant[source] for source in sources))
        fitting = [relation for relation, holds in RELATIONS.items() if holds(joint, meant[target])]
        rules.append(Correspondence(f"R{rank}", sources, target, draw(st.sampled_from(fitting))))
    return rules


@given(true_rules())
def test_rules_that_are_true_of_some_sets_never_contradict_each_other(rules: list[Correspondence]) -> None:
    assert "contradiction" not in {one.code for one in found(*rules)}


@given(true_rules(), st.randoms(use_true_random=False), st.sampled_from(list(Relation)))
def test_the_order_of_the_correspondences_changes_no_finding(
    rules: list[Correspondence], chance: Random, relation: Relation
) -> None:
    rules = [*rules, Correspondence("X", ("LGC-V1:A",), "LGC-V1:B", relation)]
    shuffled = rules.copy()
    chance.shuffle(shuffled)
    one, other = (
        {
            (finding.code, finding.severity, finding.detail)
            for finding in findings_of(Rules(tuple(order), (), ()), KNOWN)
        }
        for order in (rules, shuffled)
    )
    assert one == other


@pytest.mark.skipif(not REAL.is_file(), reason="the real requirement lists are not beside the project")
def test_the_real_rules_are_in_order() -> None:
    case = json.loads(REAL.read_bytes())
    rules = Rules(
        tuple(map(read_correspondence, case["correspondences"])),
        tuple(map(read_certificate_kind, case["certificate_kinds"])),
        tuple(map(read_policy, case["policies"])),
    )
    known = [read_requirement(one) for one in case["requirements"]]
    findings = findings_of(rules, known)
    warned = {one.code for one in findings if one.severity is not Severity.INFO}
    assert warned == {"standing_unsaid", "shows_nothing"}


def test_ten_times_the_rules_are_some_ten_times_the_work() -> None:
    def work(count: int) -> int:
        rules = tuple(
            Correspondence(
                f"R{n}",
                (f"LGC-V1:N{n}",),
                f"LGC-V1:N{n + 1}",
                Relation.NONE if n % 7 == 0 else Relation.EQUAL,
            )
            for n in range(count)
        )
        known = [asked(f"LGC-V1:N{n}") for n in range(count + 1)]
        return calls_of(lambda: findings_of(Rules(rules, (), (AUTO,)), known))

    assert work(5_000) < 12 * work(500)


# --- what shows nothing -------------------------------------------------------------------------------------

EMPTY = read_requirement(requirement("LGC-V1:EMPTY"))
TO_NOTHING = SHARED / "inputs" / "rule-to-a-requirement-without-proof.json"


@pytest.mark.parametrize(
    ("sources", "target"),
    [
        (("LGC-V1:EMPTY",), "LGC-V2:C"),
        (("LGC-V1:A", "LGC-V1:EMPTY"), "LGC-V2:C"),
        (("LGC-V2:C",), "LGC-V1:EMPTY"),
    ],
)
def test_a_rule_from_or_to_a_requirement_without_proof_can_show_nothing(
    sources: tuple[str, ...], target: str
) -> None:
    rules = Correspondence("R", sources, target, Relation.EQUAL)
    (one,) = found(rules, known=[*KNOWN, EMPTY])
    assert (one.pointer, one.code, one.severity.value) == ("/correspondences/0", "shows_nothing", "warning")
    assert "LGC-V1:EMPTY" in one.detail


def test_a_rule_that_says_that_nothing_is_common_shows_nothing_on_purpose() -> None:
    assert (
        found(Correspondence("R", ("LGC-V1:EMPTY",), "LGC-V2:C", Relation.NONE), known=[*KNOWN, EMPTY]) == []
    )


@pytest.mark.skipif(not TO_NOTHING.exists(), reason=f"{TO_NOTHING} is not here")
def test_the_rule_of_a_real_list_to_a_requirement_without_proof_is_told() -> None:
    rules = [read_correspondence(one) for one in json.loads(TO_NOTHING.read_text())["correspondences"]]
    known = [asked("LGC-V1:INS.01"), read_requirement(requirement("TQY-V2:Total"))]
    assert codes(found(*rules, known=known)) == [("/correspondences/0", "shows_nothing", "warning")]


# --- what becomes of dossiers -------------------------------------------------------------------------------


def unsaid(*policies: Policy) -> list[str]:
    """The standings of which nothing is said."""
    findings = findings_of(Rules((), (), policies), KNOWN)
    assert {one.severity for one in findings if one.code == "standing_unsaid"} <= {Severity.WARNING}
    details = [one.detail for one in findings if one.code == "standing_unsaid"]
    return [standing for standing in ("delisted", "suspended") if any(standing in one for one in details)]


@pytest.mark.parametrize(
    ("policies", "standings"),
    [
        ([CONFIRM], ["delisted", "suspended"]),
        ([Policy({"standing": ("delisted",)}, Reuse.NEVER), AUTO], ["suspended"]),
        ([Policy({"standing": ("suspended",)}, Reuse.CONFIRM), AUTO], ["delisted"]),
        ([Policy({"standing": ("delisted", "suspended")}, Reuse.NEVER), AUTO], []),
        ([Policy({"standing": ("open", "referenced")}, Reuse.AUTO)], ["delisted", "suspended"]),
        ([Policy({"standing": ("*ed",)}, Reuse.NEVER), AUTO], []),
        ([Policy({}, Reuse.NEVER)], []),
        ([], []),
    ],
)
def test_rules_that_reuse_and_say_nothing_of_delisted_and_suspended_are_warned_of(
    policies: list[Policy], standings: list[str]
) -> None:
    assert unsaid(*policies) == standings


def test_a_standing_that_does_not_exist_is_a_warning() -> None:
    policies = [Policy({"standing": ("radiée",)}, Reuse.NEVER), CONFIRM]
    assert codes(found(policies=policies)) == [
        ("/policies/0/when/standing", "policy_never_matches", "warning")
    ]
