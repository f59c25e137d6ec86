"""The page of who may do what, written from the tables that decide: `make openapi` writes it to the docs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from referencing.accounts.people.states import ACCOUNT
from referencing.alike_versions.states import REQUEST
from referencing.audits.inquiries.states import AUDITS, NONCONFORMITIES, PLANS, SAMPLED, SANCTIONS
from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import BY_FUNCTION, DELEGABLE, MAY, Function, Right, Role
from referencing.candidatures.record.states import CANDIDATURE, ITEM
from referencing.catalogue.states import DSR
from referencing.certificates.issuers.states import ISSUER
from referencing.certificates.states import CERTIFICATE
from referencing.components.states import EMBEDDING
from referencing.duo.sessions.phases import LINE, SESSION
from referencing.equivalence.states import RULEBOOK
from referencing.equivalence.workbench.states import PROPOSAL
from referencing.estimates.states import ESTIMATE
from referencing.identities.states import DECLARATION
from referencing.invitations.states import INVITATION
from referencing.outreach.states import CAMPAIGN, SURVEY
from referencing.platforms.states import INCIDENT, MAINTENANCE, PLATFORM, PROBE
from referencing.reviews.arbitration.states import SECOND_READING
from referencing.reviews.experts.states import OPINION
from referencing.reviews.queues.actions import TASK
from referencing.reviews.verdicts.states import TEMPLATE
from referencing.safeguards.states import SAFEGUARD
from referencing.saved_views.states import VIEW
from referencing.signals.states import SIGNAL
from referencing.simulations.states import SIMULATION
from referencing.steering.forecasts.states import FORECAST
from referencing.takeover.states import TAKEOVER
from referencing.uploads.states import UPLOAD
from referencing.webhooks.states import WEBHOOK

PAGE = Path(__file__).parents[2] / "docs" / "rights.md"

_HEAD = """# Who may do what

A person or a program has a role; a person of an editor has a function as well, and some rights are of some functions
alone. A key may be narrowed to a few of its account's rights. Whatever is not in this table is refused, by the API and
in the console alike. `GET /api/v1/me` answers the rights of who asks. The commands of `referencing` ask for none: they
are for whoever administers the machine. In the API's description each operation names the right that it takes.
This page is made from `referencing/base/permissions.py` and from the lives that decide; a test compares it.

A right opens a kind of act, not every thing it may be done to: an organisation finds nothing but its own, an
integration what it was allowed on, and what others keep for themselves answers 404."""
_ACTIONS = """
# What leads from where to where

`actions` of each of these says what its reader may do with it now: what its state allows here, of what they have the
right to. What also hangs on a day, or on what else there is, is refused with a sentence that says which."""

#: The name of each life that is shown with its `actions`.
LIVES: dict[str, Lifecycle[Any, Any]] = {
    "candidature": CANDIDATURE,
    "item": ITEM,
    "task": TASK,
    "live session": SESSION,
    "signal": SIGNAL,
    "audit": AUDITS,
    "nonconformity": NONCONFORMITIES,
    "action plan": PLANS,
    "sanction": SANCTIONS,
    "takeover": TAKEOVER,
    "invitation": INVITATION,
    "account": ACCOUNT,
    "certificate": CERTIFICATE,
    "comment template": TEMPLATE,
    "declaration of identity": DECLARATION,
    "request for alike versions": REQUEST,
    "embedding of a component": EMBEDDING,
    "survey of who would profit": SURVEY,
    "letter to who would profit": CAMPAIGN,
    "DSR": DSR,
    "estimate of a draft": ESTIMATE,
    "forecast": FORECAST,
    "incident of a platform": INCIDENT,
    "maintenance of a platform": MAINTENANCE,
    "platform": PLATFORM,
    "probe of a platform": PROBE,
    "issuer": ISSUER,
    "line of a live session": LINE,
    "opinion": OPINION,
    "proof of a sample": SAMPLED,
    "proposal": PROPOSAL,
    "rulebook": RULEBOOK,
    "safeguard": SAFEGUARD,
    "saved view": VIEW,
    "second reading": SECOND_READING,
    "simulation": SIMULATION,
    "upload": UPLOAD,
    "webhook": WEBHOOK,
}


def page() -> Iterator[str]:
    """The lines of the page."""
    yield f"{_HEAD}\n"
    yield f"| right | {' | '.join(Role)} |\n| --- |{' --- |' * len(Role)}"
    for right in sorted(Right):
        yield f"| `{right}` | {' | '.join(_cell(role, right) for role in Role)} |"
    yield _ACTIONS
    for name, life in LIVES.items():
        yield f"\n## {name}\n\n| action | right | from → to |\n| --- | --- | --- |"
        for action in sorted(life.rights):
            steps = [f"{at} → {to}" for (at, step), to in life.steps.items() if step is action]
            yield f"| `{action}` | `{life.rights[action]}` | {', '.join(steps)} |"


def _cell(role: Role, right: Right) -> str:
    if role not in MAY[right]:
        return ""
    functions = BY_FUNCTION.get(right, frozenset(Function))
    if role is not Role.EDITOR or functions == set(Function):
        return "yes"
    return ", ".join(sorted(functions) + ["by delegation"] * (right in DELEGABLE))


if __name__ == "__main__":
    PAGE.write_text("".join(f"{line}\n" for line in page()))
