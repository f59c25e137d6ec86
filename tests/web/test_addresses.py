"""An address says exactly what is meant: no part of it swallows the next, and what is wrong in one is told."""

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import IntegerConverter, Rule, UUIDConverter
from werkzeug.routing.converters import PathConverter

from referencing.base.permissions import Role
from referencing.web.addresses import Part, ProofPart
from tests.clients import Client, escaped
from tests.structure.application import wired
from tests.structure.test_routes import example
from tests.web.conftest import Dossier

As = Callable[..., Client]

CODE = "LGC-V2:INS/va1.60#01.01"
RULES = [rule for rule in wired().url_map.iter_rules() if rule.rule.startswith("/api/v1")]
#: Those whose body is files, which the view reads by itself.
STREAMED = [
    rule
    for rule in RULES
    if "requestBody" in getattr(wired().view_functions[rule.endpoint], "_apidoc", {}).get("manual_doc", {})
]
PARTS = [(rule, name, part) for rule in RULES for name, part in rule._converters.items()]  # noqa: SLF001
#: Rules with the name of one of their parts: one that holds a code, the code of a proof, an identifier or a number.
CODED = [(rule, name) for rule, name, part in PARTS if isinstance(part, Part)]
OF_PROOFS = [(rule, name) for rule, name, part in PARTS if isinstance(part, ProofPart)]
IDENTIFIED = [
    (rule, name) for rule, name, part in PARTS if isinstance(part, (UUIDConverter, IntegerConverter))
]


def address(rule: Rule, **parts: str) -> str:
    """An address that the rule matches, with these parts as they are."""
    values = {name: example(converter) for name, converter in rule._converters.items()}  # noqa: SLF001
    return "/".join(
        next((parts[name] for name in parts if f":{name}>" in named), None)
        or (str(values[named[1:-1].rpartition(":")[2]]) if named.startswith("<") else named)
        for named in rule.rule.split("/")
    )


def endpoint_of(path: str, method: str) -> tuple[str, dict[str, object]] | None:
    """What the application would call, with the parts of the address; None when it leads nowhere."""
    with wired().test_request_context(path, method=method) as context:
        if isinstance(context.request.routing_exception, (NotFound, MethodNotAllowed)):
            return None
        assert context.request.endpoint
        return context.request.endpoint, context.request.view_args or {}


def test_no_part_of_the_api_takes_whatever_follows() -> None:
    greedy = [rule.rule for rule, _, part in PARTS if type(part) is PathConverter]
    assert len(CODED) > 15
    assert greedy == []


@pytest.mark.parametrize(("rule", "name"), CODED, ids=str)
@pytest.mark.parametrize(
    "code", ["ABC", "ref:suite/MSS#1?%", CODE, "LGC-V1:A+LGC-V1:B/c → LGC-V2:D", "a/revocation"]
)
def test_a_code_that_is_encoded_is_read_whole(rule: Rule, name: str, code: str) -> None:
    (method, *_) = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    endpoint, parts = endpoint_of(address(rule, **{name: escaped(code)}), method) or ("", {})
    assert (endpoint, parts.get(name)) == (rule.endpoint, code)


@pytest.mark.parametrize(("rule", "name"), CODED, ids=str)
def test_what_follows_a_code_is_not_part_of_it(rule: Rule, name: str) -> None:
    beyond = address(rule, **{name: "ABC"}) + "/nowhere"
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        assert endpoint_of(beyond, method) is None


@pytest.mark.parametrize(("rule", "name"), OF_PROOFS, ids=str)
def test_the_slashes_of_a_proof_s_code_may_be_sent_as_they_are(rule: Rule, name: str) -> None:
    (method, *_) = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    endpoint, parts = endpoint_of(address(rule, **{name: CODE.replace("#", "%23")}), method) or ("", {})
    assert (endpoint, parts.get(name)) == (rule.endpoint, CODE)


