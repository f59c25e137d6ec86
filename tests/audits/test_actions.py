"""What a resource says may be done with it is what is accepted of its reader; the rest is refused."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy.orm import Session

from referencing.base.permissions import Role
from tests.audits.inquiry import Inquiry, auditor_of
from tests.candidatures.dossiers import People
from tests.clients import Client
from tests.signals.conftest import Anybody

WHY = {"reason": "Vu."}
#: For each kind of resource and each action: the request that asks for it, below the resource.
Ask = Callable[[Any], tuple[str, str, Any]]


def post(step: str, **words: Any) -> Ask:
    return lambda _: ("POST", f"/{step}", words)


def verdict(task: Any) -> tuple[str, str, Any]:
    proof = (task["subject"] or {}).get("proof")
    words = {"outcome": "conform", "comment": "Vu."}
    return "POST", "/verdict", words | ({"file_sha256": proof["files"][0]["sha256"]} if proof else {})


ASKED: Mapping[str, Mapping[str, Ask]] = {
    "candidatures": {
        "amend": lambda _: ("PATCH", "", {"software_version": "2.0"}),
        "give_up": lambda _: ("DELETE", "", None),
        "submit": post("submission", incomplete=True),
        "take_back": post("taking-back"),
        "withdraw": post("withdrawal"),
        "admit": post("admissibility", outcome="admissible", incomplete=True),
        "find_incomplete": post("admissibility", outcome="incomplete", comment="Il manque."),
        "reference": post("decision", outcome="referenced", comment="Vu."),
        "refuse": post("decision", outcome="refused", comment="Vu."),
        "send_back": lambda one: (
            "POST",
            "/decision",
            {"outcome": "sent_back", "comment": "Revoir.", "items": [one["code"]]},
        ),
    },
    "items": {
        "supply": post("not-applicable", reason="Autre scénario."),
        "take_back": lambda _: ("DELETE", "/not-applicable", None),
    },
    "tasks": {
        "claim": post("claim", another=True),
        "give_back": lambda _: ("DELETE", "/claim", None),
        "give_verdict": verdict,
    },
    "duo/sessions": {
        "open": post("opening"),
        "pause": post("pause", **WHY),
        "resume": post("resumption"),
        "close": post("closing", leftovers="queue", nothing_decided=True, **WHY),
        "cancel": post("cancellation", **WHY),
        "miss": post("absence", absent="editor", leftovers="queue", **WHY),
        "interrupt": post("interruption", leftovers="queue", **WHY),
    },
    "signals": {
        "qualify": post("qualification", assessment="Fondé."),
        "dismiss": post("dismissal", assessment="Rien."),
        "reopen": post("reopening", **WHY),
    },
    "audits": {
        "open": post("opening"),
        "notify": post("notification"),
        "close": post("closing", conclusions="Rien."),
        "abandon": post("abandonment", **WHY),
    },
    "nonconformities": {
        "lift": post("lifting", outcome="Corrigé."),
        "withdraw": post("withdrawal", outcome="Erreur."),
    },
    "action-plans": {
        "accept": post("acceptance"),
        "refuse": post("refusal", comment="Trop long."),
        "withdraw": post("withdrawal"),
        "carry_out": post("completion", report="Fait."),
        "verify": post("verification", comment="Vu."),
        "send_back": post("return", comment="Encore.", working_days=5),
    },
    "sanctions": {
        "answer": post("answer", observations="Nous corrigeons."),
        "apply": post("decision", outcome="applied", decision="Vu."),
        "drop": post("decision", outcome="dropped", decision="Vu."),
    },
}


#: What hangs on a day, or on what else there is, as well as on the state: by kind and role.
ALSO_ON_OTHERS = {
    ("audits", "auditor"): {"close", "notify"},
    ("duo/sessions", "editor"): {"cancel", "miss"},
}


@contextmanager
def undone() -> Iterator[None]:
    """Every request is answered as it is, and leaves nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "commit", Session.rollback)
        yield


def accepted(reader: Client, kind: str, path: str, shown: Any) -> list[str]:
    """The actions on a resource that are not refused to this reader."""
    taken = []
    headers = {"If-Match": f'"{shown.get("revision", 0)}"'}
    for action, ask in ASKED[kind].items():
        method, step, words = ask(shown)
        with undone():
            response = reader.send(method, f"{path}{step}", headers, json=words)
        assert response.status_code < 300 or response.status_code in {403, 404, 409}, response.get_data(
            as_text=True
        )
        if response.status_code < 300:
            taken.append(action)
    return taken


