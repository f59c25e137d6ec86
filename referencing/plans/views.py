"""Plans as the API gives them."""

from typing import Any

from referencing.solutions.compositions import composition_view

from .operations import ReusePlans
from .reading import Considered
from .sentences import Explained


def plans_view(plans: ReusePlans) -> dict[str, Any]:
    """All plans over an agenda, in the keys of `ReusePlansOut`."""
    return {
        "dossiers": [_dossier(dossier) for dossier in plans.agenda.dossiers],
        "alone": plans.agenda.alone,
        **{confidence.value: plan_view(Explained(plans, confidence)) for confidence in plans.plans},
    }


def plan_view(explained: Explained) -> dict[str, Any]:
    """One plan, in the keys of `ReusePlanOut`."""
    plan = explained.plan
    return {
        "exact": plan.exact,
        "at_least": plan.at_least,
        "counts": {outcome.value: lines for outcome, lines in explained.counts().items()},
        "supplies": [
            {
                "item": supply.line,
                "opens": supply.opens,
                "serves": [
                    {
                        "item": line,
                        "status": plan.answers[line].status,
                        "clauses": explained.clauses(line, supply.line),
                        "with": explained.beside(line, supply.line),
                    }
                    for line in supply.serves
                ],
            }
            for supply in plan.supplies
        ],
        "filing": [
            {**filing._asdict(), "reason": explained.filing(filing, rank)}
            for rank, filing in enumerate(plan.filings)
        ],
        "items": [
            {
                "dossier": line.dossier,
                "code": line.code,
                "outcome": explained.outcome(number),
                "needs": sorted(plan.needs.get(number, ())),
                "explanation": explained.sentences(number),
            }
            for number, line in enumerate(explained.plans.agenda.lines)
        ],
    }


def _dossier(dossier: Considered) -> dict[str, Any]:
    target = dossier.basis.target
    return {
        "candidature": dossier.candidature and dossier.candidature.id,
        "planned": dossier.planned,
        "state": dossier.candidature and dossier.candidature.state,
        "dsr": dossier.version.dsr.code,
        "dsr_version": dossier.version.number,
        "solution": dossier.solution.id,
        "commercial_name": dossier.solution.commercial_name,
        "composition": composition_view(target.composition),
        "profiles": sorted(target.profiles),
    }
