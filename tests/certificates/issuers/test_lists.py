"""What an issuer lists, imported by a lead: who stands how, and what is then looked at before it is reused."""

from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa

from referencing.accounts.models import Account
from referencing.base.errors import Unconfirmed
from referencing.base.permissions import Actor, Role
from referencing.certificates.issuers.lists import import_list
from tests.candidatures.dossiers import CNDA, Dossier, People
from tests.candidatures.running import Running
from tests.certificates.conftest import COMPONENT, NIL
from tests.clients import form

HEADINGS = "type;numero;titulaire;debut;dernier_jour"
LISTED = f"CNDA-DMP;2026-1;{COMPONENT};01/01/2026;31/12/2028"


@pytest.fixture
def issuer(people: People) -> str:
    people.lead.put("/issuers/CNDA", {"name": "CNDA", "kinds": ["CNDA-DMP"]}, status=201)
    return "/issuers/CNDA"


def enter(dossier: Dossier, number: str = "2026-1", holder: str = COMPONENT, **changes: Any) -> Any:
    words = {
        "kind": "CNDA-DMP",
        "holder": holder,
        "number": number,
        "valid_from": "2026-01-01",
        "valid_until": "2029-01-01",
    }
    entered = dossier.people.lead.post(
        f"/softwares/{dossier.read()['software']}/certificates", {**words, **changes}
    )
    dossier.people.jobs()
    return entered


def listed(*rows: str) -> tuple[str, bytes]:
    return "liste.csv", "\n".join([HEADINGS, *rows]).encode("utf-8-sig")


def bring(people: People, issuer: str, *rows: str, as_of: str = "2026-03-02") -> Any:
    """Import a list as whoever has read what it moves."""
    digest = ask(people, issuer, *rows, as_of=as_of)["digest"]
    path = f"{issuer}/list?as_of={as_of}&digest={digest}"
    report = people.lead.upload(path, listed(*rows), method="PUT", status=200)
    people.jobs()
    return report


def ask(people: People, issuer: str, *rows: str, as_of: str = "2026-03-02") -> Any:
    path = f"{issuer}/list?as_of={as_of}&dry_run=true"
    return people.lead.upload(path, listed(*rows), method="PUT", status=200)


def check(dossier: Dossier, certificate: Any) -> Any:
    return dossier.people.verifier.get(f"/certificates/{certificate['id']}")["check"]


def test_without_a_list_a_certificate_covers_as_its_policy_says(dossier: Dossier) -> None:
    entered = enter(dossier)
    assert check(dossier, entered)["standing"] == "no_list"
    assert dossier.item(CNDA)["state"] == "covered"


def test_a_certificate_that_is_listed_goes_on_covering(dossier: Dossier, issuer: str) -> None:
    entered = enter(dossier)
    report = bring(dossier.people, issuer, LISTED)
    assert [report["number"], report["entries"], report["moved"], report["problems"]] == [1, 1, 1, []]
    assert check(dossier, entered) == {
        "standing": "listed",
        "confirmed": True,
        "holder_shown": True,
        "differs": [],
        "issuer": "CNDA",
        "list": 1,
        "as_of": "2026-03-02",
    }
    assert dossier.item(CNDA)["state"] == "covered"