@pytest.mark.parametrize(("rule", "name"), IDENTIFIED, ids=str)
def test_an_identifier_that_is_malformed_is_told_as_such(app: Flask, rule: Rule, name: str) -> None:
    (method, *_) = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    response = app.test_client().open(address(rule, **{name: "12-abc"}), method=method)
    problem = response.json
    assert problem
    assert (response.status_code, problem["type"]) == (404, "urn:referencing:problem:malformed-identifier")
    assert "« 12-abc » n'est pas un identifiant" in problem["detail"]


def test_a_parameter_that_an_address_does_not_know_is_refused_everywhere(
    admitted: Callable[[Rule], Client],
) -> None:
    passed_over = {
        (method, rule.rule): response.get_data(as_text=True)
        for rule in RULES
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        for response in [admitted(rule).send(method, f"{address(rule)[len('/api/v1') :]}?inconnu=1")]
        if (response.status_code, b'"/query/inconnu"' in response.data) != (422, True)
    }
    # Where the body is read first, a request without any is refused for that.
    assert {key for key, answer in passed_over.items() if '"pointer":"/' not in answer} == set()


def test_a_field_that_an_address_does_not_know_is_refused_everywhere(
    admitted: Callable[[Rule], Client],
) -> None:
    """Also where no body is read: a reason given to a withdrawal would be lost without a word."""
    passed_over = {
        (method, rule.rule): response.get_data(as_text=True)
        for rule in RULES
        if rule not in STREAMED
        for method in sorted((rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"})
        for response in [
            admitted(rule).send(
                method, address(rule)[len("/api/v1") :], json={"inconnu": 1}, headers={"If-Match": "1"}
            )
        ]
        if (response.status_code, b'"/inconnu"' in response.data) != (422, True)
    }
    assert passed_over == {}


def test_a_body_without_fields_says_nothing(dossier: Dossier) -> None:
    problem = dossier.editor.refused(422, "POST", f"{dossier.path}/withdrawal", json={"reason": "Trop tôt."})
    assert [error["pointer"] for error in problem["errors"]] == ["/reason"]
    assert dossier.editor.post(f"{dossier.path}/withdrawal", {}, status=200)["state"] == "withdrawn"


def test_a_parameter_that_is_given_twice_is_refused(as_: As) -> None:
    problem = as_(Role.LEAD).refused(422, "GET", "/candidatures?state=draft&state=submitted")
    assert problem["errors"] == [{"pointer": "/query/state", "detail": "Donnez ce paramètre une seule fois."}]


def test_a_kind_of_certificate_is_not_written_under_the_name_of_what_is_done_to_it(as_: As) -> None:
    lead = as_(Role.LEAD)
    rulebook = lead.post("/rulebooks", {"label": "Règles"})["id"]
    address = f"/rulebooks/{rulebook}/certificate-kinds/ABC/revocation"
    problem = lead.refused(405, "PUT", address, json={"covers": []}, headers={"If-Match": '"1"'})
    assert "« / » %2F" in problem["detail"]
    assert lead.get(f"/rulebooks/{rulebook}")["certificate_kinds"] == []


@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("POST", ""), ("GET", "/histoire")])
def test_a_code_cut_at_its_hash_is_told(dossier: Dossier, method: str, rest: str) -> None:
    requirement = dossier.codes[0].partition("#")[0]
    path = f"{dossier.path}/items/{requirement}{rest}"
    response = dossier.editor.send(method, path)
    assert response.status_code in {404, 405}
    assert "%23" in response.json["detail"]  # type: ignore[index]


def test_a_requirement_where_a_proof_is_meant_is_told_with_its_proof(dossier: Dossier) -> None:
    requirement = dossier.codes[0].partition("#")[0]
    problem = dossier.editor.refused(404, "GET", f"{dossier.path}/items/{requirement}")
    assert dossier.codes[0] in problem["detail"]
    assert "%23" not in dossier.editor.refused(404, "GET", f"{dossier.path}/items/INS")["detail"]
