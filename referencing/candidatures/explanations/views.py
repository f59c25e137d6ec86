"""An account of how an item stood, as the API gives it. Pure."""

from dataclasses import asdict
from typing import Any

from referencing.equivalence.engine.explanation import lacking, named, reason_of
from referencing.equivalence.engine.facts import Certificate
from referencing.equivalence.engine.formats import dump_item
from referencing.equivalence.engine.resolution import Blocked

from .sentences import Account, narrate


def explanation_view(told: Account) -> dict[str, Any]:
    supplied = told.supplied and asdict(told.supplied)
    if supplied:
        supplied["files"] = [{"filename": name, "sha256": sha256} for name, sha256 in supplied["files"]]
    return {
        "item": told.item,
        "proof": told.proof,
        "on": told.day,
        "since": told.since,
        "state": told.state,
        "asked": asdict(told.asked),
        "proof_text": told.proof_text,
        "scenario": told.scenario,
        "composition": told.composition,
        "reuse": told.answer and dump_item(told.answer),
        "facts": [_fact(told, fact) for fact in told.facts],
        "nearest": [_nearest(told, one) for one in told.answer.blocked] if told.answer else [],
        "rulebook": told.rulebook and asdict(told.rulebook),
        "rules": [asdict(rule) for rule in told.rules],
        "requirements": [asdict(asked) for asked in told.texts],
        "supplied": supplied,
        "claim": told.claim,
        "verdicts": [asdict(said) for said in told.verdicts],
        "sentences": narrate(told),
    }


def _fact(told: Account, fact_id: str) -> dict[str, Any]:
    fact = told.facts[fact_id]
    common = {"id": fact.id, "day": fact.day, "revoked_on": fact.revoked_on, "detail": named(fact)}
    if isinstance(fact, Certificate):
        kept = {"kind": fact.kind, "holder": fact.holder, "valid_until": fact.valid_until}
        return {"type": "certificate", **common, **kept}
    return {
        "type": "verification",
        **common,
        "proof": fact.proof,
        "solution": fact.solution,
        "status": fact.status,
        "mode": fact.mode,
        "composition": fact.composition,
        "verifier": told.verifiers.get(fact.id),
    }


def _nearest(told: Account, blocked: Blocked) -> dict[str, Any]:
    fact = told.facts[blocked.fact]
    reasons = [
        {"code": code, "reason": reason_of(code, fact), "missing": lacking(code, fact, told.composition)}
        for code in blocked.reasons
    ]
    return {"fact": blocked.fact, "reasons": reasons}