def test_one_that_is_absent_is_confirmed_by_a_verifier_before_it_is_reused(
    dossier: Dossier, issuer: str
) -> None:
    entered = enter(dossier)
    bring(dossier.people, issuer, f"CNDA-DMP;2026-2;{COMPONENT};;")
    assert check(dossier, entered)["standing"] == "absent"
    item = dossier.item(CNDA)
    assert [item["state"], item["reuse"]["confirm"]] == ["to_confirm", ["policy"]]
    told = dossier.people.editor.get(f"{dossier.path}/equivalence")["items"]
    said = next(one for one in told if one["code"] == CNDA)["explanation"]
    assert "n'est pas sur la dernière liste importée de son émetteur" in said[-1]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("CNDA-DMP;2026-1;DMP-Box@2.0;01/01/2026;31/12/2028", "holder"),
        (f"CNDA-DMP;2026-1;{COMPONENT};02/01/2026;31/12/2028", "valid_from"),
        (f"CNDA-DMP;2026-1;{COMPONENT};01/01/2026;30/12/2028", "valid_until"),
    ],
)
def test_what_the_list_says_otherwise_is_named(dossier: Dossier, issuer: str, row: str, field: str) -> None:
    entered = enter(dossier)
    bring(dossier.people, issuer, row)
    assert [check(dossier, entered)[key] for key in ("standing", "differs")] == ["differs", [field]]
    assert dossier.item(CNDA)["state"] == "to_confirm"


def test_what_the_list_does_not_tell_and_the_case_of_letters_do_not_differ(
    dossier: Dossier, issuer: str
) -> None:
    entered = enter(dossier, "2026-a")
    bring(dossier.people, issuer, "CNDA-DMP;2026-A;dmp-box@2.1;;")
    assert check(dossier, entered)["standing"] == "listed"


def test_the_holder_of_a_software_s_own_is_its_nil(dossier: Dossier, issuer: str) -> None:
    software = dossier.read()["software"]
    entered = enter(dossier, holder=software)
    bring(dossier.people, issuer, f"CNDA-DMP;2026-1;{NIL};;")
    assert check(dossier, entered)["standing"] == "listed"


def test_a_certificate_that_begins_after_the_list_cannot_be_on_it(dossier: Dossier, issuer: str) -> None:
    bring(dossier.people, issuer, LISTED, as_of="2026-02-15")
    entered = enter(dossier, "2026-9", valid_from="2026-02-16")
    assert check(dossier, entered)["standing"] == "too_recent"
    assert dossier.item(CNDA)["state"] == "covered"


def test_the_next_list_takes_the_place_of_the_one_before(dossier: Dossier, issuer: str) -> None:
    entered = enter(dossier)
    bring(dossier.people, issuer, f"CNDA-DMP;2026-2;{COMPONENT};;")
    report = bring(dossier.people, issuer, LISTED)
    (moved,) = report["certificates"]
    assert moved["certificate"] == entered["id"]
    assert [moved[when]["standing"] for when in ("before", "after")] == ["absent", "listed"]
    assert dossier.item(CNDA)["state"] == "covered"
    lists = dossier.people.lead.get(f"{issuer}/lists")["items"]
    assert [(one["number"], one["superseded_at"] is None) for one in lists] == [(1, False), (2, True)]
    (line,) = dossier.people.lead.get(f"{issuer}/lists/1")["items"]
    assert [line["number"], line["holder"], line["valid_from"]] == ["2026-2", COMPONENT, None]


def test_the_same_file_again_changes_nothing(dossier: Dossier, issuer: str) -> None:
    enter(dossier)
    bring(dossier.people, issuer, LISTED)
    again = bring(dossier.people, issuer, LISTED)
    assert [again["number"], again["moved"]] == [1, 0]


def test_what_a_list_would_do_is_asked_without_doing_it(dossier: Dossier, issuer: str) -> None:
    entered = enter(dossier)
    asked = ask(dossier.people, issuer, f"CNDA-DMP;2026-2;{COMPONENT};;")
    assert [asked["dry_run"], asked["moved"]] == [True, 1]
    assert check(dossier, entered)["standing"] == "no_list"
    assert dossier.item(CNDA)["state"] == "covered"
    assert dossier.people.lead.get(f"{issuer}/lists")["items"] == []


