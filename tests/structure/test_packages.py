"""What may lie in a package, what a pure module may load, and that the name `referencing` is ours alone."""

import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INITS = sorted(
    path.relative_to(ROOT)
    for package in ("referencing", "storage", "migrations", "tests")
    for path in (ROOT / package).rglob("__init__.py")
)
PURE = [
    "referencing.audits.export.archive",
    "referencing.audits.inquiries.life",
    "referencing.audits.inquiries.sampling",
    "referencing.accounts.email",
    "referencing.base.permissions",
    "referencing.candidatures.filing.pentests",
    "referencing.candidatures.explanations.views",
    "referencing.candidatures.explanations.sentences",
    "referencing.candidatures.clock.reminders",
    "referencing.candidatures.record.states",
    "referencing.candidatures.clock.holders",
    "referencing.catalogue.proposals",
    "referencing.catalogue.steps",
    "referencing.certificates.issuers.listing",
    "referencing.certificates.standing",
    "referencing.equivalence.rulebooks.certificate_table",
    "referencing.duo.sessions.agenda",
    "referencing.duo.figures.figures",
    "referencing.duo.slots.offers",
    "referencing.duo.sessions.phases",
    "referencing.duo.sessions.calendar",
    "referencing.duo.minutes.document",
    "referencing.duo.minutes.pdf",
    "referencing.duo.rooms.providers.settings",
    "referencing.equivalence.rulebooks.checks.checks",
    "referencing.equivalence.engine.clauses",
    "referencing.equivalence.rulebooks.checks.contradictions",
    "referencing.equivalence.workbench.drafting",
    "referencing.equivalence.engine.resolution",
    "referencing.equivalence.engine.explanation",
    "referencing.equivalence.engine.facts",
    "referencing.equivalence.engine.formats",
    "referencing.equivalence.rulebooks.checks.findings",
    "referencing.equivalence.engine.guards",
    "referencing.equivalence.engine.knowledge",
    "referencing.equivalence.workbench.likeness",
    "referencing.equivalence.exchange.oscal",
    "referencing.equivalence.rulebooks.checks.policies",
    "referencing.equivalence.rulebooks.differences",
    "referencing.equivalence.rulebooks.rulebooks",
    "referencing.equivalence.exchange.sheets",
    "referencing.base.errors",
    "referencing.journal.chain",
    "referencing.solutions.components",
    "referencing.mail.message",
    "referencing.mail.relay",
    "referencing.candidatures.clock.cases",
    "referencing.candidatures.clock.workdays",
    "referencing.reviews.second_readings.draw",
    "referencing.reviews.queues.order",
    "referencing.signals.states",
    "referencing.steering.habits",
    "referencing.steering.periods",
    "referencing.web.sheets",
    "referencing.steering.simulation",
    "referencing.reviews.queues.outcomes",
    "referencing.simulations.effort",
    "referencing.simulations.figures",
]


@pytest.mark.parametrize("path", INITS, ids=str)
def test_an_init_file_is_empty(path: Path) -> None:
    assert (ROOT / path).read_bytes() == b""


@pytest.mark.parametrize("module", PURE)
def test_a_pure_module_loads_neither_flask_nor_sqlalchemy(module: str) -> None:
    script = (
        f"import sys, {module}; print(*sorted({{'flask', 'sqlalchemy', 'marshmallow'}} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_no_other_distribution_provides_the_package_referencing() -> None:
    """One of that name comes with `jsonschema`; in one environment the two would overwrite each other."""
    providers = set(packages_distributions().get("referencing", []))  # ours is not named when it is editable
    assert providers <= {"segur-referencing"}
