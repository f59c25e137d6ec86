"""An account of how an item stood, as the API gives it. Pure."""

from dataclasses import asdict
from typing import Any

from referencing.equivalence.engine.explanation import lacking, named, reason_of
from referencing.equivalence.engine.facts import Certificate, FactStatus
from referencing.equivalence.engine.resolution import Blocked
from referencing.equivalence.grants.schemas import answer_view
from referencing.solutions.compositions import composition_view

from .sentences import Account, narrate

#: The word of the API for what was found; a proof under review has no finding yet.
_STATES = {
    FactStatus.VERIFIED: "conform",
    FactStatus.REJECTED: "nonconform",
    FactStatus.SUBMITTED: "under_review",
}


def explanation_view(account: Account) -> dict[str, Any]:
    """The account with its sentences, in the keys of `ExplanationOut`."""
    supplied = account.supplied and asdict(account.supplied)
    if supplied:
        supplied["files"] = [{"filename": name, "sha256": sha256} for name, sha256 in supplied["files"]]
    return {
        "item": account.item,
        "code": account.proof,
        "on": account.day,
        "since": account.since,
        "state": account.state,
        "asked": asdict(account.requirement),
        "proof_text": account.proof_text,
        "scenario": account.scenario,
        "composition": composition_view(account.composition),
        "reuse": account.answer and answer_view(account.answer),
        "facts": [_fact(account, fact) for fact in account.facts],
        "nearest": [_nearest(account, blocked) for blocked in account.answer.blocked]
        if account.answer
        else [],
        "rulebook": account.rulebook and asdict(account.rulebook),
        "rules": [asdict(rule) for rule in account.rules],
        "requirements": [asdict(requirement) for requirement in account.texts],
        "supplied": supplied,
        "claim": account.claim,
        "verdicts": [asdict(verdict) for verdict in account.verdicts],
        "sentences": narrate(account),
    }


def _fact(account: Account, fact_id: str) -> dict[str, Any]:
    fact = account.facts[fact_id]
    common = {"id": fact.id, "day": fact.day, "revoked_on": fact.revoked_on, "detail": named(fact)}
    if isinstance(fact, Certificate):
        certified = {"kind": fact.kind, "holder": fact.holder, "valid_until": fact.valid_until}
        return {"type": "certificate", **common, **certified}
    return {
        "type": "verification",
        **common,
        "code": fact.proof,
        "solution": fact.solution,
        "state": _STATES[fact.status],
        "mode": fact.mode,
        "composition": composition_view(fact.composition),
        "verifier": account.verifiers.get(fact.id),
    }


def _nearest(account: Account, blocked: Blocked) -> dict[str, Any]:
    fact = account.facts[blocked.fact]
    reasons = [
        {"code": code, "reason": reason_of(code, fact), "lacking": lacking(code, fact, account.composition)}
        for code in blocked.reasons
    ]
    return {"fact": blocked.fact, "reasons": reasons}
