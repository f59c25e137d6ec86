"""The API says what it does: an OpenAPI 3.1 description, and pages that need no network."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.structure.application import wired

#: The main resources that are there (shared/api.md); their parameters may have any name.
RESOURCES = """
GET /healthz
GET /readyz
PUT /api/v1/dsrs/{}
POST /api/v1/dsrs/{}/imports
PUT /api/v1/dsrs/{}/socles
POST /api/v1/dsrs/{}/publication
GET /api/v1/dsrs
GET /api/v1/dsrs/{}
GET /api/v1/dsrs/{}/requirements
POST /api/v1/rulebooks
POST /api/v1/rulebooks/{}/correspondences
POST /api/v1/rulebooks/{}/publication
POST /api/v1/rulebooks/{}/checks
GET /api/v1/rulebooks/{}/checks
GET /api/v1/rulebooks/{}/diff
GET /api/v1/rulebooks/{}/history
GET /api/v1/rulebooks/{}/export
POST /api/v1/rulebooks/{}/withdrawal
POST /api/v1/rulebooks/{}/simulations
GET /api/v1/rulebooks/{}/simulations
GET /api/v1/rulebooks/{}/simulations/{}
GET /api/v1/rulebooks/{}/simulations/{}/changes
GET /api/v1/rulebooks/{}/simulations/{}/sample
POST /api/v1/rulebooks/{}/simulations/{}/cancellation
POST /api/v1/rulebooks/imports
POST /api/v1/rulebooks/{}/proposals
POST /api/v1/rulebooks/{}/proposals/table
GET /api/v1/rulebooks/{}/proposals
GET /api/v1/rulebooks/{}/proposals/{}
PUT /api/v1/rulebooks/{}/proposals/{}/decision
POST /api/v1/rulebooks/{}/proposals/decisions
PUT /api/v1/rulebooks/{}/correspondences/{}
DELETE /api/v1/rulebooks/{}/correspondences/{}
PUT /api/v1/rulebooks/{}/certificate-kinds/{}
DELETE /api/v1/rulebooks/{}/certificate-kinds/{}
PUT /api/v1/rulebooks/{}/policies/{}
DELETE /api/v1/rulebooks/{}/policies/{}
POST /api/v1/rulebooks/{}/certificate-kinds
POST /api/v1/softwares
POST /api/v1/solutions
POST /api/v1/softwares/{}/certificates
GET /api/v1/certificates
GET /api/v1/certificates/{}
POST /api/v1/certificates/{}/correction
POST /api/v1/certificates/{}/withdrawal
POST /api/v1/certificates/{}/files
GET /api/v1/certificates/{}/files/{}
POST /api/v1/certificates/{}/files/{}/acceptance
GET /api/v1/softwares/{}/edc-psc-declarations
POST /api/v1/softwares/{}/edc-psc-declarations
POST /api/v1/edc-psc-declarations/{}/withdrawal
PUT /api/v1/proofs/{}/performed-on
GET /api/v1/issuers
GET /api/v1/issuers/{}
PUT /api/v1/issuers/{}
PUT /api/v1/issuers/{}/list
GET /api/v1/issuers/{}/lists
GET /api/v1/issuers/{}/lists/{}
POST /api/v1/candidatures
GET /api/v1/candidatures
GET /api/v1/candidatures/{}
GET /api/v1/candidatures/{}/items
GET /api/v1/candidatures/{}/timeline
GET /api/v1/candidatures/{}/equivalence
POST /api/v1/candidatures/{}/submission
POST /api/v1/candidatures/{}/withdrawal
POST /api/v1/candidatures/{}/admissibility
POST /api/v1/candidatures/{}/decision
POST /api/v1/candidatures/{}/items/{}/proofs
GET /api/v1/candidatures/{}/messages
POST /api/v1/candidatures/{}/messages
GET /api/v1/candidatures/{}/messages/read
PUT /api/v1/candidatures/{}/messages/read
GET /api/v1/messages/{}
GET /api/v1/messages/{}/files/{}
POST /api/v1/messages/{}/files/{}/acceptance
GET /api/v1/events
POST /api/v1/uploads
GET /api/v1/uploads/{}
PATCH /api/v1/uploads/{}
DELETE /api/v1/uploads/{}
POST /api/v1/candidatures/{}/manifests
GET /api/v1/candidatures/{}/permissions
POST /api/v1/candidatures/{}/permissions
DELETE /api/v1/candidatures/{}/permissions/{}
GET /api/v1/candidatures/{}/references
PUT /api/v1/candidatures/{}/references
POST /api/v1/softwares/{}/certificates/manifests
GET /api/v1/me
PUT /api/v1/me/email
DELETE /api/v1/me/email
GET /api/v1/me/letters
GET /api/v1/duo/sessions/{}/room
PUT /api/v1/duo/sessions/{}/room
POST /api/v1/duo/sessions/{}/room/entry
POST /api/v1/duo/sessions/{}/room/replacement
GET /api/v1/duo/sessions/{}/room/recordings
GET /api/v1/duo/sessions/{}/calendar.ics
GET /api/v1/duo/sessions/{}/minutes
POST /api/v1/duo/sessions/{}/signatures
GET /api/v1/proofs/{}
GET /api/v1/proofs/{}/files/{}
POST /api/v1/verifications/{}/revocation
POST /api/v1/certificates/{}/revocation
POST /api/v1/rulebooks/{}/correspondences/{}/revocation
POST /api/v1/rulebooks/{}/certificate-kinds/{}/revocation
GET /api/v1/revocations
GET /api/v1/revocations/{}
GET /api/v1/revocations/{}/effects
POST /api/v1/softwares/{}/identity-declarations
GET /api/v1/identity-declarations
GET /api/v1/identity-declarations/{}
GET /api/v1/identity-declarations/{}/files/{}
POST /api/v1/identity-declarations/{}/files/{}/acceptance
POST /api/v1/identity-declarations/{}/withdrawal
POST /api/v1/identity-declarations/{}/refusal
POST /api/v1/identity-declarations/{}/acceptance
POST /api/v1/identities/{}/revocation
POST /api/v1/signals
GET /api/v1/signals
GET /api/v1/signals/{}
GET /api/v1/signals/receipts/{}
POST /api/v1/signals/{}/qualification
POST /api/v1/signals/{}/dismissal
POST /api/v1/signals/{}/reopening
GET /api/v1/signals/{}/author
DELETE /api/v1/signals/{}/author
POST /api/v1/audits
GET /api/v1/audits
GET /api/v1/audits/{}
POST /api/v1/audits/{}/opening
POST /api/v1/audits/{}/notification
POST /api/v1/audits/{}/follow-up
POST /api/v1/audits/{}/closing
POST /api/v1/audits/{}/abandonment
GET /api/v1/audits/{}/draw
GET /api/v1/audits/{}/sample
POST /api/v1/audits/{}/sample
PUT /api/v1/audits/{}/sample/{}/finding
GET /api/v1/audits/{}/timeline
GET /api/v1/audits/{}/nonconformities
POST /api/v1/audits/{}/nonconformities
PUT /api/v1/nonconformities/{}
POST /api/v1/nonconformities/{}/lifting
POST /api/v1/nonconformities/{}/withdrawal
POST /api/v1/nonconformities/{}/plans
GET /api/v1/action-plans
POST /api/v1/action-plans/{}/acceptance
POST /api/v1/action-plans/{}/refusal
POST /api/v1/action-plans/{}/withdrawal
POST /api/v1/action-plans/{}/completion
POST /api/v1/action-plans/{}/verification
POST /api/v1/action-plans/{}/return
GET /api/v1/audits/{}/sanctions
POST /api/v1/audits/{}/sanctions
POST /api/v1/sanctions/{}/answer
POST /api/v1/sanctions/{}/decision
POST /api/v1/audits/{}/reinstatement
GET /api/v1/audits/{}/evidence
POST /api/v1/audits/{}/evidence
GET /api/v1/evidence/{}
GET /api/v1/audits/{}/export
GET /api/v1/register
GET /api/v1/queues
GET /api/v1/queues/{}/tasks
POST /api/v1/queues/{}/claims
POST /api/v1/tasks/{}/claim
DELETE /api/v1/tasks/{}/claim
POST /api/v1/tasks/{}/verdict
POST /api/v1/tasks/{}/takeover
POST /api/v1/tasks/{}/verdict/undo
GET /api/v1/candidatures/{}/items/{}/history
GET /api/v1/candidatures/{}/items/{}/explanation
GET /api/v1/comment-templates
POST /api/v1/comment-templates
GET /api/v1/comment-templates/{}
PATCH /api/v1/comment-templates/{}
DELETE /api/v1/comment-templates/{}
POST /api/v1/bulk/assignments
POST /api/v1/bulk/boosts
POST /api/v1/bulk/admissibility
GET /api/v1/budgets
PUT /api/v1/budgets/{}
POST /api/v1/boosts
GET /api/v1/boosts
DELETE /api/v1/boosts/{}
GET /api/v1/verifiers
PUT /api/v1/verifiers/{}/skills
POST /api/v1/conflicts
GET /api/v1/conflicts
DELETE /api/v1/conflicts/{}
POST /api/v1/absences
GET /api/v1/absences
DELETE /api/v1/absences/{}
GET /api/v1/steering/queues
GET /api/v1/steering/verifiers
GET /api/v1/steering/forecast
GET /api/v1/second-reading-rates
PUT /api/v1/second-reading-rates
DELETE /api/v1/second-reading-rates/{}
GET /api/v1/second-readings
GET /api/v1/second-readings/agreement
GET /api/v1/second-readings/{}
POST /api/v1/second-readings/{}/verdict
GET /api/v1/experts
POST /api/v1/tasks/{}/opinions
GET /api/v1/opinions
GET /api/v1/opinions/{}
POST /api/v1/opinions/{}/answer
POST /api/v1/opinions/{}/refusal
GET /api/v1/duo/slots
POST /api/v1/duo/slots
DELETE /api/v1/duo/slots/{}
GET /api/v1/duo/availabilities
DELETE /api/v1/duo/availabilities/{}
GET /api/v1/duo/staffing
PUT /api/v1/duo/staffing
GET /api/v1/candidatures/{}/duo-agenda
POST /api/v1/candidatures/{}/duo-holds
DELETE /api/v1/duo/holds/{}
POST /api/v1/candidatures/{}/duo-sessions
GET /api/v1/duo/sessions
GET /api/v1/duo/sessions/{}
POST /api/v1/duo/sessions/{}/opening
POST /api/v1/duo/sessions/{}/pause
POST /api/v1/duo/sessions/{}/resumption
POST /api/v1/duo/sessions/{}/closing
POST /api/v1/duo/sessions/{}/interruption
POST /api/v1/duo/sessions/{}/absence
POST /api/v1/duo/sessions/{}/cancellation
POST /api/v1/duo/sessions/{}/presence
DELETE /api/v1/duo/sessions/{}/presence
PUT /api/v1/duo/sessions/{}/agenda
PUT /api/v1/duo/sessions/{}/checks/{}
GET /api/v1/duo/sessions/{}/items/{}
POST /api/v1/duo/sessions/{}/items/{}/showing
PUT /api/v1/duo/sessions/{}/items/{}/notes
PUT /api/v1/duo/sessions/{}/items/{}/verdict
POST /api/v1/duo/sessions/{}/items/{}/captures
GET /api/v1/duo/sessions/{}/events
GET /api/v1/duo/figures
""".strip().splitlines()


def described() -> Any:
    return wired().test_client().get("/api/openapi.json").json


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


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_main_resource_is_described(resource: str) -> None:
    assert resource in operations()


def test_every_route_of_the_api_is_described() -> None:
    routes = {
        f"{method} {re.sub('<[^>]+>', '{}', rule.rule)}"
        for rule in wired().url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes - set(operations()) == set()


@pytest.mark.parametrize(("name", "operation"), list(operations().items()))
def test_the_errors_of_an_operation_are_problems(name: str, operation: Any, document: Any) -> None:
    errors = {code: answer for code, answer in operation["responses"].items() if code[0] not in "23"}
    if name == "GET /readyz":
        errors.pop("503")  # the parts that do not answer, by name
    assert "default" in errors
    for answer in errors.values():
        described = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        assert list(described["content"]) == ["application/problem+json"]


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
    assert set(schema["properties"]) == {"items", "next"}
