"""At every address, with the ids that there are: nobody is told what is another's, nor that it exists."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from uuid import UUID

import pytest
import sqlalchemy as sa
from werkzeug.routing import IntegerConverter, Rule

from referencing.accounts.models import Account
from referencing.base import db
from referencing.base.db import Base
from referencing.base.permissions import Role
from referencing.candidatures.record.models import Item
from referencing.candidatures.tasks.models import Task
from referencing.identities.models import Declaration
from referencing.messages.models import Message
from referencing.proofs.models import Proof, ProofFile, Verification
from referencing.solutions.models import Certificate
from tests.builders import statements
from tests.candidatures.dossiers import ALIZE, OLD_IDENTITY, OLD_PART, OLD_TRAITS, Dossier, People
from tests.candidatures.running import Running
from tests.clients import Client
from tests.identities.test_over_http import declare
from tests.reviews.second_readings.test_second_reading import set_rate
from tests.structure.bodies import Operation, operations
from tests.thoroughness import examples

BRISE = "Brise Santé"
#: Of each table so many ids are tried from either end.
ENDS = 2
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOBODY = str(UUID(int=7))
INWARD = "Motif interne"
THEIRS = "Mot d'Alizé"
#: The tables whose ids an address takes, where they are not of its name.
OF = {"file": "proof_file"}


def world(people: People) -> list[Dossier]:
    """Alizé's dossier with all that people say of it; Brise's, on the same technical core."""
    mistral = people(Role.EDITOR, "Bérénice", BRISE)
    verifier, lead = people.verifier, people.lead
    ours = people.in_review("LGC-V1", people.solution("Secret d'Alizé"))
    software = people.software(editor=mistral)
    theirs = mistral.post("/solutions", {"software": software, "commercial_name": "Zéphyr"})
    asked = {"dsr": "LGC-V2", "solution": theirs["id"], "software_version": "1.0"}
    dossier = mistral.post("/candidatures", asked)["id"]
    machine = people(Role.INTEGRATION, "Machine de Brise", BRISE)
    mistral.post(f"/candidatures/{dossier}/permissions", {"account": machine.get("/me")["id"]})
    said = declare(people.editor, UUID(ours.read()["software"]), UUID(software))
    declare(mistral, UUID(software), UUID(ours.read()["software"]))
    lead.post(f"/identity-declarations/{said['id']}/acceptance", status=200)
    ours.find(OLD_IDENTITY, comment=THEIRS)
    ours.find(OLD_PART, "complement", THEIRS)
    task = verifier.post(f"/tasks/{ours.task(OLD_TRAITS)}/claim", status=200)["id"]
    expert = people(Role.EXPERT, "Xavière")
    words = {"experts": [expert.get("/me")["id"]], "question": INWARD, "due_on": "2026-03-20"}
    verifier.post(f"/tasks/{task}/opinions", words)
    words = {"party": "CNDA", "reason": INWARD, "expected_on": "2026-03-20"}
    verifier.post(f"/tasks/{task}/third-party", words)
    later = {"expected_on": "2026-03-30", "reason": INWARD}
    verifier.post(f"/tasks/{task}/third-party/rescheduling", later, status=200)
    people.editor.post(f"{ours.path}/messages", {"text": THEIRS})
    verifier.post(f"{ours.path}/messages", {"text": THEIRS})
    verifier.post(f"{ours.path}/messages", {"text": INWARD, "internal": True})
    set_rate(people)
    ours.find(ours.codes("under_review")[-1], comment=INWARD)
    words = {"kind": "CNDA-DMP", "holder": ours.read()["nil"], "number": THEIRS, "valid_from": "2026-01-01"}
    lead.post(f"/softwares/{ours.read()['software']}/certificates", words)
    people.jobs()
    return [ours, Dossier(people, dossier)]


@pytest.fixture
def both(running: Running) -> Iterator[list[Dossier]]:
    with running.after(world) as (_, dossiers):
        yield dossiers


def rules(people: People) -> Iterator[Rule]:
    for rule in people.app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/"):
            yield rule


def ids(people: People) -> dict[str, list[str]]:
    """By table."""
    found = {}
    with db.transaction(people.parts.sessions) as session:
        for table in Base.metadata.sorted_tables:
            if "id" in table.c:
                every = list(session.scalars(sa.select(table.c.id).order_by(table.c.id)))
                found[table.name] = [str(one) for one in dict.fromkeys([*every[:ENDS], *every[-ENDS:]])]
    return found


def addresses(rule: Rule, known: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """With ids of the table that an argument is named for, else with any."""
    anything = [one for some in known.values() for one in some]
    names = sorted(rule.arguments)
    values = {name: known.get(OF.get(name, name), anything) for name in names}
    if len(names) > 1:
        values = {name: some[: 2 * ENDS] for name, some in values.items()}
    numbers = (name for name in names if isinstance(rule._converters[name], IntegerConverter))  # noqa: SLF001
    values |= {name: ["1"] for name in numbers}
    for chosen in product(*(values[name] for name in names)):
        built = rule.build(dict(zip(names, chosen, strict=True)))
        if built is not None:
            yield built[1]


def read(people: People, reader: Client) -> Iterator[tuple[str, str]]:
    """All that somebody is answered."""
    known = ids(people)
    for rule in rules(people):
        for path in addresses(rule, known) if "GET" in (rule.methods or ()) else ():
            response = reader.http.get(path, headers=reader.headers)
            assert response.status_code < 500, path
            if response.status_code == 200:
                yield path, response.get_data().decode(errors="replace")


def inward(people: People) -> list[str]:
    """What the agency keeps to itself: who its people are, and what they note."""
    of_agency = sa.select(Account).where(Account.organisation_id.is_(None))
    with db.transaction(people.parts.sessions) as session:
        return [INWARD, *(str(word) for one in session.scalars(of_agency) for word in (one.id, one.name))]


@pytest.mark.parametrize(
    ("role", "name", "organisation"),
    [
        (Role.EDITOR, "Camille", ALIZE),
        (Role.EDITOR, "Bérénice", BRISE),
        (Role.INTEGRATION, "Machine de Brise", BRISE),
    ],
)
def test_nobody_reads_what_is_not_theirs(
    both: list[Dossier], role: Role, name: str, organisation: str
) -> None:
    ours, theirs = both
    people = ours.people
    hidden = inward(people)
    if organisation == BRISE:
        hidden += [ALIZE, "Secret d'Alizé", THEIRS, "Camille", ours.id, people.editor.get("/me")["id"]]
    answers = dict(read(people, people(role, name, organisation)))
    own = ours if organisation == ALIZE else theirs
    assert f"/api/v1{own.path}/items" in answers
    told = [(path, word) for path, text in answers.items() for word in hidden if word in text]
    assert told == []


@pytest.mark.parametrize(
    ("role", "name"), [(Role.EDITOR, "Bérénice"), (Role.INTEGRATION, "Machine de Brise")]
)
def test_what_is_another_s_is_answered_as_what_does_not_exist(
    both: list[Dossier], role: Role, name: str
) -> None:
    """Whatever is asked of it: in the same words, for the same number of statements."""
    ours, _ = both
    people = ours.people
    reader = people(role, name, BRISE)
    known = of_alize(people, ours)
    described = {(one.method, one.path): one for one in operations()}
    different = []
    for rule in rules(people):
        template = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}) if rule.arguments else ():
            operation = described[method, template]
            nothing = next(addresses(rule, {table: [NOBODY] for table in known}))
            expected = told(people, reader, operation, nothing)
            for path in addresses(rule, known):
                found = told(people, reader, operation, path)
                if found != expected:
                    different.append((method, path, found, expected))
    assert not different, "\n".join(map(str, different))


def test_another_s_id_in_a_body_is_answered_as_one_that_does_not_exist(both: list[Dossier]) -> None:
    """At addresses of one's own things, where there are such, so that the body is looked at."""
    ours, theirs = both
    people = ours.people
    reader = people(Role.EDITOR, "Bérénice", BRISE)
    own = {"candidature": theirs.id, "software": reader.get(theirs.path)["software"]}
    known = [one for some in of_alize(people, ours).values() for one in some]
    different, tried = [], 0
    for operation in operations():
        if NOBODY not in str(operation.request(NOBODY).get("json")):
            continue
        tried += 1
        path = operation.path
        for argument in operation.arguments:
            path = path.replace(f"{{{argument['name']}}}", own.get(argument["name"], NOBODY))
        expected = told(people, reader, operation, path)
        different += [
            (operation.name, one, found, expected)
            for one in known
            if (found := told(people, reader, operation, path, one)) != expected
        ]
    assert tried
    assert not different, "\n".join(map(str, different))


