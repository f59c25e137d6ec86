"""Whatever the rules and the facts: those in force change nothing, and what is announced is what then happens."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import sqlalchemy as sa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from referencing import db
from referencing.accounts.permissions import Role
from referencing.candidatures.models import Candidature, Item
from referencing.candidatures.resolution import resolve_core
from referencing.candidatures.states import ItemState
from referencing.equivalence.facts import Relation
from referencing.equivalence.models import Grant, GrantState, Rulebook
from referencing.equivalence.operations import decide_grant, publish_rulebook, write_rulebook
from referencing.equivalence.queries import in_force, rules_of
from referencing.equivalence.rulebooks import Rules
from referencing.simulations.models import SimulatedChange
from tests.builders import Asked, Story, equal, perform_jobs, person, publish_dsr, publish_rules, states
from tests.conftest import Time
from tests.equivalence.strategies import cases
from tests.resolution.case_rows import Json, load, storable
from tests.simulations.running import ended, moves

# Each try is loaded into the database: to look for a smaller example of a failure would take minutes.
tries = settings(max_examples=30, deadline=None, derandomize=True, phases=[Phase.generate])


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


def answer_what_is_proposed(session: Session, dossier: Candidature, answers: Iterator[bool]) -> None:
    """A verifier confirms some of the reuses to confirm, and refuses others."""
    verifier = person(session, Role.VERIFIER)
    proposed = sa.select(Item, Grant).join(Grant, Grant.id == Item.grant_id)
    of_dossier = proposed.where(
        Item.candidature_id == dossier.id, Grant.state == GrantState.PROPOSED
    ).order_by(Item.position)
    for (item, grant), confirmed in zip(session.execute(of_dossier).all(), answers, strict=False):
        decide_grant(session, verifier, grant, confirmed=confirmed, comment="Vu.")
        item.state = ItemState.COVERED if confirmed else ItemState.REQUIRED
    session.flush()
    resolve_core(session, dossier.core_id)
    session.flush()
    session.expire_all()


Change = Callable[[Rules], Rules]


@st.composite
def changes_of_rules(draw: st.DrawFn) -> Change:
    """Some correspondences go, others get another relation; the policies come in another order, or some are missing."""
    bits = draw(st.binary(min_size=40, max_size=40))
    relations = list(Relation)

    def change(rules: Rules) -> Rules:
        kept = [
            replace(one, relation=relations[bit % 5]) if bit % 3 else one
            for one, bit in zip(rules.correspondences, bits, strict=False)
            if bit % 4
        ]
        order = sorted(range(len(rules.policies)), key=lambda at: bits[20 + at])
        policies = [rules.policies[at] for at in order if bits[30 + at] % 5]
        return Rules(tuple(kept), rules.certificate_kinds[: 1 + bits[-1] % 4], tuple(policies))

    return change


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

    @tries
    @given(cases(), changes_of_rules(), changes_of_rules(), st.lists(st.booleans(), max_size=4))
    def law(case: Json, first: Change, second: Change, answers: Sequence[bool]) -> None:
        session, dossier = opened(shared, case)
        with session:
            lead = person(session, Role.LEAD)
            _, rules = rules_in_force(session)
            put_in_force(session, dossier, write_rulebook(session, lead, "Avant", first(rules)))
            answer_what_is_proposed(session, dossier, iter(answers))
            before = states(session, dossier)
            draft = write_rulebook(session, lead, "Projet", second(rules))
            announced = announced_by(session, dossier, draft)
            put_in_force(session, dossier, draft)
            after = {code: state.value for code, state in states(session, dossier).items()}
            assert after == announced
            seen.update((before[code].value, after[code]) for code in after)

    law()
    some = {("covered", "required"), ("required", "covered"), ("to_confirm", "required")}
    assert some <= seen, "else the law says little"


@tries
@given(cases(), st.lists(st.booleans(), max_size=4))
def test_the_rules_in_force_change_nothing(shared: sa.Engine, case: Json, answers: Sequence[bool]) -> None:
    session, dossier = opened(shared, case)
    with session:
        answer_what_is_proposed(session, dossier, iter(answers))
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
    publish_rulebook(scratch, lead, draft.id)
    perform_jobs(scratch)
    found = {code.rpartition(":")[2]: state.value for code, state in states(scratch, dossier).items()}
    assert found == {"A#01.01": "to_confirm", "B#01.01": "covered", "C#01.01": "required"}
    assert announced == {"A#01.01": "to_confirm", "B#01.01": "covered"}
