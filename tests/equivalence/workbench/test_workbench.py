"""The workbench: what is proposed for a draft, what people make of it, and that nothing comes back or doubles."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from referencing.base.permissions import Actor, Role
from referencing.catalogue.imports.socle_links import Fidelity
from referencing.equivalence.engine.facts import Relation
from referencing.equivalence.rulebooks import history
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.rulebooks.operations import publish_rulebook, write_rulebook
from referencing.equivalence.rulebooks.rulebooks import Rules
from referencing.equivalence.workbench import queries
from referencing.equivalence.workbench.decisions import Decision, decide, decide_many
from referencing.equivalence.workbench.drafting import Origin
from referencing.equivalence.workbench.models import Proposal, ProposalState
from referencing.equivalence.workbench.proposing import ProposalRequest as Question
from referencing.equivalence.workbench.proposing import propose, propose_from_table
from referencing.equivalence.workbench.queries import Filters, WordedProposal
from referencing.journal.models import Entry
from tests.builders import ALWAYS, Asked, equal, person, publish_dsr, statements
from tests.clients import Client
from tests.conftest import SHARED, Keys, Time, parts

Json = dict[str, Any]
As = Callable[..., Client]

NAME = "Afficher le nom du patient sur chaque écran."
BOTH = (Origin.SOCLE, Origin.LIKENESS)
HEADER = (
    "dispositif_source,vague_source,exigences_source,dispositif_cible,vague_cible,exigence_cible,evolution"
)


def catalogue(session: Session) -> None:
    publish_dsr(
        session,
        "LGC-V1",
        Asked("INS.01", text=NAME, scenario="Ouvrir un dossier."),
        Asked("INS.02", text="Journaliser les accès.", chapter="SEC", socle="SC.02"),
        Asked("INS.03", text="Chiffrer les échanges.", socle="SC.03"),
    )
    publish_dsr(
        session,
        "LGC-V2",
        Asked("INS/va1.01", text=f"{NAME} Et le prénom.", scenario="Ouvrir un dossier."),
        Asked("INS/va1.02", text="Tracer tout.", chapter="SEC", socle="SC.02", fidelity=Fidelity.OVERRIDDEN),
        Asked("INS/va1.03", text="Chiffrer les échanges.", socle="SC.03"),
    )


def asked(
    origins: tuple[Origin, ...] = BOTH, source: str = "LGC-V1", target: str = "LGC-V2", **more: Any
) -> Question:
    return Question(source, target, origins, **{"least": 0.6, "most": 3, **more})


def table(*rows: str) -> io.BytesIO:
    return io.BytesIO("\n".join([HEADER, *rows]).encode())


@pytest.fixture
def lead(scratch: Session) -> Actor:
    catalogue(scratch)
    return person(scratch, Role.LEAD)


@pytest.fixture
def book(scratch: Session, lead: Actor) -> Rulebook:
    return write_rulebook(scratch, lead, "Règles", Rules((), (), (ALWAYS,)))


def listed(session: Session, lead: Actor, book: Rulebook, **filters: Any) -> list[WordedProposal]:
    return list(queries.proposals(session, lead, book.id, Filters(**filters), None, 100))


def said(shown: list[WordedProposal]) -> list[tuple[str, str, str]]:
    return [(one.proposal.code, one.proposal.relation, one.proposal.state) for one in shown]


def first(session: Session, book: Rulebook) -> Proposal:
    return session.scalars(
        sa.select(Proposal).where(Proposal.rulebook_id == book.id).order_by(Proposal.code)
    ).first() or pytest.fail("nothing was proposed")


def test_socles_and_likeness_propose_with_a_score_and_their_grounds(
    scratch: Session, lead: Actor, book: Rulebook
) -> None:
    counts = propose(scratch, lead, book.id, asked())
    assert counts.proposed == 3
    shown = listed(scratch, lead, book)
    assert said(shown) == [
        ("LGC-V1:INS.03 → LGC-V2:INS/va1.03", "equal", "proposed"),
        ("LGC-V1:INS.01 → LGC-V2:INS/va1.01", "subset", "proposed"),
        ("LGC-V1:INS.02 → LGC-V2:INS/va1.02", "intersects", "proposed"),
    ]
    grounds = [[ground["origin"] for ground in one.proposal.grounds] for one in shown]
    assert grounds == [["socle", "likeness"], ["likeness"], ["socle"]]
    assert shown[0].proposal.score == 1 > shown[1].proposal.score > 0.8
    assert shown[1].proposal.differing == [{"part": "text", "from": "", "to": "Et le prénom"}]
    assert (shown[1].sources[0].text, shown[1].target.scenario) == (NAME, "Ouvrir un dossier.")
    assert book.correspondences == [], "nothing is decided"


def test_the_table_proposes_and_reports_the_rows_that_it_cannot_use(
    scratch: Session, lead: Actor, book: Rulebook
) -> None:
    report = propose_from_table(
        scratch,
        lead,
        book.id,
        table(
            "LGC,1,INS.01;INS.02,LGC,2,INS/va1.01,Modifiée",
            "LGC,1,INS.01,LGC,2,INS/va1.01,Renommée",
            "LGC,1,INS.99,LGC,2,INS/va1.01,Inchangée",
            "LGC,1,INS.02;INS.01,LGC,2,INS/va1.01,Inchangée",
            "LGC,1,INS.03,LGC,2,INS/va1.03,Inchangée",
        ),
    )
    assert (report.rows, report.counts.proposed) == (5, 2)
    assert [(one.row, one.code) for one in report.problems] == [
        (3, "correspondence"),
        (4, "unknown_requirement"),
        (5, "relation_conflict"),
    ]
    assert said(listed(scratch, lead, book)) == [
        ("LGC-V1:INS.03 → LGC-V2:INS/va1.03", "equal", "proposed"),
        ("LGC-V1:INS.01+LGC-V1:INS.02 → LGC-V2:INS/va1.01", "intersects", "proposed"),
    ]


def test_what_the_table_says_goes_before_likeness(scratch: Session, lead: Actor, book: Rulebook) -> None:
    propose(scratch, lead, book.id, asked((Origin.LIKENESS,)))
    row = "LGC,1,INS.01,LGC,2,INS/va1.01,Inchangée"
    assert propose_from_table(scratch, lead, book.id, table(row)).counts.updated == 1
    (found,) = listed(scratch, lead, book, origin=Origin.TABLE)
    assert (found.proposal.relation, found.proposal.revision) == ("equal", 2)
    assert [one["relation"] for one in found.proposal.grounds] == ["equal", "subset"]
    assert propose_from_table(scratch, lead, book.id, table(row)).counts.unchanged == 1


def test_proposing_again_doubles_nothing_and_brings_nothing_back(
    scratch: Session, lead: Actor, book: Rulebook
) -> None:
    propose(scratch, lead, book.id, asked())
    refused, accepted, _ = listed(scratch, lead, book)
    decide(scratch, lead, book.id, Decision(refused.proposal.id, 1, False, "Pas le même objet."))
    decide(scratch, lead, book.id, Decision(accepted.proposal.id, 1, True))
    again = propose(scratch, lead, book.id, asked())
    assert (again.proposed, again.unchanged, again.decided) == (0, 1, 2)
    table_says = "LGC,1,INS.03,LGC,2,INS/va1.03,Inchangée"
    assert propose_from_table(scratch, lead, book.id, table(table_says)).counts.decided == 1
    assert len(listed(scratch, lead, book)) == 3


def test_what_the_draft_says_already_is_not_proposed(scratch: Session, lead: Actor) -> None:
    rule = equal("LGC-V1:INS.03", "LGC-V2:INS/va1.03", Relation.SUBSET)
    book = write_rulebook(scratch, lead, "Règles", Rules((rule,), (), (ALWAYS,)))
    counts = propose(scratch, lead, book.id, asked())
    assert (counts.proposed, counts.in_draft) == (2, 1)


def test_a_new_version_of_a_dsr_renews_what_nobody_decided(
    scratch: Session, lead: Actor, book: Rulebook
) -> None:
    propose(scratch, lead, book.id, asked((Origin.LIKENESS,)))
    publish_dsr(scratch, "LGC-V2", Asked("INS/va1.01", text=NAME, scenario="Ouvrir un dossier."))
    assert propose(scratch, lead, book.id, asked((Origin.LIKENESS,))).updated == 1
    (found,) = listed(scratch, lead, book, chapter="INS", least=1, most=1, state=ProposalState.PROPOSED)[:1]
    assert (found.proposal.score, found.proposal.relation, found.proposal.revision) == (1, "equal", 2)


def test_the_same_catalogue_gives_every_draft_the_same_proposals(scratch: Session, lead: Actor) -> None:
    seen = []
    for _ in range(2):
        book = write_rulebook(scratch, lead, "Règles", Rules((), (), (ALWAYS,)))
        propose(scratch, lead, book.id, asked(least=0.1))
        shown = listed(scratch, lead, book)
        seen.append([(one.proposal.code, one.proposal.score, one.proposal.differing) for one in shown])
    assert seen[0] == seen[1]
    assert len(seen[0]) >= 3


def test_accepted_it_is_a_rule_of_the_draft_that_says_where_it_came_from(
    scratch: Session, lead: Actor, book: Rulebook, time: Time
) -> None:
    propose(scratch, lead, book.id, asked())
    found = first(scratch, book)
    decide(scratch, lead, book.id, Decision(found.id, 1, True, "Relu mot à mot."))
    (rule,) = book.correspondences
    assert (rule.code, rule.relation, rule.proposal_id) == (found.code, "subset", found.id)
    (told,) = listed(scratch, lead, book, correspondence=rule.code)
    assert (told.decided_by, told.proposal.decided_at, told.proposal.state) == (
        lead.name,
        time.now,
        "accepted",
    )
    assert told.proposal.reason == "Relu mot à mot."
    assert book.revision == 2


def test_another_relation_or_some_days_make_it_changed(scratch: Session, lead: Actor, book: Rulebook) -> None:
    propose(scratch, lead, book.id, asked())
    one, other, _ = (shown.proposal for shown in listed(scratch, lead, book))
    decide(scratch, lead, book.id, Decision(one.id, 1, True, relation=Relation.SUPERSET))
    day = db.today(scratch)
    decide(scratch, lead, book.id, Decision(other.id, 1, True, valid_from=day))
    assert (one.state, other.state) == ("changed", "changed")
    assert [(rule.relation, rule.valid_from) for rule in book.correspondences] == [
        ("superset", None),
        ("subset", day),
    ]


def test_what_was_refused_may_be_accepted_after_all_and_what_is_a_rule_may_not_be_decided_again(
    scratch: Session, lead: Actor, book: Rulebook
) -> None:
    propose(scratch, lead, book.id, asked())
    found = first(scratch, book)
    decide(scratch, lead, book.id, Decision(found.id, 1, False, "Non."))
    decide(scratch, lead, book.id, Decision(found.id, 2, True))
    for accepted in (True, False):
        with pytest.raises(Conflict):
            decide(scratch, lead, book.id, Decision(found.id, 3, accepted, "Encore."))
    book.correspondences.clear()
    scratch.flush()
    decide(scratch, lead, book.id, Decision(found.id, 3, False, "Retirée depuis."))
    assert found.state == "refused"


def test_a_rule_written_by_hand_meanwhile_is_not_doubled(scratch: Session, lead: Actor) -> None:
    book = write_rulebook(scratch, lead, "Règles", Rules((), (), (ALWAYS,)))
    propose(scratch, lead, book.id, asked((Origin.LIKENESS,)))
    found = first(scratch, book)
    propose_from_table(scratch, lead, book.id, table("LGC,1,INS.02,LGC,2,INS/va1.02,Modifiée"))
    other = listed(scratch, lead, book, origin=Origin.TABLE)[0].proposal
    decide(scratch, lead, book.id, Decision(other.id, 1, True))
    book.correspondences[0].sources, book.correspondences[0].target = found.sources, found.target
    with pytest.raises(Conflict):
        decide(scratch, lead, book.id, Decision(found.id, 1, True))


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_refusal_has_a_reason(scratch: Session, lead: Actor, book: Rulebook, reason: str) -> None:
    propose(scratch, lead, book.id, asked())
    with pytest.raises(Invalid):
        decide(scratch, lead, book.id, Decision(first(scratch, book).id, 1, False, reason))


def test_of_many_each_is_told_and_one_that_is_refused_prevents_no_other(
    scratch: Session, lead: Actor, book: Rulebook
) -> None:
    propose(scratch, lead, book.id, asked())
    one, other, third = (shown.proposal.id for shown in listed(scratch, lead, book))
    day = db.today(scratch)
    outcomes = decide_many(
        scratch,
        lead,
        book.id,
        [
            Decision(one, 1, True),
            Decision(one, 1, True),
            Decision(book.id, 1, True),
            Decision(other, 1, True, valid_from=day, valid_until=day),
            Decision(third, 1, False, "Autre objet."),
        ],
    )
    assert [type(outcome) for outcome in outcomes] == [Proposal, Stale, NotFound, Invalid, Proposal]
    assert [shown.proposal.state for shown in listed(scratch, lead, book)] == [
        "accepted",
        "proposed",
        "refused",
    ]
    assert (len(book.correspondences), book.revision) == (1, 2)


def test_reasons_are_told_at_the_workbench_and_not_in_what_editors_will_read(
    scratch: Session, lead: Actor, book: Rulebook
) -> None:
    propose(scratch, lead, book.id, asked())
    one, other, _ = (shown.proposal for shown in listed(scratch, lead, book))
    decisions = [Decision(one.id, 1, True), Decision(other.id, 1, False, "Trop vague.")]
    decide_many(scratch, lead, book.id, decisions)
    last = history.history(scratch, lead, book.id, 0, 10)[-1]
    assert last.action == "rulebook.accepted"
    assert [line["after"]["id"] for line in last.detail["accepted"]] == [one.code]
    of_workbench = sa.select(Entry).where(Entry.stream == f"workbench:{book.id}").order_by(Entry.number)
    workbench = list(scratch.scalars(of_workbench))
    assert [entry.action for entry in workbench] == ["workbench.proposed", "workbench.decided"]
    assert [line["reason"] for line in workbench[1].detail["decided"]] == [None, "Trop vague."]


@pytest.mark.parametrize(
    ("question", "pointer"),
    [
        (asked(target="LGC-V1"), "/to"),
        (asked(source="DPI-V1"), "/from"),
        (asked(target="DPI-V2"), "/to"),
        (asked(chapter="ABC"), "/chapter"),
    ],
)
def test_a_question_that_has_no_answer_is_pointed_at(
    scratch: Session, lead: Actor, book: Rulebook, question: Question, pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        propose(scratch, lead, book.id, question)
    assert [one.pointer for one in refused.value.errors] == [pointer]


def test_a_chapter_narrows_down_the_targets(scratch: Session, lead: Actor, book: Rulebook) -> None:
    propose(scratch, lead, book.id, asked(chapter="SEC"))
    assert [one.target.chapter for one in listed(scratch, lead, book)] == ["SEC"]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LEAD}))
def test_the_workbench_is_for_those_who_write_rules(
    scratch: Session, lead: Actor, book: Rulebook, role: Role
) -> None:
    propose(scratch, lead, book.id, asked())
    found, other = first(scratch, book), person(scratch, role)
    for use in (
        lambda: propose(scratch, other, book.id, asked()),
        lambda: propose_from_table(scratch, other, book.id, table()),
        lambda: listed(scratch, other, book),
        lambda: queries.proposal(scratch, other, book.id, found.id),
        lambda: decide(scratch, other, book.id, Decision(found.id, 1, True)),
    ):
        with pytest.raises(Forbidden):
            use()


def test_a_published_rulebook_has_its_workbench_to_read_only(
    scratch: Session, lead: Actor, book: Rulebook
) -> None:
    propose(scratch, lead, book.id, asked())
    publish_rulebook(scratch, lead, book.id, accept_warnings=True)
    assert len(listed(scratch, lead, book)) == 3
    for change in (
        lambda: propose(scratch, lead, book.id, asked()),
        lambda: decide(scratch, lead, book.id, Decision(first(scratch, book).id, 1, True)),
    ):
        with pytest.raises(Conflict):
            change()


def test_a_page_is_read_in_as_many_statements_whatever_its_length(app: Flask) -> None:
    counts = []
    for number in (2, 40):
        with db.transaction(parts(app).sessions) as session:
            for vague in (1, 2):
                publish_dsr(
                    session, f"L{number}-V{vague}", *(Asked(f"R.{n}", text=f"mot{n}") for n in range(number))
                )
            lead = person(session, Role.LEAD)
            book = write_rulebook(session, lead, "Règles", Rules((), (), (ALWAYS,))).id
            propose(session, lead, book, asked(source=f"L{number}-V1", target=f"L{number}-V2"))
        with statements(parts(app).engine) as sent, db.transaction(parts(app).sessions) as session:
            assert len(queries.proposals(session, lead, book, Filters(), None, 100)) == number
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 5


@pytest.fixture
def author(app: Flask, as_: As) -> Client:
    with db.transaction(parts(app).sessions) as session:
        catalogue(session)
    return as_(Role.LEAD)


@pytest.fixture
def path(author: Client) -> str:
    book = author.post("/rulebooks", {"label": "Règles"})
    author.post(f"/rulebooks/{book['id']}/proposals", {"from": "LGC-V1", "to": "LGC-V2"}, status=200)
    return f"/rulebooks/{book['id']}"


def test_over_http_proposals_are_read_page_by_page_and_filtered(author: Client, path: str) -> None:
    whole = author.get(f"{path}/proposals")["items"]
    assert list(author.every(f"{path}/proposals?limit=1")) == whole
    assert [one["score"] for one in whole] == sorted((one["score"] for one in whole), reverse=True)
    for filters, expected in (
        ("origin=socle", 2),
        ("origin=likeness", 2),
        ("origin=table", 0),
        ("state=proposed", 3),
        ("state=refused", 0),
        ("chapter=SEC", 1),
        ("from=LGC-V1&to=LGC-V2", 3),
        ("from=LGC-V2", 0),
        ("least=0.5&most=0.99", 1),
    ):
        assert len(author.get(f"{path}/proposals?{filters}")["items"]) == expected, filters
    assert author.get(f"{path}/proposals/{whole[0]['id']}") == whole[0]
    author.refused(400, "GET", f"{path}/proposals?cursor=bad")


def test_over_http_a_decision_is_made_on_what_was_read(author: Client, path: str) -> None:
    one = author.get(f"{path}/proposals")["items"][1]
    address = f"{path}/proposals/{one['id']}/decision"
    author.refused(428, "PUT", address, json={"accepted": True})
    author.refused(412, "PUT", address, json={"accepted": True}, headers={"If-Match": '"7"'})
    read = author.send("GET", f"{path}/proposals/{one['id']}")
    decided = author.put(
        address, {"accepted": True, "relation": "equal"}, headers={"If-Match": read.headers["ETag"]}
    )
    assert (decided["state"], decided["correspondence"]) == ("changed", decided["decision"]["id"])
    (rule,) = author.get(path)["correspondences"]
    assert (rule["from"], rule["to"], rule["relation"]) == (["LGC-V1:INS.01"], "LGC-V2:INS/va1.01", "equal")


def test_over_http_many_are_decided_and_the_second_click_answers_the_same(author: Client, path: str) -> None:
    one, other, _ = author.get(f"{path}/proposals")["items"]
    lines = {
        "decisions": [
            {"proposal": one["id"], "revision": 1, "accepted": True},
            {"proposal": other["id"], "revision": 1, "accepted": False},
        ]
    }
    key = {"Idempotency-Key": "x"}
    report = author.post(f"{path}/proposals/decisions", lines, status=200, headers=key)
    assert [line["outcome"] for line in report["lines"]] == ["done", "refused"]
    assert report["lines"][1]["problem"]["errors"][0]["pointer"] == "/reason"
    assert author.post(f"{path}/proposals/decisions", lines, status=200, headers=key) == report
    assert len(author.get(path)["correspondences"]) == 1


def test_of_two_leads_who_decide_at_once_one_is_told_to_read_again(
    app: Flask, key_of: Keys, path: str
) -> None:
    one = Client(app.test_client(), key_of(Role.LEAD, name="Alix")).get(f"{path}/proposals")["items"][0]

    def change(name: str) -> int:
        client = Client(app.test_client(), key_of(Role.LEAD, name=name))
        words = {"accepted": name == "Sacha", "reason": "Relu."}
        address = f"{path}/proposals/{one['id']}/decision"
        return client.send("PUT", address, json=words, headers={"If-Match": '"1"'}).status_code

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(change, ("Dominique", "Sacha"))) == [200, 412]


def test_over_http_a_draft_is_not_there_for_others(author: Client, path: str, as_: As) -> None:
    as_(Role.EDITOR).refused(403, "GET", f"{path}/proposals")
    author.refused(404, "GET", path.replace(path[-4:], "0000") + "/proposals")
    author.refused(
        422, "POST", f"{path}/proposals", json={"from": "LGC-V1", "to": "LGC-V2", "origins": ["table"]}
    )
    author.refused(422, "POST", f"{path}/proposals", json={"from": "LGC-V1", "to": "LGC-V2", "least": 2})


REM = SHARED / "data" / "rem"


@pytest.mark.skipif(not REM.is_dir(), reason="the real requirement lists are not beside the project")
def test_on_the_real_lists_the_table_and_likeness_agree(app: Flask, as_: As) -> None:
    manager, author = as_(Role.CATALOGUE), as_(Role.LEAD)
    socles = ("socles.csv", (REM / "socles.csv").read_bytes())
    for dispositif, vague in (("LGC", 1), ("LGC", 2), ("DPI", 1), ("DPI", 2)):
        dsr = f"/dsrs/{dispositif}-V{vague}"
        words = {"dispositif": dispositif, "vague": vague, "couloir": "c", "title": "t"}
        manager.put(dsr, words, status=201)
        workbook = (REM / f"REM-{dispositif}-Va{vague}.xlsx").read_bytes()
        manager.upload(f"{dsr}/imports", ("rem.xlsx", workbook), status=200)
        manager.upload(f"{dsr}/socles", socles, method="PUT", status=200)
        manager.post(f"{dsr}/publication", status=200)
    path = f"/rulebooks/{author.post('/rulebooks', {'label': 'Règles'})['id']}/proposals"
    content = ("correspondances.csv", (REM / "correspondances.csv").read_bytes())
    report = author.upload(f"{path}/table", content, status=200)
    assert (report["rows"], report["proposed"], report["problems"]) == (148, 148, [])
    for dispositif in ("LGC", "DPI"):
        words = {"from": f"{dispositif}-V1", "to": f"{dispositif}-V2", "origins": ["likeness"]}
        author.post(path, words, status=200)
    both = [
        one for one in author.every(f"{path}?origin=table&limit=500") if "likeness" in str(one["grounds"])
    ]
    assert len(both) >= 140
    unchanged = [one for one in both if one["relation"] == "equal"]
    assert sum(one["score"] == 1 for one in unchanged) >= 0.9 * len(unchanged)
    author.post(path, {"from": "LGC-V2", "to": "DPI-V2", "origins": ["socle"]}, status=200)
    socle = list(author.every(f"{path}?origin=socle&limit=500"))
    assert len(socle) > 70
    assert {one["relation"] for one in socle} == {"equal", "intersects"}
