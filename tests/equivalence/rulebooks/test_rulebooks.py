"""Rulebooks: written as JSON and as a table, checked before they are kept, frozen when they apply."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.errors import Conflict, Forbidden, NotFound
from referencing.base.permissions import Actor, Role
from referencing.catalogue.imports.problems import ForeignTable
from referencing.equivalence.engine.facts import Relation
from referencing.equivalence.rulebooks import queries
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.rulebooks.operations import add_correspondences, publish_rulebook, write_rulebook
from referencing.equivalence.rulebooks.rulebooks import Rules
from referencing.journal.models import Entry
from tests.builders import ALWAYS, Asked, Story, person, publish_dsr, publish_rules
from tests.clients import Client
from tests.conftest import Time, parts

Json = dict[str, Any]

INPUTS = Path(__file__).parents[2].parent / "shared" / "inputs"
RULES: Json = {
    "label": "Vague 1 vers vague 2",
    "correspondences": [
        {
            "id": "C1",
            "from": ["LGC-V1:INS.01", "LGC-V1:INS.02#01.01"],
            "to": "LGC-V2:INS/va1.01",
            "relation": "superset",
            "valid_from": "2026-01-01",
            "valid_until": "2027-01-01",
        },
        {
            "id": "C0",
            "from": ["LGC-V1:INS.03"],
            "to": "LGC-V2:INS/va1.03#02.01",
            "relation": "none",
            "valid_from": None,
            "valid_until": None,
        },
    ],
    "certificate_kinds": [
        {"kind": "CNDA-DMP", "covers": [{"dsr": "LGC-V1", "requirement": "DMP*"}, {"chapter": "DMP"}]},
        {"kind": "DMN", "covers": []},
    ],
    "policies": [
        {"when": {"guichet": ["CNDA"], "case": ["component", "inter_*"]}, "then": {"reuse": "never"}},
        {"when": {"kind": ["pentest"]}, "then": {"reuse": "auto", "max_age_days": 365}},
        {"when": {}, "then": {"reuse": "confirm"}},
    ],
}


def link(**changes: Any) -> Json:
    return {"correspondences": [{**RULES["correspondences"][0], **changes}]}


def policy(when: Json | None = None, **then: Any) -> Json:
    return {"policies": [{"when": when or {}, "then": {"reuse": "auto", **then}}]}


def kind(**changes: Any) -> Json:
    return {"certificate_kinds": [{"kind": "DMN", "covers": [], **changes}]}


#: A rule that is not right, and where the problem points.
BAD: list[tuple[Json, str]] = [
    ({"label": ""}, "/label"),
    ({"rules": []}, "/rules"),
    (link(id=""), "/correspondences/0/id"),
    ({"correspondences": [*link()["correspondences"] * 2]}, "/correspondences/1/id"),
    (link(**{"from": []}), "/correspondences/0/from"),
    (link(**{"from": ["INS.01"]}), "/correspondences/0/from/0"),
    (link(to="LGC-V2"), "/correspondences/0/to"),
    (link(to="LGC-V2:INS#"), "/correspondences/0/to"),
    (link(to=None), "/correspondences/0/to"),
    (link(relation="similar"), "/correspondences/0/relation"),
    (link(valid_from="1er mars"), "/correspondences/0/valid_from"),
    (link(valid_until="2026-01-01"), "/correspondences/0/valid_until"),
    (link(note="?"), "/correspondences/0/note"),
    ({"certificate_kinds": [*kind()["certificate_kinds"] * 2]}, "/certificate_kinds/1/kind"),
    (kind(covers=[{"vague/": "2"}]), "/certificate_kinds/0/covers/0/vague~1"),
    (kind(covers=[{"dsr": 2}]), "/certificate_kinds/0/covers/0/dsr"),
    (kind(covers={}), "/certificate_kinds/0/covers"),
    (policy({"socle": "*"}), "/policies/0/when/socle"),
    (policy({"chapter": 3}), "/policies/0/when/chapter"),
    (policy({"chapter": []}), "/policies/0/when/chapter"),
    (policy(reuse="sometimes"), "/policies/0/then/reuse"),
    (policy(max_age_days=-1), "/policies/0/then/max_age_days"),
    (policy(max_age_days="365"), "/policies/0/then/max_age_days"),
    ({"policies": [{"when": {}}]}, "/policies/0/then"),
]


def test_rules_sent_as_json_are_read_back_the_same(as_: Callable[..., Client]) -> None:
    lead = as_(Role.LEAD)
    written = lead.post("/rulebooks", RULES)
    read = lead.get(f"/rulebooks/{written['id']}")
    for rule in read["policies"]:
        if rule["then"]["max_age_days"] is None:
            del rule["then"]["max_age_days"]
    assert {key: read[key] for key in RULES} == RULES
    assert (read["state"], read["published_at"], read["superseded_at"]) == ("draft", None, None)


def test_one_glob_may_stand_without_a_list(as_: Callable[..., Client]) -> None:
    lead = as_(Role.LEAD)
    written = lead.post("/rulebooks", {"label": "Règles", **policy({"chapter": "INS"})})
    (rule,) = lead.get(f"/rulebooks/{written['id']}")["policies"]
    assert rule["when"] == {"chapter": ["INS"]}


def test_a_rule_that_is_not_right_is_pointed_at(as_: Callable[..., Client]) -> None:
    lead = as_(Role.LEAD)
    pointed = []
    for bad, _ in BAD:
        problem = lead.refused(422, "POST", "/rulebooks", json={"label": "Règles", **bad})
        pointed.append((bad, *(error["pointer"] for error in problem["errors"])))
    assert pointed == BAD


def test_a_refused_rulebook_leaves_nothing(as_: Callable[..., Client]) -> None:
    lead = as_(Role.LEAD)
    lead.refused(422, "POST", "/rulebooks", json={"label": "Règles", **link(to="LGC-V2")})
    assert lead.get("/rulebooks")["items"] == []


HEADINGS = (
    "dispositif_source,vague_source,exigences_source,dispositif_cible,vague_cible,exigence_cible,evolution"
)
ROWS = (
    "LGC,1,INS.01;INS.02,LGC,2,INS/va1.01,Modifiée",
    "LGC,1,INS.03,LGC,2,INS/va1.03,Inchangée",
)


def table(*rows: str) -> BytesIO:
    return BytesIO("\n".join([HEADINGS, *rows]).encode())


@pytest.fixture
def lead(scratch: Session) -> Actor:
    return person(scratch, Role.LEAD)


@pytest.fixture
def book(scratch: Session, lead: Actor) -> Rulebook:
    """An empty draft; the DSRs that the tables name are there."""
    publish_dsr(scratch, "LGC-V1", Asked("INS.01"))
    publish_dsr(scratch, "LGC-V2", Asked("INS/va1.01"))
    return write_rulebook(scratch, lead, "Règles", Rules((), (), (ALWAYS,)))


def test_each_row_of_the_table_is_a_rule(scratch: Session, lead: Actor, book: Rulebook) -> None:
    report = add_correspondences(scratch, lead, book.id, table(*ROWS))
    assert (report.rows, report.added, report.problems) == (2, 2, ())
    assert [(one.sources, one.target, one.relation) for one in book.correspondences] == [
        (["LGC-V1:INS.01", "LGC-V1:INS.02"], "LGC-V2:INS/va1.01", Relation.INTERSECTS),
        (["LGC-V1:INS.03"], "LGC-V2:INS/va1.03", Relation.EQUAL),
    ]


def test_the_table_is_read_as_a_french_spreadsheet_saves_it(
    scratch: Session, lead: Actor, book: Rulebook
) -> None:
    columns = "dispositif_source;vague_source;exigences_source;dispositif_cible;vague_cible;exigence_cible;evolution"
    rows = ["LGC;1;INS.01;LGC;2;INS/va1.01;Inchangée", "LGC;1;INS.02;LGC;2;INS/va1.02;Modifiée", ";;;;;;"]
    file = BytesIO("\r\n".join([columns, *rows]).encode("cp1252"))
    report = add_correspondences(scratch, lead, book.id, file)
    assert (report.rows, report.added, report.problems) == (2, 2, ())
    assert [one.relation for one in book.correspondences] == [Relation.EQUAL, Relation.INTERSECTS]


@pytest.mark.skipif(not INPUTS.is_dir(), reason="the files that failed are not here")
def test_a_table_that_was_refused_for_its_encoding_is_read(
    scratch: Session, lead: Actor, book: Rulebook
) -> None:
    with (INPUTS / "correspondances-tableur.csv").open("rb") as file:
        report = add_correspondences(scratch, lead, book.id, file)
    assert (report.rows, report.added, report.problems) == (2, 2, ())


def test_the_same_table_twice_changes_nothing(scratch: Session, lead: Actor, book: Rulebook) -> None:
    add_correspondences(scratch, lead, book.id, table(*ROWS))
    written = scratch.scalar(sa.select(sa.func.count()).select_from(Entry))
    report = add_correspondences(scratch, lead, book.id, table(*ROWS))
    assert (report.added, report.changed, report.unchanged) == (0, 0, 2)
    assert scratch.scalar(sa.select(sa.func.count()).select_from(Entry)) == written


def test_another_evolution_changes_the_rule(scratch: Session, lead: Actor, book: Rulebook) -> None:
    add_correspondences(scratch, lead, book.id, table(*ROWS))
    report = add_correspondences(scratch, lead, book.id, table(ROWS[0].replace("Modifiée", "Inchangée")))
    assert (report.added, report.changed, report.unchanged) == (0, 1, 0)
    assert [one.relation for one in book.correspondences] == [Relation.EQUAL, Relation.EQUAL]


@pytest.mark.parametrize(
    "row",
    [
        "LGC,1,INS.01,LGC,2,INS/va1.01,Supprimée",
        "LGC,1,,LGC,2,INS/va1.01,Modifiée",
        "LGC,1,INS.01,LGC,2,,Modifiée",
        "LGC,1,INS:01,LGC,2,INS/va1.01,Modifiée",
    ],
    ids=["evolution", "no source", "no target", "bad code"],
)
def test_a_bad_row_is_reported_and_the_others_are_taken(
    scratch: Session, lead: Actor, book: Rulebook, row: str
) -> None:
    report = add_correspondences(scratch, lead, book.id, table(row, ROWS[1]))
    assert (report.rows, report.added, [problem.row for problem in report.problems]) == (2, 1, [2])


def test_a_dsr_that_nobody_has_is_told_once_and_its_rows_are_kept(
    scratch: Session, lead: Actor, book: Rulebook
) -> None:
    strange = ["DPI,3,DEF.01,LGC,2,INS/va1.01,Modifiée", "DPI,3,DEF.02,LGC,2,INS/va1.02,Modifiée"]
    report = add_correspondences(scratch, lead, book.id, table(ROWS[1], *strange))
    (problem,) = report.unknown_dsrs
    assert (problem.row, problem.code) == (3, "unknown_dsr")
    assert "« DPI-V3 »" in problem.detail
    assert "2 lignes" in problem.detail
    assert report.problems == ()
    assert (report.added, len(book.correspondences)) == (3, 3)


def test_white_space_and_separators_too_many_do_not_count(
    scratch: Session, lead: Actor, book: Rulebook
) -> None:
    add_correspondences(scratch, lead, book.id, table("LGC,1,INS.01 ; INS .02;,LGC,2,INS/va1. 01,Modifiée"))
    (rule,) = book.correspondences
    assert (rule.sources, rule.target) == (["LGC-V1:INS.01", "LGC-V1:INS.02"], "LGC-V2:INS/va1.01")


def test_a_file_that_is_no_such_table_changes_nothing(scratch: Session, lead: Actor, book: Rulebook) -> None:
    with pytest.raises(ForeignTable):
        add_correspondences(scratch, lead, book.id, BytesIO(b"a,b\n1,2\n"))
    assert book.correspondences == []


def test_a_published_rulebook_takes_the_place_of_the_one_before(scratch: Session, time: Time) -> None:
    first = publish_rules(scratch)
    time.pass_days(1)
    second = publish_rules(scratch)
    assert (first.superseded_at, second.superseded_at) == (time.now, None)
    assert queries.in_force(scratch) is second


def test_a_published_rulebook_is_not_published_again(scratch: Session, lead: Actor, book: Rulebook) -> None:
    publish_rulebook(scratch, lead, book.id, accept_warnings=True)
    with pytest.raises(Conflict):
        publish_rulebook(scratch, lead, book.id, accept_warnings=True)


def test_a_published_rulebook_does_not_change(scratch: Session, lead: Actor, book: Rulebook) -> None:
    publish_rulebook(scratch, lead, book.id, accept_warnings=True)
    with pytest.raises(Conflict):
        add_correspondences(scratch, lead, book.id, table(*ROWS))


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LEAD}))
def test_only_a_lead_writes_rules(scratch: Session, book: Rulebook, role: Role) -> None:
    other = person(scratch, role)
    with pytest.raises(Forbidden):
        write_rulebook(scratch, other, "Règles", Rules((), (), ()))
    with pytest.raises(Forbidden):
        add_correspondences(scratch, other, book.id, table(*ROWS))
    with pytest.raises(Forbidden):
        publish_rulebook(scratch, other, book.id, accept_warnings=True)


def test_a_draft_is_hidden_from_those_who_do_not_write_it(
    scratch: Session, lead: Actor, book: Rulebook
) -> None:
    editor = person(scratch, Role.EDITOR)
    with pytest.raises(NotFound):
        queries.visible_rulebook(scratch, editor, book.id)
    assert queries.rulebooks(scratch, editor, None, 10) == []
    assert queries.rulebooks(scratch, lead, None, 10) == [book]


def test_a_published_rulebook_is_for_everyone_to_read(scratch: Session) -> None:
    editor, published = person(scratch, Role.EDITOR), publish_rules(scratch)
    assert queries.visible_rulebook(scratch, editor, published.id) is published
    assert queries.rulebooks(scratch, editor, None, 10) == [published]


def test_open_dossiers_are_resolved_again_when_rules_are_published(
    app: Flask, as_: Callable[..., Client], jobs: Callable[[], int]
) -> None:
    with db.transaction(parts(app).sessions) as session:
        publish_dsr(session, "LGC-V1", Asked("INS.01"))
        publish_dsr(session, "LGC-V2", Asked("INS/va1.01"))
        story = Story(session)
        solution = story.solution()
        story.verified(solution, "LGC-V1")
        filed = story.draft(solution, "LGC-V2")
        story.submit(filed, incomplete=True)  # a lead reads no draft
        dossier = filed.id
    lead = as_(Role.LEAD)
    rules = {"from": ["LGC-V1:INS.01"], "to": "LGC-V2:INS/va1.01", "relation": "equal", "id": "C1"}
    written = lead.post("/rulebooks", {"label": "Règles", "correspondences": [rules], **policy()})
    lead.post(f"/rulebooks/{written['id']}/publication", {"accept_warnings": True}, 200)
    before = lead.get(f"/candidatures/{dossier}")["progress"]
    jobs()
    after = lead.get(f"/candidatures/{dossier}")["progress"]
    assert (before["required"], before["covered"]) == (1, 0)
    assert (after["required"], after["covered"]) == (0, 1)