def test_a_list_by_which_certificates_lose_is_imported_once_that_is_meant(
    dossier: Dossier, issuer: str
) -> None:
    entered, lead = enter(dossier), dossier.people.lead
    file = listed(f"CNDA-DMP;2026-2;{COMPONENT};;")
    asked = ask(dossier.people, issuer, f"CNDA-DMP;2026-2;{COMPONENT};;")
    for query in ("", f"?digest={'0' * 64}"):
        problem = lead.refused(409, "PUT", f"{issuer}/list{query}", data=form(file))
        assert [problem["losing"], problem["digest"]] == [1, asked["digest"]]
        assert [error["pointer"] for error in problem["errors"]] == ["/query/digest"]
    assert check(dossier, entered)["standing"] == "no_list"
    report = lead.upload(f"{issuer}/list?digest={asked['digest']}", file, method="PUT", status=200)
    assert [report["losing"], report["digest"]] == [1, asked["digest"]]


def test_what_a_list_loses_is_confirmed_below_http_too(dossier: Dossier, issuer: str) -> None:
    entered = enter(dossier)
    _, file = listed(f"CNDA-DMP;2026-2;{COMPONENT};;")
    with dossier.people.parts.sessions() as session:
        account = session.scalars(sa.select(Account).where(Account.role == Role.LEAD).limit(1)).one()
        lead = Actor(account.id, account.name, account.role)
        with pytest.raises(Unconfirmed):
            import_list(session, lead, "CNDA", BytesIO(file), digest="0" * 64)
    assert check(dossier, entered)["standing"] == "no_list"


def test_a_list_by_which_nothing_is_lost_needs_no_digest(dossier: Dossier, issuer: str) -> None:
    enter(dossier)
    assert (
        dossier.people.lead.upload(f"{issuer}/list", listed(LISTED), method="PUT", status=200)["losing"] == 0
    )


def test_an_older_list_or_one_of_tomorrow_is_refused(people: People, issuer: str) -> None:
    bring(people, issuer, LISTED)
    for day in ("2026-03-01", "2026-03-03"):
        file = form(("liste.csv", HEADINGS.encode()))
        problem = people.lead.refused(422, "PUT", f"{issuer}/list?as_of={day}", data=file)
        assert [one["pointer"] for one in problem["errors"]] == ["/query/as_of"]


def test_a_list_of_which_no_row_can_be_used_is_refused(dossier: Dossier, issuer: str) -> None:
    entered = enter(dossier)
    file = form(("liste.csv", f"{HEADINGS}\nDMP;2026-1;{COMPONENT};;".encode()))
    problem = dossier.people.lead.refused(422, "PUT", f"{issuer}/list", data=file)
    assert [one["pointer"] for one in problem["errors"]] == ["/file/2"]
    assert check(dossier, entered)["standing"] == "no_list"


def test_an_issuer_that_certifies_nobody_any_more_has_an_empty_list(dossier: Dossier, issuer: str) -> None:
    entered = enter(dossier)
    assert bring(dossier.people, issuer)["entries"] == 0
    assert check(dossier, entered)["standing"] == "absent"


def test_a_kind_that_was_added_waits_for_the_next_list(dossier: Dossier, issuer: str) -> None:
    people = dossier.people
    other = enter(dossier, kind="CNDA-AUTRE")
    bring(people, issuer, LISTED)
    words = {"name": "CNDA", "kinds": ["CNDA-DMP", "CNDA-AUTRE"]}
    people.lead.put(issuer, words, headers={"If-Match": '"1"'})
    assert check(dossier, other)["standing"] == "no_list"
    bring(people, issuer, LISTED)
    assert check(dossier, other)["standing"] == "absent"


def test_a_kind_that_is_no_longer_delivered_is_no_longer_checked(dossier: Dossier, issuer: str) -> None:
    enter(dossier)
    bring(dossier.people, issuer, "CNDA-DMP;2026-2;NIL-9;;")
    assert dossier.item(CNDA)["state"] == "to_confirm"
    dossier.people.lead.put(issuer, {"name": "CNDA", "kinds": []}, headers={"If-Match": '"1"'})
    dossier.people.jobs()
    assert dossier.item(CNDA)["state"] == "covered"


