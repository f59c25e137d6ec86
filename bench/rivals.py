"""The bench's question put to others: of each item of a candidature, may an earlier proof count, and how?

Each answers the statuses alone, by proof, for rules of one step and the two policies of the bench: no derivation,
no reasons. What does not depend on the candidature is prepared before the clock starts.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import zen
from clingo import Control

from referencing.equivalence.engine.facts import Certificate, Fact, Target
from referencing.equivalence.engine.knowledge import Knowledge

Answer = Callable[[], dict[str, str]]

#: One pass over the items, their correspondences, the facts of the software, and the first policy that applies.
_SQL = sa.text("""
SELECT goal.code,
       CASE WHEN bool_or(policy.reuse = 'auto') THEN 'covered'
            WHEN bool_or(policy.reuse = 'confirm') THEN 'to_confirm' ELSE 'required' END AS status
FROM expected_proof AS goal
JOIN requirement ON requirement.id = goal.requirement_id
JOIN dsr_version ON dsr_version.id = goal.version_id
JOIN dsr ON dsr.id = dsr_version.dsr_id
LEFT JOIN correspondence ON correspondence.rulebook_id = :rulebook AND correspondence.relation = 'equal'
     AND correspondence.target = dsr.code || ':' || requirement.code
LEFT JOIN verification AS fact ON fact.core_id = :core AND fact.finding = 'verified'
     AND fact.proof_code IN (goal.code, correspondence.sources[1] || '#' || goal.suffix)
     AND (fact.revoked_on IS NULL OR fact.revoked_on > current_date) AND fact.found_on <= current_date
LEFT JOIN LATERAL (
     SELECT rule.reuse, rule.max_age_days FROM policy AS rule
     WHERE rule.rulebook_id = :rulebook
       AND (NOT rule.conditions ? 'guichet' OR rule.conditions -> 'guichet' ? goal.guichet)
     ORDER BY rule.position LIMIT 1
) AS policy ON fact.id IS NOT NULL
     AND (policy.max_age_days IS NULL OR current_date - fact.found_on <= policy.max_age_days)
WHERE goal.version_id = :version
GROUP BY goal.code
""")

_PROGRAM = """
shows(F, P) :- speaks(F, P).
shows(F, H) :- clause(H, B), shows(F, B).
policy(G, confirm) :- goal(G, "EDC_PSC").
policy(G, auto) :- goal(G, X), X != "EDC_PSC".
use(G, R) :- shows(F, G), policy(G, R), not revoked(F), not old(F, R).
old(F, auto) :- age(F, A), A > 700.
covered(G) :- use(G, auto).
to_confirm(G) :- use(G, confirm), not covered(G).
#show covered/1. #show to_confirm/1.
"""


def sql(connection: sa.Connection, version: UUID, core: UUID, rulebook: UUID | None) -> Answer:
    words = {"version": version, "core": core, "rulebook": rulebook}
    return lambda: {row.code: row.status for row in connection.execute(_SQL, words)}


def clingo(knowledge: Knowledge, facts: Sequence[Fact], target: Target) -> Answer:
    rules = [
        f'clause("{clause.head}", "{body}").'
        for clauses in knowledge.clauses.values()
        for clause in clauses
        for body in clause.body
    ]
    goals = [f'goal("{proof.code}", "{proof.guichet}").' for proof in _goals(knowledge, target)]
    known = "\n".join([_PROGRAM, *rules, *goals])

    def answer() -> dict[str, str]:
        told = []
        for fact in facts:
            if isinstance(fact, Certificate):
                continue
            told.append(
                f'speaks("{fact.id}", "{fact.proof}"). age("{fact.id}", {(knowledge.day - fact.day).days}).'
            )
            if fact.revoked_on is not None and fact.revoked_on <= knowledge.day:
                told.append(f'revoked("{fact.id}").')
        control = Control(["--warn=none"])
        control.add("base", [], known + "\n".join(told))
        control.ground([("base", [])])
        found = {proof.code: "required" for proof in _goals(knowledge, target)}
        with control.solve(yield_=True) as models:
            for model in models:
                found |= {symbol.arguments[0].string: symbol.name for symbol in model.symbols(shown=True)}
        return found

    return answer


def decision_table(knowledge: Knowledge, facts: Sequence[Fact], target: Target) -> Answer:
    """The pairs of an item and a fact are found here; each is put to the table, and the best answer counts."""
    decisions = zen.ZenDecisionContent(json.dumps(_TABLE))
    engine = zen.ZenEngine({"loader": lambda _: decisions})
    order = ("required", "to_confirm", "covered")

    def answer() -> dict[str, str]:
        by_proof: dict[str, list[Any]] = {}
        for fact in facts:
            if not isinstance(fact, Certificate):
                by_proof.setdefault(fact.proof, []).append(fact)
        found = {proof.code: "required" for proof in _goals(knowledge, target)}
        asked: list[str] = []
        requests: list[zen.EvaluateBatchRequest] = []
        for goal in _goals(knowledge, target):
            bodies = [clause.body[0] for clause in knowledge.clauses.get(goal.code, ())]
            for fact in [fact for code in (goal.code, *bodies) for fact in by_proof.get(code, ())]:
                revoked = fact.revoked_on is not None and fact.revoked_on <= knowledge.day
                context = {
                    "revoked": revoked,
                    "guichet": goal.guichet,
                    "age": (knowledge.day - fact.day).days,
                }
                asked.append(goal.code)
                requests.append({"key": "reuse", "context": context})
        for code, decided in zip(asked, engine.evaluate_batch(requests), strict=True):
            found[code] = max(found[code], decided["data"]["result"]["status"], key=order.index)
        return found

    return answer


def _goals(knowledge: Knowledge, target: Target) -> list[Any]:
    return [
        proof
        for requirement in knowledge.requirements
        if requirement.dsr == target.dsr
        for proof in requirement.proofs
    ]


def _rule(number: int, revoked: str, guichet: str, age: str, status: str) -> dict[str, str]:
    return {"_id": str(number), "r": revoked, "g": guichet, "a": age, "s": f'"{status}"'}


_TABLE = {
    "contentType": "application/vnd.gorules.decision",
    "nodes": [
        {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
        {
            "id": "reuse",
            "type": "decisionTableNode",
            "name": "reuse",
            "position": {"x": 1, "y": 0},
            "content": {
                "hitPolicy": "first",
                "inputs": [
                    {"id": "r", "name": "revoked", "field": "revoked"},
                    {"id": "g", "name": "guichet", "field": "guichet"},
                    {"id": "a", "name": "age", "field": "age"},
                ],
                "outputs": [{"id": "s", "name": "status", "field": "status"}],
                "rules": [
                    _rule(1, "true", "", "", "required"),
                    _rule(2, "", '"EDC_PSC"', "", "to_confirm"),
                    _rule(3, "", "", "<= 700", "covered"),
                    _rule(4, "", "", "", "required"),
                ],
            },
        },
        {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
    ],
    "edges": [
        {"id": "1", "sourceId": "in", "targetId": "reuse", "type": "edge"},
        {"id": "2", "sourceId": "reuse", "targetId": "out", "type": "edge"},
    ],
}
