"""The API says what it does: an OpenAPI 3.1 description, and pages that need no network."""

import re
from difflib import unified_diff
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from inspect import unwrap
from pathlib import Path
from typing import Any

import pytest

from referencing.web.openapi import examples
from referencing.web.openapi.document import completed
from tests.structure.application import described, wired
from tests.structure.contract import RECORD, contract
from tests.structure.examples import faults


@cache
def operations() -> dict[str, Any]:
    """Every operation, by method and path without the names of the parameters."""
    return {
        f"{method.upper()} {re.sub('{[^}]+}', '{}', path)}": operation
        for path, methods in described()["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }


@pytest.fixture(scope="module")
def document() -> Any:
    return described()


def test_the_description_is_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1")


def test_who_asks_first_at_the_same_time_is_told_alike() -> None:
    """To complete the description leaves what it is made of as it was."""
    spec = wired().extensions["flask-smorest"]["apis"][""]["ext_obj"].spec
    assert completed(spec.to_dict()) == completed(spec.to_dict())


def test_the_api_is_as_it_was_recorded() -> None:
    """A change that is meant is recorded by `make openapi`, and read before it is committed."""
    recorded = RECORD.read_text().splitlines()
    difference = list(unified_diff(recorded, list(contract()), "recorded", "now", n=0, lineterm=""))
    assert not difference, "\n".join(difference)


def test_every_route_of_the_api_is_described() -> None:
    routes = {
        f"{method} {re.sub('<[^>]+>', '{}', rule.rule)}"
        for rule in wired().url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes - set(operations()) == {"GET /api/v1/openapi.json"}, "which is the description"


@pytest.mark.parametrize(("name", "operation"), list(operations().items()))
def test_the_errors_of_an_operation_are_problems_of_its_statuses(
    name: str, operation: Any, document: Any
) -> None:
    errors = {code: answer for code, answer in operation["responses"].items() if code[0] in "45"}
    if name == "GET /readyz":
        errors.pop("503")  # the parts that do not answer, by name
    if "/api/v1/" in name and not name.startswith("OPTIONS"):
        assert errors.keys() >= {"400", "422", "500", "503"}
        assert ({"401", "403"} <= errors.keys()) is (operation.get("security") != [])
        assert ({"412", "428"} <= errors.keys()) is ("If-Match" in headers(name, document))
    for code, answer in errors.items():
        described = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        shape = described["content"]["application/problem+json"]["schema"]["$ref"].rpartition("/")[2]
        problem = document["components"]["schemas"][shape]
        assert problem["properties"]["status"]["enum"] == [int(code)]
        assert set(problem["required"]) >= {"type", "title", "status", "detail"}


def test_operations_are_named_as_what_they_do_and_no_two_alike() -> None:
    """A view's name is the operation's: `submit_candidature` is `submitCandidature`; one word alone takes a noun."""
    names = [operation["operationId"] for operation in operations().values()]
    assert len(set(names)) == len(names), sorted({name for name in names if names.count(name) > 1})
    assert [name for name in names if not re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)+", name)] == []


def test_who_may_call_an_operation_is_said_with_it() -> None:
    for name, operation in operations().items():
        by_right = [right for way in operation.get("security", ()) for right in way.get("key", ())]
        anybody = operation.get("security") in ([], [{}, {"key": []}])
        expected = "Right: `" if by_right else "Who: anybody" if anybody else "Who: whoever is known"
        assert expected in operation["description"], name


def test_an_answer_that_one_has_is_asked_for_by_its_etag_and_one_that_one_needs_not_left_out(
    document: Any,
) -> None:
    reads = [
        name
        for name, one in operations().items()
        if name.startswith("GET /api/v1/") and "304" in one["responses"]
    ]
    assert len(reads) > 150
    assert all("If-None-Match" in headers(name, document) for name in reads)
    assert all("ETag" in operations()[name]["responses"]["200"]["headers"] for name in reads)
    assert "Prefer" in headers("POST /api/v1/candidatures", document)
    assert "Prefer" not in headers("POST /api/v1/candidatures/{}/submission", document)
    assert "204" in operations()["PATCH /api/v1/candidatures/{}"]["responses"]


@pytest.mark.parametrize(("name", "operation"), list(operations().items()))
def test_an_operation_says_in_a_sentence_what_it_does_and_what_it_answers(name: str, operation: Any) -> None:
    assert operation["summary"].endswith(".")
    assert any(code[0] == "2" for code in operation["responses"])


@pytest.mark.parametrize("of", ["proofs", "messages", "certificates"])
@pytest.mark.parametrize("path", ["/files/{}", ""])
def test_a_file_is_described_as_bytes_and_what_it_belongs_to_as_json(of: str, path: str) -> None:
    answers = operations()[f"GET /api/v1/{of}/{{}}{path}"]["responses"]
    kind = "application/octet-stream" if path else "application/json"
    assert {media for code in answers if code[0] == "2" for media in answers[code]["content"]} == {kind}


@pytest.mark.parametrize(
    "name", [name for name, one in operations().items() if "text/csv" in str(one["responses"].get("200"))]
)
def test_what_is_also_a_sheet_is_described_as_json_first(name: str) -> None:
    assert list(operations()[name]["responses"]["200"]["content"]) == ["application/json", "text/csv"]


def headers(name: str, document: Any) -> dict[str, bool]:
    """The headers that an operation is described with, and whether each has to come."""
    parameters = document["components"]["parameters"]
    refs = [one["$ref"] for one in operations()[name].get("parameters", []) if "$ref" in one]
    described = [parameters[ref.rpartition("/")[2]] for ref in refs]
    return {one["name"]: one["required"] for one in described if one["in"] == "header"}


#: What a view reads a header by, and the header.
READS = {"expected_version": "If-Match", "last_event": "Last-Event-ID"}


def test_the_headers_that_a_view_reads_are_described(document: Any) -> None:
    views = wired().view_functions
    read = {
        (f"{method} {re.sub('<[^>]+>', '{}', rule.rule)}", READS[word])
        for rule in wired().url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1")
        for word in READS.keys() & set(unwrap(views[rule.endpoint]).__code__.co_names)
    }
    assert len(read) >= 20
    described = {(name, header) for name in operations() for header in headers(name, document)}
    assert described & {(name, header) for name in operations() for header in READS.values()} == read


def test_a_change_may_carry_a_key_and_an_upload_the_headers_of_tus(document: Any) -> None:
    changes = [name for name in operations() if re.match(r"(POST|PUT|PATCH|DELETE) /api/v1", name)]
    pieces = {"PATCH /api/v1/uploads/{}", "POST /api/v1/uploads/{}"}
    assert not any("Idempotency-Key" in headers(name, document) for name in pieces)
    assert all(headers(name, document)["Idempotency-Key"] is False for name in changes if name not in pieces)
    begun = headers("POST /api/v1/uploads", document)
    assert begun.keys() >= {"Tus-Resumable", "Upload-Length", "Upload-Metadata"}
    assert headers("PATCH /api/v1/uploads/{}", document)["Upload-Offset"] is True


def test_the_first_steps_are_requests_that_there_are() -> None:
    text = (Path(__file__).parents[2] / "docs" / "first-steps.md").read_text()
    steps = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`?]*)", text)
    assert len(steps) >= 50
    named = {f"{method} /api/v1{re.sub('{[^}]+}', '{}', path)}" for method, path in steps}
    in_queues = {"POST /api/v1/queues/second_reading/claims"}
    assert named - in_queues - operations().keys() == set()


def test_each_action_that_is_shown_says_by_which_request_it_is_taken() -> None:
    told = [words["description"] for _, key, words in properties() if key == "actions"]
    assert len(told) >= 10
    requests = {step for words in told for step in re.findall(r"by ([A-Z]+ /\S+?)(?:;|$)", words)}
    assert len(requests) >= 30
    named = {re.sub("{[^}]+}", "{}", step.replace(" /", " /api/v1/", 1)) for step in requests}
    assert named - operations().keys() == set()


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in {"href", "src"} and value]


@pytest.fixture(scope="module")
def page() -> str:
    response = wired().test_client().get("/api/docs", follow_redirects=True)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_the_pages_name_no_other_host(page: str) -> None:
    here = page.replace("http://localhost/", "/")
    assert re.findall(r"(?:https?:)?//[\w.-]+\.\w+", here) == []


def test_all_that_the_pages_load_is_served_here(page: str) -> None:
    links = Links()
    links.feed(page)
    assert len(links.found) >= 5
    for link in links.found:
        with wired().test_client().get(link) as served:
            assert served.status_code == 200, link


def test_the_pages_show_this_description(page: str) -> None:
    assert '"/api/openapi.json"' in page


def test_every_property_is_described() -> None:
    """What a name is wherever it stands is said once, in `referencing/web/openapi/words.txt`: add yours there."""
    assert [f"{name}.{key}" for name, key, words in properties() if "description" not in words] == []


def test_the_words_are_in_order_and_each_tells_of_a_property() -> None:
    lines = files("referencing.web.openapi").joinpath("words.txt").read_text().splitlines()
    words = [(name, sentence) for name, _, sentence in (line.partition(": ") for line in lines)]
    names = [name for name, _ in words]
    assert names == sorted(set(names))
    said = {(key, property_["description"]) for _, key, property_ in properties()} | {
        (parameter["name"], parameter.get("description"))
        for operation in operations().values()
        for parameter in operation.get("parameters", ())
        if "name" in parameter
    }
    assert [name for name, sentence in words if (name.partition("[")[0], sentence) not in said] == []


#: Operations without an example: what they answer is a file, or no test is answered by the API yet.
WITHOUT_EXAMPLE = frozenset(Path(__file__).with_name("without_example.txt").read_text().split())


def test_every_operation_has_an_example_that_was_really_answered() -> None:
    """Record yours by `python -m tests.structure.examples tests/ROOM`."""
    named = {operation["operationId"] for operation in operations().values()}
    assert named - examples.recorded().keys() == WITHOUT_EXAMPLE


def test_every_example_is_as_the_description_says() -> None:
    """One that is no longer so is taken anew by `python -m tests.structure.examples tests/ROOM`."""
    broken = {name: list(faults(example)) for name, example in examples.recorded().items()}
    assert {name: differences for name, differences in broken.items() if differences} == {}


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, operation in operations().items()
        if any(one.get("name") == "cursor" for one in operation.get("parameters", []))
    ],
)
def test_a_list_is_described_with_its_items_and_its_next_cursor(name: str, document: Any) -> None:
    answer = operations()[name]["responses"]["200"]["content"]["application/json"]["schema"]
    schema = document["components"]["schemas"][answer["$ref"].rpartition("/")[2]]
    assert {"items", "next"} <= set(schema["properties"])


def properties() -> list[tuple[str, str, Any]]:
    """Every property of every schema that the API describes: the schema's name, the property's, and what it is."""
    schemas = described()["components"]["schemas"]
    return [
        (name, key, words)
        for name, schema in schemas.items()
        for key, words in schema.get("properties", {}).items()
    ]


def test_a_composition_has_one_shape_everywhere() -> None:
    shapes = {
        (words.get("type"), words.get("items", {}).get("$ref", "").rpartition("/")[2])
        for _, key, words in properties()
        if key == "composition"
    }
    assert shapes == {("array", "ComponentIn")}


def test_an_expected_proof_is_named_by_its_code_and_a_version_supplied_by_its_id() -> None:
    """`proof` is an id or the version itself, in what is answered of a stored resolution too."""
    textual = {
        f"{name}.{key}"
        for name, key, words in properties()
        if key in {"proof", "proof_code", "expected_proof"}
        and "string" in str(words.get("type"))
        and words.get("format") != "uuid"
    }
    assert textual == set()


#: Names that are not of one kind, and why.
SEVERAL_KINDS = {
    "id": "a correspondence is named by whoever writes the rules",
    "item": "whoever asks gives an id or a code",
    "candidature": "among links it is an address",
    "status": "how equivalence answers, and of HTTP in a problem",
    "missing": "what a complement asks for, in words; and codes by guichet",
    "number": "of a certificate it is a text of its issuer",
    "key": "its words when it is made, its id afterwards",
    "software": "a name on the public list",
    "solution": "a name where anybody tells of one",
    "starts_at": "of what comes every week, an hour in Paris",
    "ends_at": "of what comes every week, an hour in Paris",
    "since": "a moment where hours count",
    "until": "a moment where hours count",
    "next": "a cursor; of a stream the number of its last event",
    "from": "of a period its first day, of a rule the codes that it leads from",
    "to": "of a period its last day, of a rule the code that it leads to",
    "subject": "the heading of a letter, the id of what was read",
    "opens": "of a supply the ranks of what it opens, of a filing how many",
    "seed": "a number of a simulation, a text of a draw",
    "step": "the number of a scenario's step, the name of a dossier's next one",
    "target": "of a queue a percentage, of a rule a code",
    "task": "of the background what it does",
    "confirmed": "of many, how many",
    "corrected": "of many proofs, how many",
    "scenario": "in a likeness, how alike they are",
    "text": "in a likeness, how alike they are",
    "proof": "in a likeness, how alike they are",
    "dossiers": "how many; in a simulation whether they are open or decided",
    **dict.fromkeys(
        ("awaiting", "covered", "to_confirm", "unchanged", "tasks", "items"),
        "the codes or ids where they are few, their number where they may be many",
    ),
}


def test_a_name_is_of_one_kind_everywhere() -> None:
    """A number here is no list there, and an id no code."""
    kinds: dict[str, set[str]] = {}
    for _, key, words in properties():
        kinds.setdefault(key, set()).update(_kinds(words))
    several = {key: of_key for key, of_key in kinds.items() if len(of_key) > 1}
    assert several.keys() == SEVERAL_KINDS.keys(), several


def _kinds(words: Any) -> set[str]:
    """What a property holds, as `uuid` or `array of string`; nothing for null, and for what has a shape of its own."""
    types = words["type"] if isinstance(words.get("type"), list) else [words.get("type")]
    if "enum" in words:
        return {"number" if isinstance(words["enum"][0], int) else "string"}
    inside = {"array": words.get("items") or {}, "object": words.get("additionalProperties") or {}}
    scalar = words.get("format", "number" if "integer" in types else None)
    return {
        kind
        for one in set(types) - {None, "null"}
        for kind in (
            {f"{one} of {part}" for part in _kinds(inside[one])} if one in inside else {scalar or one}
        )
    }


def test_what_is_found_has_the_words_of_a_verdict() -> None:
    words = {
        value
        for _, key, described_as in properties()
        if key == "outcome"
        for value in described_as.get("enum", ())
    }
    assert {"conform", "nonconform", "complement"} <= words
    assert words.isdisjoint({"verified", "rejected", "complement_requested"})