def test_an_issuer_is_changed_on_what_was_read(people: People, issuer: str) -> None:
    words = {"name": "Centre", "kinds": ["CNDA-DMP"]}
    people.lead.refused(428, "PUT", issuer, json=words)
    changed = people.lead.put(issuer, words, headers={"If-Match": '"1"'})
    acts = ["change", "import_list"]
    assert changed == {
        "code": "CNDA",
        **words,
        "counter": None,
        "revision": 2,
        "actions": acts,
        "remarks": [],
    }
    people.lead.refused(412, "PUT", issuer, json=words, headers={"If-Match": '"1"'})


def test_a_kind_has_one_issuer(people: People, issuer: str) -> None:
    words = {"name": "Autre", "kinds": ["X", "CNDA-DMP"]}
    problem = people.lead.refused(409, "PUT", "/issuers/AUTRE", json=words)
    (error,) = problem["errors"]
    assert error == {"pointer": "/kinds/0", "detail": "« CNDA-DMP » est délivré par CNDA."}


def test_a_lead_finds_what_is_in_doubt(dossier: Dossier, issuer: str) -> None:
    enter(dossier)
    doubted = enter(dossier, "2026-7")
    bring(dossier.people, issuer, LISTED)
    ids = {
        flag: [one["id"] for one in dossier.people.lead.every(f"/certificates?in_doubt={flag}")]
        for flag in ("true", "false")
    }
    assert ids["true"] == [doubted["id"]]
    assert doubted["id"] not in ids["false"]


def test_a_confirmation_outlives_the_list(dossier: Dossier, issuer: str) -> None:
    enter(dossier)
    dossier.supply_all(but=[CNDA])
    bring(dossier.people, issuer, "CNDA-DMP;2026-2;NIL-9;;")
    dossier.submit(incomplete=True)
    dossier.judge(incomplete=True)
    dossier.find(CNDA)
    assert dossier.item(CNDA)["state"] == "covered"
    bring(dossier.people, issuer, "CNDA-DMP;2026-3;NIL-9;;")
    assert dossier.item(CNDA)["state"] == "covered"


def test_a_closed_dossier_stands_on_the_list_of_its_day(
    running: Running, dossier: Dossier, issuer: str
) -> None:
    enter(dossier)
    bring(dossier.people, issuer, LISTED)
    dossier.supply_all(but=[CNDA])
    dossier.submit(incomplete=True)
    dossier.judge(incomplete=True)
    for code in dossier.codes("under_review"):
        dossier.find(code)
    dossier.decide("referenced")
    before = dossier.people.editor.get(f"{dossier.path}/equivalence")
    running.clock.pass_days(1)
    bring(dossier.people, issuer, "CNDA-DMP;2026-2;NIL-9;;")
    assert dossier.people.editor.get(f"{dossier.path}/equivalence") == before


def test_a_verifier_reads_the_certificate_with_its_standing_in_the_task(
    dossier: Dossier, issuer: str
) -> None:
    entered = enter(dossier)
    bring(dossier.people, issuer, "CNDA-DMP;2026-2;NIL-9;;")
    dossier.supply_all(but=[CNDA])
    dossier.submit(incomplete=True)
    dossier.judge(incomplete=True)
    task = dossier.people.verifier.post(f"/tasks/{dossier.task(CNDA)}/claim", status=200)
    (shown,) = task["certificates"]
    assert [shown["id"], shown["check"]["standing"], shown["held_by"]] == [
        entered["id"],
        "absent",
        "component",
    ]


def test_an_editor_knows_no_issuer_s_list(people: People, issuer: str) -> None:
    people.editor.refused(403, "GET", f"{issuer}/lists")
    people(Role.VERIFIER).refused(403, "PUT", issuer, json={"name": "X", "kinds": []})
