"""Whatever the rules and the facts: those in force change nothing, and what is announced is what then happens."""

from dataclasses import replace
from random import Random

import sqlalchemy as sa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.permissions import Role
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import ItemState
from referencing.candidatures.resolution.resolution import resolve_core
from referencing.equivalence.engine.facts import Policy, Relation, Reuse
from referencing.equivalence.grants.models import Grant, GrantState
from referencing.equivalence.grants.operations import decide_grant
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.rulebooks.operations import publish_rulebook, write_rulebook
from referencing.equivalence.rulebooks.queries import in_force, rules_of
from referencing.equivalence.rulebooks.rulebooks import Rules
from referencing.simulations.models import SimulatedChange
from tests.builders import Asked, Story, equal, perform_jobs, person, publish_dsr, publish_rules, states
from tests.candidatures.resolution.case_rows import Json, load, storable
from tests.conftest import Time
from tests.equivalence.engine.strategies import dealt
from tests.simulations.running import ended, moves
from tests.thoroughness import examples

# Each try is loaded into the database: to look for a smaller example of a failure would take minutes.
tries = settings(max_examples=examples(12), deadline=None, derandomize=True, phases=[Phase.generate])


def opened(engine: sa.Engine, case: Json) -> tuple[Session, Candidature]:
    session = db.sessions(engine, Time())()
    dossier, _ = load(session, storable(case))
    session.flush()
    session.expire_all()
    return session, dossier


def rules_in_force(session: Session) -> tuple[Rulebook, Rules]:
    current = in_force(session)
    assert current is not None
    return current, rules_of(current)


def answer_what_is_proposed(session: Session, dossier: Candidature, luck: Random) -> None:
    """A verifier confirms some of the reuses to confirm, refuses others, and leaves the rest."""
    verifier = person(session, Role.VERIFIER)
    proposed = sa.select(Item, Grant).join(Grant, Grant.id == Item.grant_id)
    of_dossier = proposed.where(
        Item.candidature_id == dossier.id, Grant.state == GrantState.PROPOSED
    ).order_by(Item.position)
    for item, grant in session.execute(of_dossier).all():
        if luck.random() < 0.7:
            confirmed = luck.random() < 0.6
            decide_grant(session, verifier, grant, confirmed=confirmed, comment="Vu.")
            item.state = ItemState.COVERED if confirmed else ItemState.REQUIRED
    session.flush()
    resolve_core(session, dossier.core_id)
    session.flush()
    session.expire_all()


def changed(rules: Rules, luck: Random) -> Rules:
    """Some correspondences go, others get another relation; policies are in another order, and another one is last."""
    kept = [
        replace(one, relation=luck.choice(list(Relation))) if luck.random() < 0.5 else one
        for one in rules.correspondences
        if luck.random() < 0.8
    ]
    policies = luck.sample(rules.policies, len(rules.policies) // 2)
    rest = Policy({}, luck.choice([Reuse.AUTO, Reuse.AUTO, Reuse.CONFIRM]))
    return Rules(tuple(kept), rules.certificate_kinds, (*policies, rest))


def put_in_force(session: Session, dossier: Candidature, draft: Rulebook) -> None:
    """Whatever its checks say: contradictions are no matter here."""
    session.execute(
        sa.update(Rulebook).where(Rulebook.published_at.is_not(None)).values(superseded_at=db.now(session))
    )
    draft.published_at = db.now(session)
    session.flush()
    resolve_core(session, dossier.core_id)
    session.flush()
    session.expire_all()


def announced_by(session: Session, dossier: Candidature, draft: Rulebook) -> dict[str, str]:
    """How the items are to stand."""
    found = {code: state.value for code, state in states(session, dossier).items()}
    for move in moves(session, ended(session, draft)):
        assert move.before == found[move.code], "what is stored is what the rules in force say"
        found[move.code] = move.after
    return found


def test_what_a_simulation_announces_is_what_publication_does(shared: sa.Engine) -> None:
    seen: set[tuple[str, str]] = set()

    @settings(tries, max_examples=examples(25))
    @given(st.integers(0, 2**32))
    def law(seed: int) -> None:
        luck = Random(seed)
        session, dossier = opened(shared, dealt(seed))
        with session:
            lead = person(session, Role.LEAD)
            _, rules = rules_in_force(session)
            put_in_force(session, dossier, write_rulebook(session, lead, "Avant", changed(rules, luck)))
            answer_what_is_proposed(session, dossier, luck)
            before = states(session, dossier)
            draft = write_rulebook(session, lead, "Projet", changed(rules, luck))
            announced = announced_by(session, dossier, draft)
            put_in_force(session, dossier, draft)
            after = {code: state.value for code, state in states(session, dossier).items()}
            assert after == announced
            seen.update((before[code].value, after[code]) for code in after)

    law()
    changes = {(one, other) for one, other in seen if one != other}
    assert len(changes) > 1, "else the law says little"


@tries
@given(st.integers(0, 2**32))
def test_the_rules_in_force_change_nothing(shared: sa.Engine, seed: int) -> None:
    luck = Random(seed)
    session, dossier = opened(shared, dealt(seed))
    with session:
        answer_what_is_proposed(session, dossier, luck)
        current, rules = rules_in_force(session)
        again = write_rulebook(session, person(session, Role.LEAD), "Les mêmes", rules)
        for rulebook in (current, again):
            simulation = ended(session, rulebook)
            assert simulation.total == simulation.done == 1
            assert simulation.figures == []
        assert session.scalar(sa.select(sa.func.count()).select_from(SimulatedChange)) == 0


def test_publication_by_its_own_operation_and_jobs(scratch: Session) -> None:
    """The same through what a lead and the worker really do."""
    publish_dsr(scratch, "LGC-V1", Asked("A"), Asked("B"))
    publish_dsr(scratch, "LGC-V2", Asked("A"), Asked("B"), Asked("C"))
    publish_rules(scratch, equal("LGC-V1:A", "LGC-V2:A"))
    story = Story(scratch)
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    dossier = story.draft(solution, "LGC-V2")
    lead = person(scratch, Role.LEAD)
    rules = Rules(
        (equal("LGC-V1:A", "LGC-V2:A", Relation.SUBSET), equal("LGC-V1:B", "LGC-V2:B")),
        (),
        rules_in_force(scratch)[1].policies,
    )
    draft = write_rulebook(scratch, lead, "Projet", rules)
    simulation = ended(scratch, draft)
    announced = {code.rpartition(":")[2]: after for _, code, _, after in moves(scratch, simulation)}
    publish_rulebook(scratch, lead, draft.id, accept_warnings=True)
    perform_jobs(scratch)
    found = {code.rpartition(":")[2]: state.value for code, state in states(scratch, dossier).items()}
    assert found == {"A#01.01": "to_confirm", "B#01.01": "covered", "C#01.01": "required"}
    assert announced == {"A#01.01": "to_confirm", "B#01.01": "covered"}
