"""Every operation of the API, asked by every role and function: what the table of rights says, and nothing else.

`access.txt` says which right each operation takes (`-`: none, `a|b`: either): to give an operation to somebody is to be
decided in two places. The route asks for it before it reads the request, and so does the verb that it calls.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, g

from referencing.accounts.operations import create_account
from referencing.base import db
from referencing.base.permissions import BY_FUNCTION, MAY, Function, Right, Role
from referencing.web.requests import refuse_without_right
from tests.builders import somebody
from tests.clients import Client
from tests.conftest import parts
from tests.structure.bodies import API, Operation, operations

UNKNOWN, MALFORMED = "00000000-0000-0000-0000-000000000007", "n'importe quoi"
TABLE = Path(__file__).with_name("access.txt")


def table() -> Mapping[str, frozenset[Right]]:
    """The rights of which an operation takes one, by its name; none for what anybody may do who is known."""
    lines = (line.partition(" ") for line in TABLE.read_text().splitlines())
    return {
        name: frozenset(map(Right, rights.split("|") if rights != "-" else ())) for rights, _, name in lines
    }


def every() -> Iterator[Operation]:
    for operation in operations():
        if operation.path.startswith(f"{API}/"):
            yield operation


def name_of(operation: Operation) -> str:
    return operation.name.replace(f"{API}/", "/")


def test_the_table_has_every_operation_of_the_description() -> None:
    described = {name_of(operation) for operation in every()}
    assert table().keys() - described == set(), "there is no such operation any more"
    assert described - table().keys() == set(), "say which right it takes"


def test_the_description_says_which_right_an_operation_takes() -> None:
    """Each in the security of the operation, and in its words with the roles that have it."""
    said = {
        name_of(operation): frozenset(
            Right(right) for way in operation.described.get("security", ()) for right in way.get("key", ())
        )
        for operation in every()
    }
    assert said == table(), "the route says it: @needs(Right...)"
    words = {name_of(operation): operation.described.get("description", "") for operation in every()}
    assert words["POST /audits/{audit}/evidence"].endswith(
        "Right: `answer_audits` (editor) or `audit` (auditor)."
    )
    assert all(f"`{right}` (" in words[name] for name, rights in said.items() for right in rights)


def send(client: Client, operation: Operation, value: str) -> int:
    request = operation.request(value)
    headers = client.headers | request.pop("headers")
    response = client.http.open(operation.address(value), method=operation.method, headers=headers, **request)
    response.close()
    return response.status_code


@pytest.fixture
def asking(app: Flask) -> Mapping[tuple[Role, Function | None], Client]:
    """Somebody of each role, and of each function in an organisation."""
    people: dict[tuple[Role, Function | None], Client] = {
        (role, None): somebody(app, role) for role in Role if role is not Role.EDITOR
    }
    for function in Function:
        with db.transaction(parts(app).sessions) as session:
            key = create_account(session, f"Camille, {function}", Role.EDITOR, "Éditions Zéphyr", function)
        people[Role.EDITOR, function] = Client(app.test_client(), key)
    return people


def is_admitted(role: Role, function: Function | None, right: Right) -> bool:
    return role in MAY[right] and (function is None or function in BY_FUNCTION.get(right, set(Function)))


def test_every_role_may_what_the_table_says(
    app: Flask, asking: Mapping[tuple[Role, Function | None], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verbs themselves refuse, of ids that are nobody's, before anything is looked for."""
    checks = app.before_request_funcs[None]
    monkeypatch.setitem(
        app.before_request_funcs, None, [check for check in checks if check != refuse_without_right]
    )
    rights, wrong = table(), []
    for operation in every():
        needed = rights[name_of(operation)]
        by_function = any(right in BY_FUNCTION for right in needed)
        for (role, function), client in asking.items():
            if function not in {None, Function.MANDATAIRE} and not by_function:
                continue
            admitted = not needed or any(is_admitted(role, function, right) for right in needed)
            status = send(client, operation, UNKNOWN)
            if status >= 500 or (status == 403) == admitted:
                wrong.append((operation.name, role.value, function, status))
    assert not wrong, "\n".join(map(str, wrong))


def test_a_verb_takes_the_very_right_that_its_route_names(
    app: Flask, asking: Mapping[tuple[Role, Function | None], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that is narrowed to all other rights of its account is refused by the verb, too."""
    rights, wrong = table(), []
    without: frozenset[Right] = frozenset()

    def narrow() -> None:
        if "actor" in g:
            g.actor = replace(g.actor, scope=frozenset(Right) - without)

    checks = app.before_request_funcs[None]
    narrowed = [narrow if check == refuse_without_right else check for check in checks]
    monkeypatch.setitem(app.before_request_funcs, None, narrowed)
    for operation in every():
        if without := rights[name_of(operation)]:
            client = next(
                client for who, client in asking.items() if any(is_admitted(*who, right) for right in without)
            )
            if (status := send(client, operation, UNKNOWN)) != 403:
                wrong.append((operation.name, status))
    assert not wrong, "\n".join(map(str, wrong))


def test_who_has_no_right_is_told_so_whatever_the_request_says(
    asking: Mapping[tuple[Role, Function | None], Client],
) -> None:
    rights, wrong = table(), []
    for operation in every():
        needed = rights[name_of(operation)]
        without = (
            client for who, client in asking.items() if not any(is_admitted(*who, right) for right in needed)
        )
        if needed and (client := next(without, None)):
            answer = client.http.open(
                f"{operation.address(UNKNOWN).partition('?')[0]}?unheard=of",
                method=operation.method,
                headers=client.headers,
                json={"unheard": "of"},
            )
            if answer.status_code != 403:
                wrong.append((operation.name, answer.status_code))
    assert not wrong, "\n".join(map(str, wrong))


def test_an_id_that_is_none_is_answered_as_what_does_not_exist(
    asking: Mapping[tuple[Role, Function | None], Client],
) -> None:
    lead, wrong = asking[Role.LEAD, None], []
    for operation in every():
        if any(argument["schema"].get("format") == "uuid" for argument in operation.arguments):
            status = send(lead, operation, MALFORMED)
            if status != 404:
                wrong.append((operation.name, status))
    assert not wrong, "\n".join(map(str, wrong))


def test_a_stranger_is_asked_for_a_key_everywhere_but_where_anybody_reads(app: Flask) -> None:
    stranger = Client(app.test_client(), "")
    stranger.headers = {}
    open_to_all = {name_of(one) for one in every() if send(stranger, one, UNKNOWN) != 401}
    assert open_to_all == {
        "GET /bundles/checker",
        "GET /register/days/{day}/bundle",
        "GET /journal/consistency",
        "GET /journal/heads",
        "GET /platforms",
        "GET /platforms/feed",
        "GET /platforms/{platform}",
        "GET /platforms/{platform}/heartbeats",
        "GET /platforms/{platform}/incidents",
        "GET /platforms/{platform}/maintenances",
        "GET /register",
        "GET /register/changes",
        "GET /register/changes/{change}",
        "GET /register/days",
        "GET /register/days/{day}",
        "GET /register/days/{day}/list",
        "GET /register/standing",
        "GET /register/{solution}/history",
        "POST /signals",
        "GET /signals/receipts/{receipt}",
        "GET /tools/push.py",
        "GET /tools/push.py.sha256",
    }
