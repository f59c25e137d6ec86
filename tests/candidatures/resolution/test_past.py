"""Why an item stood as it did on a past day: what was stored then, and the same answer whenever one asks."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.errors import DomainError, Invalid, NotFound
from referencing.base.permissions import Role
from referencing.candidatures.explanations import account
from referencing.candidatures.explanations.views import explanation_view
from referencing.candidatures.filing import supplying
from referencing.candidatures.record.models import Candidature, Item, ItemStanding, Verdict
from referencing.candidatures.record.states import OPEN, ItemState
from referencing.candidatures.resolution.resolution import resolve_core
from referencing.candidatures.resolution.resolved import as_it_stands
from referencing.candidatures.tasks.models import Task
from referencing.catalogue.models import ExpectedProof
from referencing.equivalence.engine.facts import CertificateKind, Policy, Relation, Reuse
from referencing.equivalence.grants.models import Grant, GrantState
from referencing.equivalence.grants.schemas import derivation_view
from referencing.proofs.models import Verification
from referencing.reviews.queues.outcomes import Outcome
from referencing.reviews.verdicts import verdicts
from referencing.revocations import operations as audits
from tests.builders import (
    ALWAYS,
    CONFIRM,
    Asked,
    Story,
    equal,
    perform_jobs,
    person,
    publish_dsr,
    publish_rules,
    statements,
    states,
    supply,
    unheard,
    verification_of,
)
from tests.candidatures.resolution.test_over_http import many_sided
from tests.candidatures.resolution.worlds import GOAL, PAST, same
from tests.clients import Client, escaped
from tests.conftest import Time, parts
from tests.revocations.worlds import confirmed
from tests.thoroughness import examples

NEVER = Policy({}, Reuse.NEVER)
SHORT = Policy({}, Reuse.AUTO, max_age_days=10)


def told(
    story: Story, candidature: Candidature, code: str, day: date | None = None, **who: Any
) -> dict[str, Any]:
    actor = who.get("actor", story.lead)
    return explanation_view(account.item_account(story.session, actor, candidature.id, code, day))


def today(story: Story) -> date:
    return db.today(story.session)


@pytest.fixture
def reused(story: Story, time: Time) -> Candidature:
    """Vague 1 was verified on 2 March; vague 2, filed on 4 March, is covered by it."""
    publish_rules(story.session, same())
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    time.pass_days(2)
    return story.submitted(solution, "LGC-V2")


def test_a_covered_item_is_told_with_names_dates_texts_and_rules(story: Story, reused: Candidature) -> None:
    said = told(story, reused, GOAL)
    assert (said["state"], said["on"], said["since"]) == ("covered", date(2026, 3, 4), date(2026, 3, 4))
    (fact,) = said["facts"]
    assert (fact["code"], fact["day"], fact["verifier"]) == (PAST, date(2026, 3, 2), story.verifier.name)
    assert [rule["relation"] for rule in said["rules"]] == [Relation.EQUAL]
    assert [one["code"] for one in said["requirements"]] == ["LGC-V1:INS.01"]
    assert said["rulebook"]["label"] == "Règles"
    finding = f"de {PAST} du 2 mars 2026, conforme (solution « Alpha »)"
    assert said["sentences"] == [
        f"Au 4 mars 2026, la preuve attendue {GOAL} était « couverte par équivalence », "
        "et l'était depuis le 4 mars 2026.",
        "L'exigence LGC-V2:INS/va1.01 (version 1 du DSR) demande : « Le logiciel DOIT le faire. ».",
        "La preuve attendue est : « Une preuve. ».",
        "Couverte : rien n'est à fournir.",
        f"Pour {PAST} : la vérification {finding}.",
        f"{PAST} demande la même chose que {GOAL} (selon la correspondance « LGC-V1:INS.01 → LGC-V2:INS/va1.01 »).",
        f"La vérification {finding} : prononcée par {story.verifier.name}.",
        "Les règles sont celles du référentiel « Règles », en vigueur depuis le 2 mars 2026.",
        "Correspondance « LGC-V1:INS.01 → LGC-V2:INS/va1.01 » : LGC-V1:INS.01 demande la même chose que "
        "LGC-V2:INS/va1.01.",
        "L'exigence LGC-V1:INS.01 (version 1 du DSR) demande : « Le logiciel DOIT le faire. ».",
    ]


def test_an_editor_reads_the_same_without_who_verified(story: Story, reused: Candidature) -> None:
    agency, editor = told(story, reused, GOAL), told(story, reused, GOAL, actor=story.editor)
    assert story.verifier.name not in str(editor)
    assert [fact["verifier"] for fact in editor["facts"]] == [None]
    assert editor["reuse"] == agency["reuse"]


def test_what_was_revoked_later_is_not_told_of_the_day_before(
    story: Story, reused: Candidature, time: Time
) -> None:
    of_core = sa.select(Candidature).where(Candidature.core_id == reused.core_id)
    story.withdraw(story.session.scalars(of_core.where(Candidature.id != reused.id)).one())
    then = today(story)
    before = told(story, reused, GOAL)
    time.pass_days(3)
    verification = verification_of(story.session, PAST)
    auditor = person(story.session, Role.AUDITOR)
    words = (story.session, auditor, Verification, verification.id, "Faux.")
    confirmed(audits.revoke, audits.what_if_revoked, *words)
    story.session.expire_all()
    now = told(story, reused, GOAL)
    assert (now["state"], now["since"]) == ("required", today(story))
    assert [one["code"] for one in now["nearest"][0]["reasons"]] == ["revoked"]
    assert now["facts"][0]["revoked_on"] == today(story)
    assert "il manquait : une vérification qui n'ait pas été révoquée." in " ".join(now["sentences"])
    assert told(story, reused, GOAL, then) == before
    assert before["facts"][0]["revoked_on"] is None


def test_a_required_item_tells_which_component_differs(story: Story, time: Time) -> None:
    publish_dsr(story.session, "LGC-V1", Asked("INS.01", roles=["mss"]))
    publish_rules(story.session, same())
    solution = story.solution()
    story.verified(solution, "LGC-V1", composition={"mss": "messagerie@1.0"})
    candidature = story.draft(solution, "LGC-V2", composition={"mss": "messagerie@2.0"})
    story.submit(candidature, incomplete=True)
    said = told(story, candidature, GOAL)
    (lacks,) = said["nearest"][0]["reasons"]
    assert lacks["lacking"] == (
        "une preuve obtenue avec le même composant « mss » (celle-ci l'a été avec messagerie@1.0, "
        "la solution embarque messagerie@2.0)"
    )
    time.pass_days(1)
    assert told(story, candidature, GOAL, today(story) - timedelta(1)) == said


def test_a_confirmation_is_told_with_who_gave_it(story: Story, time: Time) -> None:
    publish_rules(story.session, same(), policies=[CONFIRM])
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    candidature = story.in_review(solution, "LGC-V2")
    waiting = told(story, candidature, GOAL)
    time.pass_days(1)
    story.find(candidature, GOAL)
    said = told(story, candidature, GOAL)
    assert (waiting["state"], said["state"]) == ("to_confirm", "covered")
    assert said["sentences"][-1] == (
        f"Le 3 mars 2026 (tour 1), le réemploi proposé a été confirmé par {story.verifier.name} : « Vu. »."
    )
    assert told(story, candidature, GOAL, today(story) - timedelta(1)) == waiting


def test_a_proof_of_its_own_is_told_with_its_file_and_its_rounds(story: Story, time: Time) -> None:
    candidature = story.in_review(story.solution(), "LGC-V1")
    days = {today(story): told(story, candidature, PAST)}
    time.pass_days(1)
    story.find(candidature, PAST, Outcome.COMPLEMENT)
    days[today(story)] = told(story, candidature, PAST)
    time.pass_days(1)
    supply(story.session, story.editor, candidature, PAST)
    story.find(candidature, PAST)
    days[today(story)] = told(story, candidature, PAST)
    assert [said["state"] for said in days.values()] == ["under_review", "complement", "conform"]
    assert [said["supplied"]["version"] for said in days.values()] == [1, 1, 2]
    assert [[one["outcome"] for one in said["verdicts"]] for said in days.values()] == [
        [],
        ["complement"],
        ["complement", "conform"],
    ]
    time.pass_days(9)
    assert {day: told(story, candidature, PAST, day) for day in days} == days


def test_a_claim_is_told_while_it_was_made(story: Story, time: Time) -> None:
    candidature = story.draft(story.solution(), "LGC-V1")
    supplying.claim_not_applicable(story.session, story.editor, candidature.id, PAST, "Sans impression.")
    story.session.expire_all()
    then, said = today(story), told(story, candidature, PAST, actor=story.editor)
    time.pass_days(1)
    supplying.take_claim_back(story.session, story.editor, candidature.id, PAST)
    story.session.expire_all()
    assert told(story, candidature, PAST, actor=story.editor)["claim"] is None
    assert (said["state"], said["claim"]) == ("supplied", "Sans impression.")
    assert told(story, candidature, PAST, then, actor=story.editor) == said


def test_of_a_day_to_come_and_of_one_before_the_dossier_nothing_is_told(
    story: Story, reused: Candidature
) -> None:
    with pytest.raises(Invalid):
        told(story, reused, GOAL, today(story) + timedelta(1))
    with pytest.raises(NotFound):
        told(story, reused, GOAL, today(story) - timedelta(1))


def test_telling_takes_as_many_statements_whatever_the_history(app: Flask, time: Time) -> None:
    counts = []
    for rounds in (1, 6):
        with db.transaction(parts(app).sessions) as session:
            dsr = f"L{rounds}-V1"
            publish_dsr(session, dsr, Asked("INS.01"))
            story = Story(session)
            candidature = story.in_review(story.solution(nil=f"NIL-{rounds}"), dsr)
            for _ in range(rounds):
                story.find(candidature, f"{dsr}:INS.01#01.01", Outcome.COMPLEMENT)
                time.pass_days(1)
                supply(session, story.editor, candidature, f"{dsr}:INS.01#01.01")
        with statements(parts(app).engine) as sent, db.transaction(parts(app).sessions) as session:
            account.item_account(session, story.lead, candidature.id, f"{dsr}:INS.01#01.01", None)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 12


def test_over_http_every_kind_of_item_is_told_and_tomorrow_the_same(
    app: Flask, as_: Callable[..., Client], time: Time
) -> None:
    with db.transaction(parts(app).sessions) as session:
        path = f"/candidatures/{many_sided(session)}"
    editor = as_(Role.EDITOR)
    answers = {item["code"]: item for item in editor.get(f"{path}/equivalence")["items"]}
    seen = {}
    for code, answer in answers.items():
        said = editor.get(f"{path}/items/{escaped(code)}/explanation")
        assert (said["code"], said["state"], said["on"]) == (code, answer["status"], "2026-03-02")
        assert said["reuse"]["derivation"] == answer["derivation"]
        assert said["reuse"]["blocked"] == answer["blocked"]
        assert {fact["id"] for fact in said["facts"]} >= set(answer["facts"])
        seen[code] = said
    assert {said["state"] for said in seen.values()} == {"covered", "to_confirm", "awaiting", "required"}
    time.pass_days(1)
    for code, said in seen.items():
        assert editor.get(f"{path}/items/{escaped(code)}/explanation?on=2026-03-02") == said


def test_over_http_who_may_not_see_the_dossier_is_told_nothing(
    app: Flask, as_: Callable[..., Client]
) -> None:
    with db.transaction(parts(app).sessions) as session:
        story = Story(session)
        publish_dsr(session, "LGC-V1", Asked("INS.01"))
        path = f"/candidatures/{story.submitted(story.solution(), 'LGC-V1').id}/items/{escaped(PAST)}/explanation"
    as_(Role.EDITOR).get(path)
    as_(Role.EDITOR, organisation="Mistral Santé").refused(404, "GET", path)
    as_(Role.INTEGRATION).refused(403, "GET", path)
    lead = as_(Role.LEAD)
    lead.refused(404, "GET", f"{path}?on=2026-03-01")
    lead.refused(404, "GET", path.replace("INS.01", "INS.99"))
    for day in ("2026-03-03", "hier"):
        lead.refused(422, "GET", f"{path}?on={day}")


# --- whatever happens, day after day ---

KIND = CertificateKind("DMN", ({"requirement": "INS*"},))


@dataclass
class History:
    """One software with two dossiers, and what was told of each item every evening."""

    story: Story
    clock: Time
    vague: str
    dossiers: list[Candidature] = field(default_factory=list)
    evenings: dict[tuple[date, UUID, str], dict[str, Any]] = field(default_factory=dict)

    def begin(self) -> None:
        self.publish(Relation.EQUAL, ALWAYS)
        solution = self.story.solution(nil=unheard())
        first = self.story.in_review(solution, f"{self.vague}-V1")
        self.dossiers = [first, self.story.draft(solution, f"{self.vague}-V2")]

    def publish(self, relation: Relation, policy: Policy) -> None:
        one, other = f"{self.vague}-V1", f"{self.vague}-V2"
        rules = [same_of(one, other, "INS.01", relation), same_of(one, other, "INS.02", Relation.INTERSECTS)]
        publish_rules(self.story.session, *rules, policies=[policy], kinds=[KIND])
        perform_jobs(self.story.session)

    def act(self, action: str, which: int) -> None:
        """What cannot be done now is not done, and leaves nothing behind."""
        with suppress(DomainError), self.story.session.begin_nested():
            getattr(self, f"_{action}")(self.dossiers[which % 2], which)
        self.story.session.expire_all()
        self.clock.now += timedelta(minutes=1)

    def _supply(self, dossier: Candidature, which: int) -> None:
        codes = list(states(self.story.session, dossier))
        supply(self.story.session, self.story.editor, dossier, codes[which % len(codes)])

    def _submit(self, dossier: Candidature, _: int) -> None:
        for code, state in states(self.story.session, dossier).items():
            if state is ItemState.REQUIRED:
                supply(self.story.session, self.story.editor, dossier, code)
        self.story.submit(dossier)
        self.story.admit(dossier)

    def _conform(self, dossier: Candidature, which: int, outcome: Outcome = Outcome.CONFORM) -> None:
        wanted = {ItemState.UNDER_REVIEW, ItemState.TO_CONFIRM}
        codes = [code for code, state in states(self.story.session, dossier).items() if state in wanted]
        open_task = sa.select(Task.id).where(Task.candidature_id == dossier.id, Task.item_id.is_not(None))
        if codes and self.story.session.scalar(open_task.where(Task.closed_at.is_(None)).limit(1)):
            self.story.find(dossier, codes[which % len(codes)], outcome)

    def _nonconform(self, dossier: Candidature, which: int) -> None:
        self._conform(dossier, which, Outcome.NONCONFORM)

    def _complement(self, dossier: Candidature, which: int) -> None:
        self._conform(dossier, which, Outcome.COMPLEMENT)

    def _undo(self, dossier: Candidature, _: int) -> None:
        last = (
            sa.select(Verdict.task_id)
            .join(Item, Item.id == Verdict.item_id)
            .where(Item.candidature_id == dossier.id)
            .order_by(Verdict.id.desc())
        )
        task = self.story.session.scalar(last.limit(1))
        if task is not None:
            verdicts.undo(self.story.session, self.story.verifier, task, "Trop vite.")

    def _revoke(self, dossier: Candidature, which: int) -> None:
        facts = self.story.session.scalars(
            sa.select(Verification.id)
            .where(Verification.core_id == dossier.core_id)
            .order_by(Verification.id)
        ).all()
        if facts:
            auditor = person(self.story.session, Role.AUDITOR)
            words = (
                self.story.session,
                auditor,
                Verification,
                facts[which % len(facts)],
                "Contrôle sur place.",
            )
            confirmed(audits.revoke, audits.what_if_revoked, *words)

    def _certify(self, dossier: Candidature, which: int) -> None:
        until = db.today(self.story.session) + timedelta(which + 1)
        self.story.certificate(dossier.configuration.solution, "DMN", unheard() if which > 3 else "", until)

    def _rules(self, _: Candidature, which: int) -> None:
        relations, policies = list(Relation), [ALWAYS, CONFIRM, NEVER, SHORT]
        self.publish(relations[which % len(relations)], policies[which % len(policies)])

    def _reword(self, _: Candidature, which: int) -> None:
        asked = [Asked("INS.01", text=f"Autrement {which}."), Asked("INS.02")]
        publish_dsr(self.story.session, f"{self.vague}-V1", *asked)

    def _withdraw(self, dossier: Candidature, _: int) -> None:
        self.story.withdraw(dossier)

    def evening(self) -> None:
        """The periodic job has passed; what is then told is what is stored, and is kept to be asked again."""
        session = self.story.session
        resolve_core(session, self.dossiers[0].core_id)
        session.flush()
        session.expire_all()
        for dossier in self.dossiers:
            live = {item.proof: item for item in as_it_stands(session, dossier)[0].items}
            refused = set(
                session.scalars(
                    sa.select(Grant.proof_code).where(
                        Grant.candidature_id == dossier.id, Grant.state == GrantState.REFUSED
                    )
                )
            )
            for code, state, grant in stored(session, dossier):
                said = explanation_view(
                    account.item_account(session, self.story.editor, dossier.id, code, None)
                )
                assert said["state"] is state
                if state in {ItemState.COVERED, ItemState.TO_CONFIRM}:
                    assert grant is not None
                    assert said["reuse"]["derivation"] == derivation_view(grant.derivation)
                elif state is ItemState.REQUIRED and dossier.state in OPEN and code not in refused:
                    blocked = [(one.fact, list(one.reasons)) for one in live[code].blocked]
                    assert [(one["fact"], one["reasons"]) for one in said["reuse"]["blocked"]] == blocked
                self.evenings[db.today(session), dossier.id, code] = said
        self.clock.now = datetime.combine(
            self.clock.now.date() + timedelta(days=1), self.clock.now.replace(hour=9, minute=0).timetz()
        )

    def check(self) -> None:
        for (day, dossier, code), said in self.evenings.items():
            again = account.item_account(self.story.session, self.story.editor, dossier, code, day)
            assert explanation_view(again) == said


def same_of(one: str, other: str, code: str, relation: Relation) -> Any:
    return equal(f"{one}:{code}", f"{other}:{code}", relation)


def stored(session: Session, dossier: Candidature) -> list[tuple[str, ItemState, Grant | None]]:
    rows = session.execute(
        sa.select(ExpectedProof.code, Item.state, Grant)
        .join(Item.expected_proof)
        .outerjoin(Grant, Grant.id == Item.grant_id)
        .where(Item.candidature_id == dossier.id)
    )
    return [(row.code, row.state, row.Grant) for row in rows]


ACTIONS = st.sampled_from(
    [
        *("supply", "submit", "submit", "conform", "conform", "conform", "nonconform", "complement", "undo"),
        *("revoke", "certify", "rules", "reword", "withdraw"),
    ]
)
DAYS = st.lists(
    st.lists(st.tuples(ACTIONS, st.integers(0, 7)), min_size=1, max_size=4), min_size=4, max_size=7
)


@pytest.fixture
def history(shared: sa.Engine) -> Iterator[Callable[[], History]]:
    clock = Time()
    with db.sessions(shared, clock)() as session:

        def make() -> History:
            clock.now = Time().now
            vague = unheard()
            for number in (1, 2):
                publish_dsr(session, f"{vague}-V{number}", Asked("INS.01"), Asked("INS.02"))
            made = History(Story(session), clock, vague)
            made.begin()
            return made

        yield make


@settings(max_examples=examples(6), deadline=None, suppress_health_check=list(HealthCheck))
@given(days=DAYS)
def test_whatever_happens_each_day_is_told_as_it_was_stored_and_told_the_same_later(
    history: Callable[[], History], days: list[list[tuple[str, int]]]
) -> None:
    made = history()
    try:
        for day in days:
            for action, which in day:
                made.act(action, which)
            made.evening()
        made.check()
        assert agree(made.story.session)
    finally:
        made.story.session.rollback()


def agree(session: Session) -> bool:
    """Whether what is kept open of every item is how it stands."""
    kept = sa.and_(ItemStanding.item_id == Item.id, ItemStanding.ended_at.is_(None))
    different = sa.or_(
        ItemStanding.id.is_(None),
        ItemStanding.state != Item.state,
        ItemStanding.grant_id.is_distinct_from(Item.grant_id),
        ItemStanding.reason.is_distinct_from(Item.reason),
    )
    return session.scalar(sa.select(Item.id).outerjoin(ItemStanding, kept).where(different).limit(1)) is None