def told(
    people: People, reader: Client, operation: Operation, path: str, value: str = NOBODY
) -> tuple[int, str, int]:
    """The status and the words of an answer, and for how many statements; `value` stands for ids in the body."""
    sent = operation.request(value)
    headers = reader.headers | sent.pop("headers")
    with statements(people.parts.engine) as run:
        response = reader.http.open(path, method=operation.method, headers=headers, **sent)
    words = response.get_data(as_text=True) if response.status_code >= 400 else ""
    response.close()
    return response.status_code, ID.sub("ID", words), len(run)


def of_alize(people: People, ours: Dossier) -> dict[str, list[str]]:
    """An id of what is of its dossier and its software, by table; several where there is time."""
    item = sa.select(Item.id).where(Item.candidature_id == ours.id)
    software = ours.read()["software"]
    wanted = {
        "item": item,
        "task": sa.select(Task.id).where(Task.candidature_id == ours.id),
        "proof": sa.select(Proof.id).where(Proof.item_id.in_(item)),
        "proof_file": sa.select(ProofFile.id)
        .join(Proof, Proof.id == ProofFile.proof_id)
        .where(Proof.item_id.in_(item)),
        "verification": sa.select(Verification.id).where(Verification.software_id == software),
        "certificate": sa.select(Certificate.id).where(Certificate.software_id == software),
        "message": sa.select(Message.id).where(Message.candidature_id == ours.id),
        "declaration": sa.select(Declaration.id).where(Declaration.software_id == software),
    }
    with db.transaction(people.parts.sessions) as session:
        found = {
            name: [str(one) for one in session.scalars(every.limit(examples(1)))]
            for name, every in wanted.items()
        }
    assert all(found.values())
    return found | {"candidature": [ours.id], "software": [software], "solution": [ours.read()["solution"]]}