def compare(reader: Client, kind: str, path: str, shown: Any, **more: Any) -> set[str]:
    """What is accepted, once it is compared with what is named.

    An audit is closed and notified once all in it is done; a session is called off by its editor until a day before,
    and nobody says of their own side that it did not come: that is refused with a sentence of its own. Claiming what
    one has already only renews the lease.
    """
    as_asked = (
        "supply" if action == "replace" else action for action in shown["actions"]
    )  # the same request
    named = {action for action in as_asked if action in ASKED[kind]}
    taken = set(accepted(reader, kind, path, shown | more))
    if kind == "tasks" and "give_back" in named:
        taken.discard("claim")
    by_state = named - ALSO_ON_OTHERS.get((kind, reader.get("/me")["role"]), set())
    assert (kind, by_state - taken, taken - named) == (kind, set(), set())
    return taken


def readers(people: People) -> list[Client]:
    return [people.editor, people.verifier, people.lead, auditor_of(people)]


def test_what_may_be_done_with_a_dossier_and_its_items(people: People) -> None:
    named: set[str] = set()
    on_items: set[str] = set()
    for state in (people.draft, people.submitted, people.in_review, people.in_deliberation):
        dossier = state()
        first = min(dossier.codes("required") or dossier.states())
        if dossier.state == "draft":
            dossier.claim_not_applicable(first)
        for reader in readers(people):
            response = reader.send("GET", dossier.path)
            if response.status_code == 200:
                named |= compare(reader, "candidatures", dossier.path, response.json, code=first)
            for item in reader.send("GET", f"{dossier.path}/items").json.get("items", []):  # type: ignore[union-attr]
                path = f"{dossier.path}/items/{quote(item['code'], safe='')}"
                on_items |= compare(reader, "items", path, item)
    assert named == set(ASKED["candidatures"])
    assert on_items >= {"supply", "take_back"}


def test_what_may_be_done_with_a_task(people: People) -> None:
    (free, held, *_) = people.in_review().tasks("proof_review")
    people.verifier.post(f"/tasks/{held['id']}/claim", status=200)
    colleague = people(Role.VERIFIER, "Une collègue")
    named: set[str] = set()
    for task in (free, held):
        path = f"/tasks/{task['id']}"
        for reader in (people.verifier, colleague, people.lead):
            named |= compare(reader, "tasks", path, reader.get(path))
    assert named == set(ASKED["tasks"])


def test_what_may_be_done_with_a_signal(people: People) -> None:
    auditor = auditor_of(people)
    Anybody(people.app.test_client()).tell()
    (signal,) = auditor.every("/signals")
    path = f"/signals/{signal['id']}"
    named = compare(auditor, "signals", path, auditor.get(path))
    auditor.post(f"{path}/dismissal", {"assessment": "Rien."}, 200)
    assert named | compare(auditor, "signals", path, auditor.get(path)) == set(ASKED["signals"])


def test_what_may_be_done_with_an_audit_and_what_it_found(inquiry: Inquiry) -> None:
    seen: dict[str, set[str]] = {kind: set() for kind in ASKED}

    def look() -> None:
        for reader in readers(inquiry.people):
            shown = reader.send("GET", inquiry.path)
            if shown.status_code != 200:
                continue
            seen["audits"] |= compare(reader, "audits", inquiry.path, shown.json)
            for about in reader.every(f"{inquiry.path}/nonconformities"):
                path = f"/nonconformities/{about['id']}"
                seen["nonconformities"] |= compare(reader, "nonconformities", path, reader.get(path))
                for plan in about["plans"]:
                    seen["action-plans"] |= compare(
                        reader, "action-plans", f"/action-plans/{plan['id']}", plan
                    )
            for measure in reader.every(f"{inquiry.path}/sanctions"):
                seen["sanctions"] |= compare(reader, "sanctions", f"/sanctions/{measure['id']}", measure)

    look()
    (raised,) = inquiry.notified("majeure")
    plan = inquiry.propose(raised, working_days=5)
    inquiry.announce(urgent_reason="La sécurité des soins.")
    look()
    inquiry.auditor.post(f"/action-plans/{plan['id']}/acceptance", {}, 200)
    look()
    inquiry.editor.post(f"/action-plans/{plan['id']}/completion", {"report": "Fait."}, 200)
    look()
    assert seen["audits"] == {"open", "abandon"}
    for kind in ("nonconformities", "action-plans", "sanctions"):
        assert seen[kind] == set(ASKED[kind])
