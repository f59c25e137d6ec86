"""At every address, with the ids that there are: nobody is told what is another's, nor that it exists."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import pytest
import sqlalchemy as sa
from werkzeug.routing import IntegerConverter, Rule

from referencing.accounts.models import Account
from referencing.base import db
from referencing.base.permissions import Role
from referencing.duo.sessions.models import Participant
from referencing.mail.models import Letter
from tests.builders import statements
from tests.candidatures.dossiers import ALIZE, Dossier, People
from tests.candidatures.running import Running
from tests.clients import Client
from tests.console.browser import Browser
from tests.requests import organisations
from tests.requests.organisations import (
    BRISE,
    FILE,
    FILE_OF_BRISE,
    INWARD,
    KEY_OF_ALIZE,
    OF_BRISE,
    SECRET,
    THEIRS,
    filled,
)
from tests.requests.test_access import UNKNOWN
from tests.structure.bodies import API, Operation, operations, resolved
from tests.thoroughness import examples

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FILES = ("proof_file", "message_file", "alike_attestation", "attestation_file", "evidence", "duo_capture")
FACTS = ("proof", "certificate", "message", "audit", "alike_request", "verification")
#: The tables whose ids an address takes, where they are not of its name.
OF: Mapping[str, Sequence[str]] = {
    "browser": ("browser_session",),
    "declaration": ("identity_declaration", "edc_psc_declaration"),
    "dossier": ("candidature",),
    "fact": FACTS,
    "file": FILES,
    "held": ("duo_hold",),
    "key": ("account_key",),
    "live": ("duo_session",),
    "owner": FACTS,
    "plan": ("action_plan",),
    "request": ("alike_request",),
    "request_id": ("alike_request",),
    "sampled": ("sampled_item",),
    "session": ("duo_session",),
    "verifier": ("account",),
    "view": ("saved_view",),
}
#: What both have: below one's own, the other's parts are asked for as well.
PARENTS = {"alike_request", "audit", "candidature", "certificate", "duo_session", "message", "software"}
#: What anybody reads of everybody.
PUBLIC = ("/register", "/referencees")
#: Who its people are is no matter of an organisation's dossiers.
OF_PEOPLE = ("/accounts", "/invitations", "/organisations")
#: A copy is made so that it is read.
COPIED = "/bundle"
#: What is done in spite of a conflict of interest: each line of a manifest is refused, a request of one's own is taken
#: back, and a file that could not be scanned read at one's own risk.
IN_SPITE: Mapping[Role, Sequence[str]] = {
    Role.LEAD: ["/alike-versions/{request}/withdrawal", "/softwares/{software}/certificates/manifests"],
    Role.AUDITOR: ["/evidence/{evidence}/acceptance"],
}
#: What a client says of what it has, or has sent: with them another's is no nearer.
CONDITIONS = {
    "If-Match": '"1"',
    "If-None-Match": "*",
    "Range": "bytes=0-1",
    "Last-Event-ID": "1",
    **KEY_OF_ALIZE,
}
#: What tells the time, and one request from another.
PASSING = {"RateLimit", "X-Request-Id", "Set-Cookie"}


@dataclass(frozen=True)
class Wall:
    """What is only Alizé's, and what is only Brise's, by table; Brise's people look over it."""

    people: People
    ours: Dossier
    theirs: Dossier
    foreign: Mapping[str, Sequence[str]]
    own: Mapping[str, Sequence[str]]

    def ids(self, argument: str, held: Mapping[str, Sequence[str]]) -> list[str]:
        return [one for table in OF.get(argument, [argument]) for one in held.get(table, ())]

    @property
    def named(self) -> list[str]:
        """Alizé's ids of the kinds that an address names."""
        names = {argument["name"] for operation in operations() for argument in operation.arguments}
        return [one for name in sorted(names) for one in self.ids(name, self.foreign)]

    def addresses(self, template: str, numbers: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
        """An address with ids of which one at least is Alizé's, and beside it the one where nothing is instead."""
        names = re.findall(r"\{(\w+)\}", template)
        values = []
        for name in names:
            foreign = [(one, UNKNOWN) for one in self.ids(name, self.foreign)]
            known = ["1"] if name in numbers else self.ids(name, self.own)
            values.append([*foreign, *((one, one) for one in known)] or [(UNKNOWN, UNKNOWN)])
        for chosen in product(*values):
            if any(one != nothing for one, nothing in chosen):
                pairs = list(zip(names, chosen, strict=True))
                yield (
                    _filled_in(template, {name: one for name, (one, _) in pairs}),
                    _filled_in(template, {name: nothing for name, (_, nothing) in pairs}),
                )


def _filled_in(template: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: values[name[1]], template)


@pytest.fixture
def wall(running: Running) -> Iterator[Wall]:
    with running.after(filled) as (people, (ours, theirs)):
        with db.transaction(people.parts.sessions) as session:
            alize, brise = (organisations.of(session, name) for name in (ALIZE, BRISE))
        yield Wall(people, ours, theirs, _without(alize, brise), _without(brise, alize))


def _without(
    held: Mapping[str, Sequence[str]], others: Mapping[str, Sequence[str]]
) -> dict[str, Sequence[str]]:
    """An id of each table; several where there is time."""
    only = {table: [one for one in ids if one not in others.get(table, ())] for table, ids in held.items()}
    return {table: ids[: examples(1)] for table, ids in only.items() if ids}


READERS = [(Role.EDITOR, "Bérénice"), (Role.INTEGRATION, f"Machine de {BRISE}")]
Told = tuple[int, list[tuple[str, str]], str, int]


def told(people: People, reader: Client | Browser, method: str, path: str, **sent: object) -> Told:
    """All that an answer tells but ids: its status, headers, body, and for how many statements."""
    with statements(people.parts.engine) as run:
        if isinstance(reader, Client):
            response = reader.http.open(path, method=method, **sent)  # type: ignore[arg-type]
        else:
            response = reader.fetch(path) if method == "GET" else reader.post(path, {})
        words = ID.sub("ID", response.get_data().decode(errors="replace"))
    response.close()
    headers = sorted((name, ID.sub("ID", value)) for name, value in response.headers if name not in PASSING)
    return response.status_code, headers, words, len(run)


def asked(
    people: People, reader: Client, operation: Operation, path: str, value: str = UNKNOWN, **headers: str
) -> Told:
    """`value` stands for ids in the body."""
    sent = operation.request(value)
    named = reader.headers | sent.pop("headers") | headers
    query = operation.address("x").partition("?")[2]
    return told(people, reader, operation.method, f"{path}?{query}" if query else path, headers=named, **sent)


def differing(pairs: Iterable[tuple[object, Told, Told]]) -> str:
    """What was answered otherwise than nothing is, a line each."""
    return "\n".join(
        f"{what}: {' | '.join(str(part) for part in zip(found, nothing, strict=True) if part[0] != part[1])}"
        for what, found, nothing in pairs
        if found != nothing
    )


@pytest.mark.parametrize(("role", "name"), READERS)
def test_what_is_another_s_is_answered_as_what_does_not_exist(wall: Wall, role: Role, name: str) -> None:
    """Whatever is asked of it, and said of what one has: with the same bytes, for the same number of statements."""
    people, walked = wall.people, set()
    reader = people(role, name, BRISE)
    assert wall.own.keys() & wall.foreign.keys() >= PARENTS

    def walk() -> Iterator[tuple[object, Told, Told]]:
        for operation in operations():
            if operation.path.startswith(f"{API}{PUBLIC[0]}"):
                continue
            numbers = [one["name"] for one in operation.arguments if one["schema"].get("type") == "integer"]
            expected: dict[str, Told] = {}
            for path, nothing in wall.addresses(operation.path, numbers):
                walked.add(operation.name)
                if nothing not in expected:
                    expected[nothing] = asked(people, reader, operation, nothing, **CONDITIONS)
                answer = asked(people, reader, operation, path, **CONDITIONS)
                yield operation.name, answer, expected[nothing]
                if answer[0] == 403:  # by their role, whatever is there
                    break

    assert not differing(walk())
    assert len(walked) > 180


def test_another_s_id_in_a_body_or_a_query_is_answered_as_one_that_does_not_exist(wall: Wall) -> None:
    """At addresses of one's own things, where there are such, so that the body is looked at."""
    people, walked = wall.people, set()
    reader = people(Role.EDITOR, "Bérénice", BRISE)

    def walk() -> Iterator[tuple[object, Told, Told]]:
        for operation in operations():
            names = [argument["name"] for argument in operation.arguments]
            own = {name: next(iter(wall.ids(name, wall.own)), UNKNOWN) for name in names}
            path = _filled_in(operation.path, own)
            if UNKNOWN in str(operation.request(UNKNOWN).get("json")):
                expected = asked(people, reader, operation, path)
                for one in wall.named if expected[0] != 403 else ():
                    walked.add(operation.name)
                    yield operation.name, asked(people, reader, operation, path, one), expected
            for name in _ids_in_query(operation) if not path.startswith(f"{API}{PUBLIC[0]}") else ():
                expected = told(people, reader, "GET", f"{path}?{name}={UNKNOWN}", headers=reader.headers)
                for one in wall.named:
                    walked.add(operation.name)
                    answer = told(people, reader, "GET", f"{path}?{name}={one}", headers=reader.headers)
                    yield (operation.name, name), answer, expected

    assert not differing(walk())
    assert len(walked) > 15


def _ids_in_query(operation: Operation) -> list[str]:
    """The parameters of a reading that take an id."""
    if operation.method != "GET":
        return []
    query = [one for one in operation.parameters() if one["in"] == "query"]
    return [one["name"] for one in query if resolved(one["schema"]).get("format") == "uuid"]


def test_the_console_answers_for_what_is_another_s_as_for_nothing(wall: Wall) -> None:
    people, walked = wall.people, set()
    browser = Browser(people.app.test_client())
    browser.sign_in(people(Role.EDITOR, "Bérénice", BRISE).key)

    def walk() -> Iterator[tuple[object, Told, Told]]:
        for rule in people.app.url_map.iter_rules():
            if rule.rule.startswith(("/api/", *PUBLIC)):
                continue
            for path, nothing in wall.addresses(_template(rule), _numbers(rule)):
                for method in sorted({"GET", "POST"} & (rule.methods or set())):
                    before = told(people, browser, method, nothing)  # a page makes what it keeps
                    if before[0] == 403:
                        continue
                    walked.add((method, rule.rule))
                    yield (
                        f"{method} {rule.rule}",
                        told(people, browser, method, path),
                        told(people, browser, method, nothing),
                    )

    assert not differing(walk())
    assert len(walked) > 75


def _template(rule: Rule) -> str:
    """A rule as the API's description writes it, the first word where it takes one of several."""
    chosen = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", rule.rule)
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", chosen)


def _numbers(rule: Rule) -> list[str]:
    return [name for name, one in rule._converters.items() if isinstance(one, IntegerConverter)]  # noqa: SLF001


@pytest.mark.parametrize("role", [Role.LEAD, Role.AUDITOR])
def test_who_reads_in_spite_of_a_conflict_of_interest_but_reads(wall: Wall, role: Role) -> None:
    reader, ours = wall.people(role, "Swann"), wall.ours
    declared = reader.post("/conflicts", {"organisation": ALIZE, "verifier": reader.get("/me")["id"]})
    reader.post(f"/conflicts/{declared['id']}/reading", {"reason": "Une plainte."}, status=200)
    assert reader.get(ours.path)["organisation"] == ALIZE
    admitted = set()
    for operation in operations():
        path = operation.path.removeprefix(API)
        if operation.method == "GET" or path.startswith(OF_PEOPLE) or path.endswith(COPIED):
            continue
        numbers = [one["name"] for one in operation.arguments if one["schema"].get("type") == "integer"]
        for path, _ in wall.addresses(operation.path, numbers):
            if asked(wall.people, reader, operation, path)[0] not in {403, 404}:
                admitted.add(operation.name)
    assert admitted == {f"POST {API}{path}" for path in IN_SPITE[role]}


def test_in_a_conflict_of_interest_nobody_puts_a_dossier_first(wall: Wall) -> None:
    lead = wall.people(Role.LEAD, "Swann")
    first = {"candidature": wall.ours.id, "weight": 5, "reason": "Pressé.", "ends_on": "2026-12-31"}
    lead.post("/conflicts", {"organisation": ALIZE, "verifier": lead.get("/me")["id"]})
    assert "conflit d'intérêts" in lead.refused(403, "POST", "/boosts", json=first)["detail"]


def hidden(wall: Wall, organisation: str) -> list[str]:
    """What the agency keeps to itself, who its people are whom nobody met, and from Brise all that is Alizé's."""
    met = sa.select(Participant.account_id)
    of_agency = sa.select(Account).where(Account.organisation_id.is_(None), Account.id.not_in(met))
    with db.transaction(wall.people.parts.sessions) as session:
        agency = [str(word) for one in session.scalars(of_agency) for word in (one.id, one.name)]
    words = [INWARD, *agency]
    if organisation == ALIZE:
        words += [BRISE, OF_BRISE, FILE_OF_BRISE[0], "Bérénice", wall.theirs.id]
    else:
        words += [ALIZE, SECRET, THEIRS, FILE[0], "Camille", wall.ours.id]
        words.append(wall.people.editor.get("/me")["id"])
    return words


@pytest.mark.parametrize(
    ("role", "name", "organisation"),
    [(Role.EDITOR, "Camille", ALIZE), *((role, name, BRISE) for role, name in READERS)],
)
def test_nobody_reads_what_is_not_theirs(wall: Wall, role: Role, name: str, organisation: str) -> None:
    """At the addresses of what is one's own and of what is everybody's, and in letters."""
    people = wall.people
    reader = people(role, name, organisation)
    answers = dict(_answers(wall, reader))
    own = wall.ours if organisation == ALIZE else wall.theirs
    assert f"{API}{own.path}/items" in answers, "which are the first of each"
    answers |= _letters(people, organisation)
    words = hidden(wall, organisation)
    assert not [(where, word) for where, text in answers.items() for word in words if word in text]


def _answers(wall: Wall, reader: Client) -> Iterator[tuple[str, str]]:
    """All that somebody is answered, headers included, by its address."""
    shared = {"rulebook": [wall.people.lead.get("/rulebooks")["items"][0]["id"]], "dsr": ["LGC-V1", "LGC-V2"]}
    for operation in operations():
        if operation.method != "GET" or operation.path.startswith(f"{API}{PUBLIC[0]}"):
            continue
        names = [argument["name"] for argument in operation.arguments]
        known = [
            [*wall.ids(name, wall.own), *wall.ids(name, wall.foreign), *wall.ids(name, shared)] or [UNKNOWN]
            for name in names
        ]
        for chosen in product(*known):
            path = _filled_in(operation.address("{}"), {}) if not names else operation.path
            path = _filled_in(path, dict(zip(names, chosen, strict=True)))
            response = reader.http.get(path, headers=reader.headers)
            assert response.status_code < 500, path
            if response.status_code == 200:
                yield path, f"{response.headers}{response.get_data().decode(errors='replace')}"
            response.close()


def _letters(people: People, organisation: str) -> dict[str, str]:
    """What was written to the people of an organisation, by its subject."""
    theirs = sa.select(Account.id).where(Account.organisation.has(name=organisation))
    with db.transaction(people.parts.sessions) as session:
        written = session.scalars(sa.select(Letter).where(Letter.account_id.in_(theirs)))
        return {letter.subject: f"{letter.text}{letter.calendar}" for letter in written}
