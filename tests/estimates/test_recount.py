"""What an estimate counts is what a plain recount finds: each software resolved on the list in force, then on the draft
once it is published, whatever the draft changes.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from referencing.base.db import now, today
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.resolution.resolved import target_of
from referencing.catalogue.models import DsrVersion
from referencing.equivalence.engine.facts import Relation
from referencing.equivalence.engine.resolution import Status, resolve
from referencing.equivalence.grants.fact_queries import facts_of
from referencing.equivalence.rulebooks.queries import id_in_force, rules_for
from referencing.estimates import estimating
from tests.builders import ALIZE, Asked, Story, equal, publish_rules

from .lists import draft, estimated, publish, rows_of

IN_FORCE = (
    *(
        Asked(f"{chapter}.{n}", ("01", "02"), text=f"Texte {n}.", scenario=f"Scénario {n}.", chapter=chapter)
        for chapter in ("INS", "DMP")
        for n in (1, 2, 3)
    ),
    Asked("HOP.1", profile="Hôpital", chapter="HOP"),
)


@pytest.fixture
def dossiers(scratch: Session, monkeypatch: pytest.MonkeyPatch) -> list[Candidature]:
    """Three softwares on LGC-V2: one was verified on another list too, another has a profile and a single finding."""
    monkeypatch.setattr(estimating, "BATCH", 2)
    publish(scratch, "LGC-V1", Asked("INS.1", ("01", "02")), Asked("INS.2", ("01", "02")), Asked("INS.3"))
    publish(scratch, "LGC-V2", *IN_FORCE)
    publish_rules(
        scratch,
        equal("LGC-V1:INS.1", "LGC-V2:INS.1"),
        equal("LGC-V1:INS.2", "LGC-V2:INS.2", Relation.INTERSECTS),
        equal("LGC-V2:INS.3", "LGC-V2:DMP.3"),
    )
    filed = []
    for n, name in enumerate((ALIZE, "Brise", "Calme"), 1):
        story = Story(scratch, name)
        solution = story.solution(f"Logiciel {n}", f"NIL-{n}")
        profiles = ["Hôpital"] if n == 3 else []
        dossier = (
            story.submitted(solution, "LGC-V2", profiles=profiles)
            if n == 3
            else story.verified(solution, "LGC-V2")
        )
        filed.append(dossier)
        if n == 1:
            story.verified(solution, "LGC-V1")
        if n == 3:
            story.admit(dossier)
            story.find(dossier, "LGC-V2:INS.3#01")
    return filed


def changed_at_random(drawn: random.Random) -> list[Asked]:
    """A draft of what is in force: some requirements gone, some new, others with other words or attributes."""
    asked = []
    for one in IN_FORCE:
        asked += drawn.choice(
            [
                [one],
                [one],
                [],
                [replace(one, text=f"{one.text} Et plus.")],
                [replace(one, scenario=f"{one.scenario} Et plus.")],
                [replace(one, text="Autre.", scenario="Autre.")],
                [replace(one, profile="Hôpital")],
                [replace(one, suffixes=("01", "03"))],
                [replace(one, chapter="MSS"), replace(one, code=f"{one.code}.NEW")],
            ]
        )
    return asked


@pytest.mark.parametrize("seed", range(6))
def test_the_counts_are_those_of_a_plain_recount(
    scratch: Session, dossiers: Sequence[Candidature], seed: int
) -> None:
    version = draft(scratch, "LGC-V2", *changed_at_random(random.Random(seed)))
    estimate = estimated(scratch, "LGC-V2")
    assert (estimate.done, estimate.total) == (3, 3)
    before = [_statuses(scratch, dossier, estimate.base) for dossier in dossiers]
    version.published_at = now(scratch)
    scratch.flush()
    after = [_statuses(scratch, dossier, version) for dossier in dossiers]

    recounted: dict[str, Counter[str]] = {}
    whole: Counter[str] = Counter()
    for had, has in zip(before, after, strict=True):
        worst_of: dict[str, int] = {}
        for code in had.keys() | has.keys():
            sums = recounted.setdefault(_requirement(code), Counter())
            sums["more_to_supply"] += (has.get(code) == "required") - (had.get(code) == "required")
            sums["more_to_confirm"] += (has.get(code) == "to_confirm") - (had.get(code) == "to_confirm")
            if had.get(code) in {"covered", "to_confirm"}:
                rank = (
                    0
                    if has.get(code) in {"covered", had[code]}
                    else 1
                    if has.get(code) == "to_confirm"
                    else 2
                )
                worst_of[_requirement(code)] = max(rank, worst_of.get(_requirement(code), 0))
        rows = {row.code for row in rows_of(scratch, estimate)}
        for requirement, rank in worst_of.items():
            recounted[requirement][_OUTCOMES[rank]] += 1
            assert requirement in rows or rank == 0, "what is not listed stands as it did"
        if listed := [rank for requirement, rank in worst_of.items() if requirement in rows]:
            whole[_OUTCOMES[max(listed)]] += 1
    for row in rows_of(scratch, estimate):
        names = (*_OUTCOMES, "more_to_supply", "more_to_confirm")
        counts = {name: getattr(row, name) for name in names}
        assert counts == {name: recounted.get(row.code, Counter())[name] for name in names}, row.code
        assert row.spared <= row.to_confirm + row.lost
    assert {name: getattr(estimate, name) for name in _OUTCOMES} == {name: whole[name] for name in _OUTCOMES}
    listed_codes = {row.code for row in rows_of(scratch, estimate)}
    for requirement, sums in recounted.items():
        if requirement not in listed_codes:
            assert not sums["more_to_supply"]
            assert not sums["more_to_confirm"]


_OUTCOMES = ("kept", "to_confirm", "lost")


def _requirement(code: str) -> str:
    return code.partition(":")[2].partition("#")[0]


def _statuses(session: Session, dossier: Candidature, version: DsrVersion) -> Mapping[str, Status]:
    """How all that a version asks stands for a software, as if it came with a dossier on it today."""
    day = today(session)
    rules = rules_for(session, version, id_in_force(session), day)
    known = facts_of(session, dossier.core_id, rules.wordings, day)
    target = replace(target_of(dossier), deposited_on=None)
    return {item.proof: item.status for item in resolve(rules.knowledge, known.facts, target).items}


def test_a_scenario_that_stays_spares_what_only_its_words_cost(
    scratch: Session, dossiers: Sequence[Candidature]
) -> None:
    """Where words alone change, all that is lost would be spared; what nobody asks any more, nothing spares."""
    changed = [replace(one, text="Autre.", scenario="Autre.") for one in IN_FORCE if one.code != "DMP.3"]
    draft(scratch, "LGC-V2", *changed)
    estimate = estimated(scratch, "LGC-V2")
    rows = {row.code: row for row in rows_of(scratch, estimate)}
    for code, row in rows.items():
        harmed = row.to_confirm + row.lost
        assert row.spared == (0 if code == "DMP.3" else harmed)
        assert row.shown_unchanged is (code == "DMP.3")
    assert rows["INS.3"].supplies_spared == rows["INS.3"].more_to_supply > 0
    assert len(dossiers) == 3
