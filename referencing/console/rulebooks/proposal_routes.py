"""The workbench of a draft: correspondences proposed, read with the words that differ, accepted or refused."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError, FieldError, Invalid
from referencing.catalogue.queries import dsrs
from referencing.console.pages import page
from referencing.console.tasks.differences import Compared, compare
from referencing.console.typed import BLANK, Typed, load, narrowing, refused, words
from referencing.equivalence.rulebooks.queries import visible_rulebook
from referencing.equivalence.workbench import decisions, proposing, queries, schemas
from referencing.equivalence.workbench.drafting import Level, Origin, Part, Wording
from referencing.equivalence.workbench.models import ProposalState
from referencing.web.forms import one_file
from referencing.web.pages import Page
from referencing.web.requests import actor, transaction

from . import entries
from .routes import MOST_DSRS, heading

blueprint = Blueprint("proposals", __name__)

#: How many are read on a page: each with two texts.
MOST = 20
SELECTION = ("level", "unchanged", "origin", "chapter", "from", "to", "least", "most")
FILTERS = ("state", *SELECTION)
PARTS = {Part.TEXT: "Exigence", Part.SCENARIO: "Scénario", Part.PROOF: "Preuve attendue"}


@blueprint.get("/regles/<uuid:rulebook>/propositions")
def show(rulebook: UUID) -> Response:
    """What is proposed, the most alike first; those that nobody has decided unless one asks for others."""
    return _page(rulebook, BLANK)


@blueprint.post("/regles/<uuid:rulebook>/propositions")
def propose(rulebook: UUID) -> Response:
    """Propose from rules, socles and likeness, or from a table."""
    try:
        with transaction() as session:
            report = _proposed(session, rulebook)
    except DomainError as error:
        return _page(rulebook, refused(error), error.status)
    return _page(rulebook, BLANK, report=report)


def _proposed(session: Session, rulebook: UUID) -> object:
    if request.form.get("form") == "table":
        return proposing.propose_from_table(session, actor(), rulebook, one_file())
    said: Any = load(
        schemas.ProposeIn(),
        {**words("from", "to", "chapter", "level"), "origins": request.form.getlist("origins")},
    )
    return proposing.propose(session, actor(), rulebook, said)


@blueprint.post("/regles/<uuid:rulebook>/propositions/decisions")
def decide(rulebook: UUID) -> Response:
    """Accept or refuse the proposals that were ticked, or the one whose button was pressed."""
    try:
        said = _decisions()
        with transaction() as session:
            outcomes = decisions.decide_many(session, actor(), rulebook, said)
    except DomainError as error:
        return _page(rulebook, refused(error), error.status)
    return _page(rulebook, BLANK, outcomes=outcomes)


@blueprint.post("/regles/<uuid:rulebook>/propositions/selection")
def decide_selection(rulebook: UUID) -> Response:
    """Accept or refuse all that answer the choices made, if they are those that were read."""
    try:
        said: Any = load(
            schemas.SelectionDecisionIn(),
            {**words("digest", "reason"), "accepted": request.form.get("decision") == "accept"},
        )
        with transaction() as session:
            filters = _selected_by()
            _, outcomes = decisions.decide_selection(session, actor(), rulebook, filters, said)
    except DomainError as error:
        return _page(rulebook, refused(error), error.status)
    return _page(rulebook, BLANK, outcomes=outcomes)


def _decisions() -> Sequence[decisions.Decision]:
    """Each as the API takes it; a button names its act, and its proposal where it is that of one. Raises Invalid."""
    act, _, alone = request.form.get("decision", "").partition(" ")
    chosen = [alone] if alone else request.form.getlist("proposals")
    if not chosen:
        raise Invalid(
            "Cochez les propositions dont vous décidez.", [FieldError("/proposals", "Aucune n'est cochée.")]
        )
    lines = [
        {
            "proposal": proposal,
            "revision": request.form.get(f"{proposal}/revision", type=int),
            "accepted": act == "accept",
            "relation": (act == "accept" and request.form.get(f"{proposal}/relation")) or None,
            "reason": request.form.get("reason", "").strip(),
        }
        for proposal in chosen
    ]
    read: Sequence[decisions.Decision] = load(schemas.ProposalDecisionsIn(), {"decisions": lines})[
        "decisions"
    ]
    return read


def _page(
    rulebook: UUID, typed: Typed, status: int = 200, report: Any = None, outcomes: Sequence[Any] = ()
) -> Response:
    chosen = narrowing(*FILTERS)
    narrowed = {"state": ProposalState.PROPOSED, **chosen}
    selected_by = narrowing(*SELECTION) if narrowed["state"] == ProposalState.PROPOSED else {}
    if narrowed["state"] == "all":
        del narrowed["state"]
    arguments = load(
        schemas.ProposalsArguments(), {**narrowed, "limit": MOST, "cursor": request.args.get("cursor")}
    )
    shown: Page = arguments.pop("page")
    with transaction() as session:
        filters = queries.Filters(**arguments)
        rows = queries.proposals(session, actor(), rulebook, filters, shown.keys(float, str), MOST + 1)
        kept, following = shown.of(rows, lambda row: [-row.proposal.score, row.proposal.code])
        return page(
            "rulebooks/proposals.html",
            status,
            **heading(visible_rulebook(session, actor(), rulebook)),
            proposals=[(row, _compared(row.sources, row.target)) for row in kept],
            selection=_selection(session, rulebook) if selected_by else None,
            following=following and url_for(".show", **{**chosen, "rulebook": rulebook, "cursor": following}),
            chosen=chosen,
            states=list(ProposalState),
            origins=list(Origin),
            levels=list(Level),
            dsrs=[dsr.code for dsr in dsrs(session, actor(), None, MOST_DSRS)],
            said=entries,
            report=report,
            done=sum(not isinstance(outcome, DomainError) for outcome in outcomes),
            undone=[outcome for outcome in outcomes if isinstance(outcome, DomainError)],
            typed=typed,
        )


def _selection(session: Session, rulebook: UUID) -> queries.Selection:
    return queries.visible_selection(session, actor(), rulebook, _selected_by())


def _selected_by() -> queries.Filters:
    """The choices that make a selection, as this request has them."""
    return queries.Filters(**load(schemas.SelectionArguments(), narrowing(*SELECTION)))


def _compared(sources: Sequence[Wording], target: Wording) -> list[tuple[str, Compared]]:
    """The parts of both sides, each pair with its differing words."""
    pairs = [
        (name, "\n\n".join(getattr(source, part) for source in sources), getattr(target, part))
        for part, name in PARTS.items()
    ]
    return [(name, compare(before, after)) for name, before, after in pairs if before or after]
