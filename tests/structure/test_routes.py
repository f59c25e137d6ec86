"""Deny by default: whatever is not on a short list answers nobody without a key."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule, UUIDConverter

from tests.structure.application import wired

#: Written out here as well: opening an endpoint to anyone is to be decided in two places.
ANYONE = {
    "health.read_health",
    "health.read_readiness",
    "health.read_security_contact",
    "observed.metrics",
    "heads.read_journal_consistency",
    "heads.read_journal_heads",
    "api-docs.openapi_json",
    "swagger_ui.show",
    "signals.report",
    "signals.read_signal_status",
    "register.read_register_history",
    "platforms.list_heartbeats",
    "platforms.list_incidents",
    "platforms.list_maintenances",
    "platforms.list_platforms",
    "platforms.read_feed",
    "platforms.read_platform",
    "register.read_change",
    "register.read_changes",
    "register.read_register",
    "bundles.read_checker",
    "bundles.read_day_bundle",
    "tools.read_digest",
    "tools.read_push",
    "register_days.read_day",
    "register_days.read_days",
    "register_days.read_list",
    "register_days.read_standing",
}


def rules(*, public: bool) -> list[Rule]:
    """Those of the API; what the pages of the console refuse is in tests/console."""
    return [
        rule
        for rule in wired().url_map.iter_rules()
        if (rule.endpoint in ANYONE) is public and not rule.endpoint.startswith("console.")
    ]


def requests() -> Iterator[tuple[str, str]]:
    for rule in rules(public=False):
        for method in sorted(rule.methods or ()):
            yield method, address(rule)


def address(rule: Rule) -> str:
    """An address that the rule matches."""
    built = rule.build({name: example(rule._converters[name]) for name in rule.arguments})  # noqa: SLF001
    assert built is not None
    return built[1]


def example(converter: BaseConverter) -> Any:
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return {UUIDConverter: UUID(int=0), IntegerConverter: 0}.get(type(converter), "x")


@pytest.mark.parametrize(("method", "path"), list(requests()))
def test_nothing_answers_without_a_key(method: str, path: str) -> None:
    response = wired().test_client().open(path, method=method)
    assert response.status_code == 401
    assert response.content_type == "application/problem+json"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic Y2FtaWxsZTpzZWNyZXQ=", "ref_key"])
def test_what_is_not_a_bearer_key_is_no_key(authorization: str) -> None:
    response = wired().test_client().get("/api/v1/dsrs", headers={"Authorization": authorization})
    assert response.status_code == 401


def test_the_short_list_names_nothing_that_is_gone() -> None:
    assert {rule.endpoint for rule in rules(public=True)} == ANYONE


@pytest.mark.parametrize("path", ["/healthz", "/api/openapi.json", "/api/docs/"])
def test_what_is_on_the_short_list_answers_anyone(path: str) -> None:
    assert wired().test_client().get(path).status_code == 200


def test_the_description_is_found_beside_the_resources_too() -> None:
    anyone = wired().test_client()
    assert anyone.get("/api/v1/openapi.json").json == anyone.get("/api/openapi.json").json


def test_no_two_functions_answer_one_address() -> None:
    answering = Counter(
        (method, re.sub("<[^>]*>", "<>", rule.rule))
        for rule in wired().url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )
    assert [address for address, functions in answering.items() if functions > 1] == []
