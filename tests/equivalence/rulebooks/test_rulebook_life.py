"""The life of a rulebook: written, edited by several, checked, published for a day, superseded."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.errors import Conflict, Forbidden, Invalid, NotFound, Unconfirmed
from referencing.base.models import Job
from referencing.base.permissions import Actor, Role
from referencing.catalogue.proposals import Guichet
from referencing.equivalence.engine.facts import Correspondence, Policy, Relation, Reuse
from referencing.equivalence.rulebooks import history as rulebook_queries
from referencing.equivalence.rulebooks import queries
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.rulebooks.operations import (
    check_rulebook,
    publish_rulebook,
    supersede_rulebooks,
    write_rulebook,
)
from referencing.equivalence.rulebooks.rulebooks import Rules, digest
from tests.builders import ALWAYS, Asked, equal, person, publish_dsr, publish_rules, statements
from tests.clients import Client, form
from tests.conftest import Keys, Time, parts

Json = dict[str, Any]
As = Callable[..., Client]

LINK: Json = {"from": ["LGC-V1:INS.01"], "to": "LGC-V2:INS.01", "relation": "equal"}
ALL: Json = {"when": {}, "then": {"reuse": "auto"}}
BAD = Rules((Correspondence("R", ("LGC-V2:X",), "LGC-V2:INS.01", Relation.EQUAL),), (), (ALWAYS,))
DENIED = Rules(
    (
        equal("LGC-V1:INS.01", "LGC-V2:INS.01"),
        Correspondence("N", ("LGC-V1:INS.01",), "LGC-V2:INS.01", Relation.NONE),
    ),
    (),
    (ALWAYS,),
)


@pytest.fixture
def lead(scratch: Session) -> Actor:
    publish_dsr(scratch, "LGC-V1", Asked("INS.01"))
    publish_dsr(scratch, "LGC-V2", Asked("INS.01"))
    return person(scratch, Role.LEAD)


def written(session: Session, lead: Actor, rules: Rules | None = None) -> Rulebook:
    return write_rulebook(session, lead, "Règles", rules or Rules((), (), (ALWAYS,)))


def test_a_draft_is_checked_published_and_superseded(scratch: Session, lead: Actor) -> None:
    book = written(scratch, lead)
    states = [book.state]
    check_rulebook(scratch, lead, book.id)
    states.append(book.state)
    publish_rulebook(scratch, lead, book.id, accept_warnings=True)
    states.append(book.state)
    publish_rules(scratch)
    assert [*states, book.state] == ["draft", "checked", "published", "superseded"]


def test_a_draft_with_errors_was_looked_at_but_is_not_checked(scratch: Session, lead: Actor) -> None:
    book = written(scratch, lead, DENIED)
    _, found = check_rulebook(scratch, lead, book.id)
    assert [one.code for one in found if one.severity == "error"] == ["contradiction"]
    assert book.state == "draft"


def test_the_result_is_kept_with_the_digest_of_the_rules(scratch: Session, lead: Actor) -> None:
    book = written(scratch, lead, BAD)
    _, found = check_rulebook(scratch, lead, book.id)
    scratch.expire_all()
    kept = rulebook_queries.checked_rulebook(scratch, lead, book.id)
    assert kept.checked_digest == digest(BAD)
    assert [one["code"] for one in kept.findings or []] == [one.code for one in found]


def test_errors_forbid_publication_even_when_warnings_are_accepted(scratch: Session, lead: Actor) -> None:
    book = written(scratch, lead, DENIED)
    for accepted in (False, True):
        with pytest.raises(Conflict) as refused:
            publish_rulebook(scratch, lead, book.id, accept_warnings=accepted)
        assert [one.pointer for one in refused.value.errors] == ["/correspondences/1"]
    assert book.published_at is None


def test_warnings_refuse_where_one_asks_for_it_and_else_the_journal_says_which_were(
    scratch: Session, lead: Actor
) -> None:
    book = written(scratch, lead, BAD)
    with pytest.raises(Unconfirmed) as refused:
        publish_rulebook(scratch, lead, book.id, accept_warnings=False)
    pointers = ["/correspondences/0/from/0", "/policies", "/policies", "", ""]
    assert [one.pointer for one in refused.value.errors] == [*pointers, "/accept_warnings"]
    publish_rulebook(scratch, lead, book.id, accept_warnings=True)
    *_, last = rulebook_queries.history(scratch, lead, book.id, 0, 10)
    assert (last.action, last.detail["accepted"]) == ("rulebook.published", pointers[:-1]), "checked by then"


def test_a_rulebook_without_policies_is_refused_whatever_is_accepted(scratch: Session, lead: Actor) -> None:
    book = write_rulebook(scratch, lead, "Règles", Rules((), (), ()))
    for accepted in (False, True):
        with pytest.raises(Conflict) as refused:
            publish_rulebook(scratch, lead, book.id, accept_warnings=accepted)
        (error,) = refused.value.errors
        assert (error.pointer, "rien ne serait plus réutilisé" in error.detail) == ("/policies", True)
    assert book.published_at is None


def test_what_nobody_has_checked_is_published_only_when_that_is_said(scratch: Session, lead: Actor) -> None:
    book = written(scratch, lead)
    with pytest.raises(Unconfirmed) as refused:
        publish_rulebook(scratch, lead, book.id)
    assert any("Personne n'a vérifié" in one.detail for one in refused.value.errors)
    check_rulebook(scratch, lead, book.id)
    with pytest.raises(Unconfirmed) as refused:
        publish_rulebook(scratch, lead, book.id)
    assert not any("Personne n'a vérifié" in one.detail for one in refused.value.errors)
    assert any("n'ont pas été simulées" in one.detail for one in refused.value.errors), "a refusal of its own"
    assert publish_rulebook(scratch, lead, book.id, accept_warnings=True).published_at is not None


def test_what_is_published_is_checked_against_the_dsrs_of_that_moment(scratch: Session, lead: Actor) -> None:
    book = written(scratch, lead)
    check_rulebook(scratch, lead, book.id)
    assert book.state == "checked"
    publish_dsr(scratch, "LGC-V2", Asked("DMP.01", guichet=Guichet.CNDA))
    with pytest.raises(Unconfirmed):
        publish_rulebook(scratch, lead, book.id, accept_warnings=False)


def test_checking_takes_as_many_queries_whatever_the_number_of_rules(app: Flask) -> None:
    counts = []
    for number in (1, 60):
        with db.transaction(parts(app).sessions) as session:
            publish_dsr(session, f"L{number}-V1", *(Asked(f"INS.{rank}") for rank in range(number)))
            lead = person(session, Role.LEAD)
            rules = [equal(f"L{number}-V1:INS.{rank}", f"L{number}-V1:INS.0") for rank in range(1, number)]
            book = write_rulebook(session, lead, "Règles", Rules(tuple(rules), (), (ALWAYS,))).id
        with statements(parts(app).engine) as sent, db.transaction(parts(app).sessions) as session:
            check_rulebook(session, lead, book)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 12


def test_a_later_day_leaves_the_one_in_force_until_it_comes(
    scratch: Session, lead: Actor, time: Time
) -> None:
    first = publish_rules(scratch)
    second = publish_rulebook(
        scratch,
        lead,
        written(scratch, lead).id,
        valid_from=db.today(scratch) + timedelta(2),
        accept_warnings=True,
    )
    in_force = []
    for _ in range(4):
        supersede_rulebooks(scratch)
        in_force.append(queries.in_force(scratch))
        time.pass_days(1)
    assert in_force == [first, first, second, second]
    assert (first.state, second.state) == ("superseded", "published")
    assert first.superseded_at == second.published_at


def test_the_day_begins_at_midnight_in_paris(scratch: Session, lead: Actor, time: Time) -> None:
    book = publish_rulebook(
        scratch,
        lead,
        written(scratch, lead).id,
        valid_from=db.today(scratch) + timedelta(1),
        accept_warnings=True,
    )
    time.now = time.now.replace(hour=22, minute=59)
    supersede_rulebooks(scratch)
    assert queries.in_force(scratch) is None
    time.now += timedelta(minutes=1)
    supersede_rulebooks(scratch)
    assert queries.in_force(scratch) is book


def test_days_that_nobody_was_there_for_are_made_up_for_in_order(
    scratch: Session, lead: Actor, time: Time
) -> None:
    later, sooner = (
        publish_rulebook(
            scratch,
            lead,
            written(scratch, lead).id,
            valid_from=db.today(scratch) + timedelta(days),
            accept_warnings=True,
        )
        for days in (3, 2)
    )
    time.pass_days(10)
    supersede_rulebooks(scratch)
    supersede_rulebooks(scratch)
    assert queries.in_force(scratch) is later
    assert sooner.superseded_at == later.published_at
    jobs = sa.select(sa.func.count()).where(Job.task == "follow_rules")
    assert scratch.scalar(jobs) == 2


def test_a_rulebook_is_not_published_for_a_day_that_is_past(scratch: Session, lead: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        publish_rulebook(
            scratch, lead, written(scratch, lead).id, valid_from=date(2020, 1, 1), accept_warnings=True
        )
    assert [one.pointer for one in refused.value.errors] == ["/valid_from"]


def test_two_rulebooks_do_not_wait_for_the_same_day(scratch: Session, lead: Actor) -> None:
    day = db.today(scratch) + timedelta(1)
    publish_rulebook(scratch, lead, written(scratch, lead).id, valid_from=day, accept_warnings=True)
    with pytest.raises(IntegrityError):
        publish_rulebook(scratch, lead, written(scratch, lead).id, valid_from=day, accept_warnings=True)


def test_what_waits_for_its_day_is_for_everyone_to_read_and_does_not_change(
    scratch: Session, lead: Actor
) -> None:
    book = publish_rulebook(
        scratch,
        lead,
        written(scratch, lead).id,
        valid_from=db.today(scratch) + timedelta(1),
        accept_warnings=True,
    )
    editor = person(scratch, Role.EDITOR)
    assert queries.visible_rulebook(scratch, editor, book.id) is book
    assert book in queries.rulebooks(scratch, editor, None, 10)
    with pytest.raises(Conflict):
        publish_rulebook(scratch, lead, book.id, accept_warnings=True)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LEAD}))
def test_only_a_lead_checks(scratch: Session, lead: Actor, role: Role) -> None:
    book = written(scratch, lead)
    with pytest.raises(Forbidden):
        check_rulebook(scratch, person(scratch, role), book.id)


def test_the_checks_of_a_draft_are_hidden_as_the_draft_is(scratch: Session, lead: Actor) -> None:
    book = written(scratch, lead)
    with pytest.raises(NotFound):
        rulebook_queries.checked_rulebook(scratch, lead, book.id)
    check_rulebook(scratch, lead, book.id)
    editor = person(scratch, Role.EDITOR)
    for read in (
        lambda: rulebook_queries.checked_rulebook(scratch, editor, book.id),
        lambda: rulebook_queries.history(scratch, editor, book.id, 0, 10),
        lambda: rulebook_queries.compared(scratch, editor, book.id, None),
    ):
        with pytest.raises(NotFound):
            read()


@pytest.fixture
def author(app: Flask, as_: As) -> Client:
    with db.transaction(parts(app).sessions) as session:
        publish_dsr(session, "LGC-V1", Asked("INS.01"))
        publish_dsr(session, "LGC-V2", Asked("INS.01"))
    return as_(Role.LEAD)


@pytest.fixture
def path(author: Client) -> str:
    book = author.post(
        "/rulebooks", {"label": "Règles", "correspondences": [{"id": "C1", **LINK}], "policies": [ALL]}
    )
    return f"/rulebooks/{book['id']}"


def test_over_http_findings_are_answered_kept_and_forgotten_with_an_edit(author: Client, path: str) -> None:
    author.refused(404, "GET", f"{path}/checks")
    checked = author.post(f"{path}/checks", status=200)
    assert (checked["state"], author.get(path)["state"]) == ("checked", "checked")
    assert [one["code"] for one in checked["findings"]] == [
        "standing_unsaid",
        "standing_unsaid",
        "unreached_requirements",
    ]
    assert set(checked["findings"][0]) == {"pointer", "code", "severity", "detail"}
    assert author.get(f"{path}/checks") == checked
    edit(author, "PUT", f"{path}/correspondences/C1", {**LINK, "relation": "subset"})
    assert author.get(path)["state"] == "draft"
    author.refused(404, "GET", f"{path}/checks")


def test_over_http_a_refused_publication_points_at_the_rules(author: Client, path: str) -> None:
    edit(author, "PUT", f"{path}/correspondences/N", {**LINK, "relation": "none"})
    problem = author.refused(409, "POST", f"{path}/publication", json={"accept_warnings": True})
    assert [one["pointer"] for one in problem["errors"]] == ["/correspondences/1"]
    edit(author, "DELETE", f"{path}/correspondences/N")
    published = author.post(f"{path}/publication", {"valid_from": "2026-03-09", "accept_warnings": True}, 200)
    assert (published["state"], published["valid_from"], published["published_at"]) == (
        "published",
        "2026-03-09",
        None,
    )


def test_on_its_day_a_rulebook_is_put_in_force_by_a_job(
    author: Client, path: str, time: Time, app: Flask, jobs: Callable[[], int]
) -> None:
    author.post(f"{path}/publication", {"valid_from": "2026-03-09", "accept_warnings": True}, 200)
    time.pass_days(7)
    with db.transaction(parts(app).sessions) as session:
        session.add(Job(task="supersede_rulebooks", arguments={}, due_at=time.now))
    jobs()
    assert author.get(path)["published_at"] is not None
    assert [one["action"] for one in author.every(f"{path}/history")] == [
        "rulebook.written",
        "rulebook.published",
        "rulebook.in_force",
    ]


def edit(client: Client, method: str, path: str, body: Json | None = None) -> Any:
    """An edit on what was just read."""
    whole = client.send("GET", path[: len("/rulebooks/") + 36])
    return client.expect(
        200, client.send(method, path, json=body, headers={"If-Match": whole.headers["ETag"]})
    )


POLICY: Json = {"when": {"vague": ["2"]}, "then": {"reuse": "confirm", "max_age_days": None}}
COVERS: Json = {"covers": [{"dsr": "LGC-V1"}]}
#: What is edited, and what is then read of the rulebook.
EDITS: list[tuple[str, str, Json | None, str, list[Json]]] = [
    ("PUT", "correspondences/C2", LINK, "correspondences", [{"id": "C1", **LINK}, {"id": "C2", **LINK}]),
    (
        "PUT",
        "correspondences/A%2Fb%20c",
        LINK,
        "correspondences",
        [{"id": "C1", **LINK}, {"id": "A/b c", **LINK}],
    ),
    ("DELETE", "correspondences/C1", None, "correspondences", []),
    ("PUT", "policies/0", POLICY, "policies", [POLICY]),
    ("PUT", "policies/1", POLICY, "policies", [ALL, POLICY]),
    ("DELETE", "policies/0", None, "policies", []),
    ("PUT", "certificate-kinds/DMN", COVERS, "certificate_kinds", [{"kind": "DMN", **COVERS}]),
]


@pytest.mark.parametrize(("method", "entry", "body", "key", "expected"), EDITS, ids=lambda one: str(one)[:30])
def test_one_rule_is_edited_and_the_next_edit_is_made_on_the_new_etag(
    author: Client, path: str, method: str, entry: str, body: Json | None, key: str, expected: list[Json]
) -> None:
    answered = edit(author, method, f"{path}/{entry}", body)
    whole = author.get(path)
    assert answered["revision"] == whole["revision"] == 2
    assert [{name: found[name] for name in one} for found, one in zip(whole[key], expected, strict=True)] == [
        {**one, **({"then": {"max_age_days": None, **one["then"]}} if "then" in one else {})}
        for one in expected
    ]


def test_policies_after_one_that_is_removed_move_up(author: Client, path: str) -> None:
    edit(author, "PUT", f"{path}/policies/1", POLICY)
    edit(author, "PUT", f"{path}/policies/2", {**POLICY, "when": {"vague": ["1"]}})
    edit(author, "DELETE", f"{path}/policies/1")
    assert [one["when"] for one in author.get(path)["policies"]] == [{}, {"vague": ["1"]}]


def test_a_kind_is_replaced_and_removed(author: Client, path: str) -> None:
    kind = f"{path}/certificate-kinds/DMN"
    edit(author, "PUT", kind, COVERS)
    edit(author, "PUT", kind, {"covers": []})
    assert author.get(path)["certificate_kinds"] == [{"kind": "DMN", "covers": []}]
    edit(author, "DELETE", kind)
    assert author.get(path)["certificate_kinds"] == []


@pytest.mark.parametrize(
    ("method", "entry", "body"), [("PUT", "correspondences/C1", LINK), ("DELETE", "policies/0", None)]
)
def test_an_edit_names_the_revision_that_it_was_made_on(
    author: Client, path: str, method: str, entry: str, body: Json | None
) -> None:
    author.refused(428, method, f"{path}/{entry}", json=body)
    author.refused(412, method, f"{path}/{entry}", json=body, headers={"If-Match": '"9"'})
    assert author.get(path)["revision"] == 1


def test_of_two_authors_at_once_one_has_to_read_again(app: Flask, key_of: Keys, path: str) -> None:
    def change(name: str) -> int:
        client = Client(app.test_client(), key_of(Role.LEAD, name=name))
        entry = f"{path}/correspondences/{name}"
        return client.send("PUT", entry, json=LINK, headers={"If-Match": '"1"'}).status_code

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(change, ("Dominique", "Sacha"))) == [200, 412]


@pytest.mark.parametrize("entry", ["correspondences/X", "certificate-kinds/X", "policies/1"])
def test_what_is_not_there_is_not_removed(author: Client, path: str, entry: str) -> None:
    author.refused(404, "DELETE", f"{path}/{entry}", headers={"If-Match": '"1"'})


def test_a_policy_is_not_put_beyond_the_end(author: Client, path: str) -> None:
    author.refused(404, "PUT", f"{path}/policies/2", json=POLICY, headers={"If-Match": '"1"'})


@pytest.mark.parametrize(
    ("entry", "body", "pointer"),
    [
        ("correspondences/C1", {**LINK, "from": []}, "/from"),
        ("correspondences/C1", {**LINK, "id": "C1"}, "/id"),
        ("policies/0", {"when": {"socle": "*"}, "then": {"reuse": "auto"}}, "/when/socle"),
        ("certificate-kinds/DMN", {"covers": [{"vague": "2"}]}, "/covers/0/vague"),
    ],
)
def test_an_edit_that_is_not_right_is_pointed_at(
    author: Client, path: str, entry: str, body: Json, pointer: str
) -> None:
    problem = author.refused(422, "PUT", f"{path}/{entry}", json=body, headers={"If-Match": '"1"'})
    assert [one["pointer"] for one in problem["errors"]] == [pointer]


def test_a_published_rulebook_is_not_edited(author: Client, path: str) -> None:
    author.post(f"{path}/publication", {"accept_warnings": True}, 200)
    author.refused(409, "PUT", f"{path}/policies/0", json=POLICY, headers={"If-Match": '"1"'})


def test_saying_what_stands_already_changes_nothing(author: Client, path: str) -> None:
    author.post(f"{path}/checks", status=200)
    edit(author, "PUT", f"{path}/correspondences/C1", LINK)
    assert [author.get(path)[key] for key in ("revision", "state")] == [1, "checked"]


def test_the_history_says_who_changed_what(author: Client, path: str, as_: As) -> None:
    other = as_(Role.LEAD, name="Dominique")
    edit(other, "PUT", f"{path}/correspondences/C1", {**LINK, "relation": "subset"})
    edit(author, "DELETE", f"{path}/policies/0")
    history = list(author.every(f"{path}/history?limit=1"))
    assert [(one["action"], one["by"]) for one in history] == [
        ("rulebook.written", "Camille"),
        ("rulebook.edited", "Dominique"),
        ("rulebook.edited", "Camille"),
    ]
    _, first, second = (one["detail"] for one in history)
    assert (first["before"]["relation"], first["after"]["relation"]) == ("equal", "subset")
    assert (second["position"], second["after"]) == (0, None)


def test_outside_the_agency_nobody_reads_who_in_it_wrote_the_rules(
    author: Client, path: str, as_: As
) -> None:
    author.post(f"{path}/publication", {"accept_warnings": True}, 200)
    assert {one["by"] for one in as_(Role.EDITOR).get(f"{path}/history")["items"]} == {"agence"}


def test_a_draft_is_compared_with_the_rulebook_in_force_or_another(author: Client, path: str) -> None:
    nothing = author.get(f"{path}/diff")
    assert (nothing["against"], len(nothing["correspondences"]["added"])) == (None, 1)
    author.post(f"{path}/publication", {"accept_warnings": True}, 200)
    draft = author.post("/rulebooks", {"label": "Suite", "correspondences": [{"id": "C2", **LINK}]})
    changes = author.get(f"/rulebooks/{draft['id']}/diff")
    assert changes["against"] == path.rpartition("/")[2]
    names = {key: [one["id"] for one in changes["correspondences"][key]] for key in ("added", "removed")}
    assert names == {"added": ["C2"], "removed": ["C1"]}
    same = author.get(f"/rulebooks/{draft['id']}/diff?against={draft['id']}")
    assert [same[key]["added"] for key in ("correspondences", "policies")] == [[], []]


def test_json_that_was_exported_is_posted_again(author: Client, path: str) -> None:
    exported = author.get(f"{path}/export")
    again = author.post("/rulebooks", exported)
    assert author.get(f"/rulebooks/{again['id']}/export") == exported


@pytest.mark.parametrize("kind", ["csv", "oscal"])
def test_a_file_that_was_exported_is_imported_as_the_same_rules(author: Client, path: str, kind: str) -> None:
    exported = author.send("GET", f"{path}/export?format={kind}")
    assert exported.headers["Content-Disposition"].startswith("attachment; filename=")
    report = author.upload(f"/rulebooks/imports?format={kind}&label=Copie", ("regles", exported.data))
    assert (report["left_out"], report["rulebook"]["label"]) == ([], "Copie")
    named = {code.partition(":")[0] for code in (*LINK["from"], LINK["to"])}
    assert report["unknown_dsrs"] == sorted(named - {dsr["code"] for dsr in author.every("/dsrs")})
    assert author.get(f"/rulebooks/{report['rulebook']['id']}/diff?against={path[11:]}")["reordered"] is False
    copy, whole = (author.get(f"{one}/export") for one in (f"/rulebooks/{report['rulebook']['id']}", path))
    assert copy == {**whole, "label": "Copie"}


def test_a_document_without_a_title_asks_for_one(author: Client, path: str) -> None:
    sheets = author.send("GET", f"{path}/export?format=csv").data
    response = author.send("POST", "/rulebooks/imports?format=csv", data=form(("regles.zip", sheets)))
    assert response.status_code == 422


@pytest.mark.parametrize(("kind", "content"), [("csv", b"?"), ("oscal", b"{"), ("oscal", b"[]")])
def test_a_file_that_is_none_of_these_is_refused(author: Client, kind: str, content: bytes) -> None:
    response = author.send("POST", f"/rulebooks/imports?format={kind}&label=x", data=form(("f", content)))
    assert response.status_code == 422
    assert author.get("/rulebooks")["items"] == []


def test_rules_without_correspondences_have_no_oscal_form(author: Client, path: str) -> None:
    edit(author, "DELETE", f"{path}/correspondences/C1")
    author.refused(409, "GET", f"{path}/export?format=oscal")


def test_only_a_lead_imports_and_edits(as_: As, author: Client, path: str) -> None:
    sheets = author.send("GET", f"{path}/export?format=csv").data
    verifier = as_(Role.VERIFIER)
    sent = verifier.send(
        "POST", "/rulebooks/imports?format=csv&label=x", data={"file": (io.BytesIO(sheets), "f")}
    )
    assert sent.status_code == 403
    for entry, body in (
        ("correspondences/C1", LINK),
        ("policies/0", POLICY),
        ("certificate-kinds/X", COVERS),
    ):
        for method in ("PUT", "DELETE"):
            words = body if method == "PUT" else None
            verifier.refused(403, method, f"{path}/{entry}", json=words, headers={"If-Match": '"1"'})


def test_reuse_of_what_the_cnda_verified_is_told_with_the_policy(scratch: Session, lead: Actor) -> None:
    publish_dsr(scratch, "LGC-V2", Asked("DMP.01", guichet=Guichet.CNDA))
    book = written(scratch, lead)
    with pytest.raises(Unconfirmed) as refused:
        publish_rulebook(scratch, lead, book.id, accept_warnings=False)
    assert [one.pointer for one in refused.value.errors] == [
        "/policies",
        "/policies",
        "/policies/0/then/reuse",
        "",
        "",
        "/accept_warnings",
    ]
    publish_rules(scratch, policies=[Policy({"guichet": ("CNDA",)}, Reuse.CONFIRM), ALWAYS])
