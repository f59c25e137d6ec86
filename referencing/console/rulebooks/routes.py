"""Rulebooks: which ones there are, what one says, how its rules lead on; checks; history."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.base.permissions import Right, may
from referencing.catalogue.queries import dsrs, requirement_texts
from referencing.console.drawing import drawn
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, narrowing, refused, words
from referencing.equivalence.engine.facts import Correspondence
from referencing.equivalence.exchange.sheets import write_sheets
from referencing.equivalence.rulebooks import history, operations, queries, schemas
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.rulebooks.rulebooks import NO_RULES, rule_name
from referencing.journal.disclosure import disclosed
from referencing.web.forms import one_file
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, transaction

from . import entries
from .chains import LOOKS, chain, dsr_of, links, pairs

blueprint = Blueprint("rulebooks", __name__)

#: How many are on a page of a list; how many DSRs are offered.
MOST, MOST_DSRS = 50, 500
FILTERS = ("de", "vers", "q")


@blueprint.get("/regles")
def find() -> Response:
    """The rulebooks, the newest first."""
    return _list(BLANK)


@blueprint.post("/regles")
def write() -> Response:
    """Begin a draft, with the rules in force or with none."""
    try:
        label = load(schemas.RulebookIn(only=("label",)), words("label"))["label"]
        with transaction() as session:
            current = queries.in_force(session) if request.form.get("begin") == "in_force" else None
            rules = queries.rules_of(current) if current else NO_RULES
            draft = operations.write_rulebook(session, actor(), label, rules)
            return redirect(url_for(".show", rulebook=draft.id), 303)
    except DomainError as error:
        return _list(refused(error), error.status)


def _list(typed: Typed, status: int = 200) -> Response:
    wanted = listed(MOST)
    with transaction() as session:
        rows = queries.rulebooks(session, actor(), id_cursor(wanted), MOST + 1, newest=True)
        kept, following = wanted.of(rows, lambda row: [row.id])
        return page(
            "rulebooks/list.html",
            status,
            rulebooks=kept,
            in_force=queries.in_force(session),
            edits=may(actor(), Right.EDIT_RULEBOOKS),
            following=following and url_for(".find", cursor=following),
            typed=typed,
        )


def heading(rulebook: Rulebook) -> dict[str, Any]:
    """What every page of a rulebook shows, for its templates."""
    edits = may(actor(), Right.EDIT_RULEBOOKS)
    return {
        "rulebook": rulebook,
        "edits": edits,
        "is_draft": edits and not rulebook.frozen,
        "reads_records": may(actor(), Right.READ_RULE_RECORDS),
    }


@blueprint.get("/regles/<uuid:rulebook>")
def show(rulebook: UUID) -> Response:
    """The rules: correspondences between DSRs as a drawing and as a list, kinds of certificates, policies."""
    return rules_page(rulebook, BLANK)


def rules_page(rulebook: UUID, typed: Typed, status: int = 200, report: Any = None) -> Response:
    wanted = listed(MOST)
    with transaction() as session:
        stored = queries.visible_rulebook(session, actor(), rulebook)
        rules = queries.rules_of(stored)
        between = pairs(rules.correspondences)
        chosen = narrowing(*FILTERS)
        start = (wanted.keys(int) or (-1,))[0]
        rows = [
            (place, rule)
            for place, rule in enumerate(rules.correspondences)
            if place > start and _is_chosen(rule, chosen)
        ]
        kept, following = wanted.of(rows[: MOST + 1], lambda row: [row[0]])
        return page(
            "rulebooks/page.html",
            status,
            **heading(stored),
            rules=rules,
            pairs=between,
            drawing=drawn([pair.link for pair in between]),
            correspondences=[rule for _, rule in kept],
            texts=requirement_texts(session, _requirements([rule for _, rule in kept])),
            chosen=chosen,
            following=following and url_for(".show", **{**chosen, "rulebook": rulebook, "cursor": following}),
            said=entries,
            rule_name=rule_name,
            dsrs=[dsr.code for dsr in dsrs(session, actor(), None, MOST_DSRS)],
            report=report,
            typed=typed,
        )


def _requirements(rules: Sequence[Correspondence]) -> set[str]:
    """The codes of the requirements that correspondences name, by themselves or by a proof."""
    return {code.partition("#")[0] for rule in rules for code in (*rule.sources, rule.target)}


def _is_chosen(rule: Correspondence, chosen: dict[str, str]) -> bool:
    codes = (*rule.sources, rule.target)
    return (
        chosen.get("de") in {None, *map(dsr_of, rule.sources)}
        and chosen.get("vers") in {None, dsr_of(rule.target)}
        and any(chosen.get("q", "").lower() in code.lower() for code in codes)
    )


@blueprint.get("/regles/<uuid:rulebook>/chaines")
def show_chain(rulebook: UUID) -> Response:
    """All that leads to a requirement, and all that it leads to."""
    requirement = request.args.get("exigence", "").strip()
    with transaction() as session:
        stored = queries.visible_rulebook(session, actor(), rulebook)
        followed = chain(queries.rules_of(stored).correspondences, requirement)
        return page(
            "rulebooks/chain.html",
            **heading(stored),
            requirement=requirement,
            followed=followed,
            drawing=drawn(links(followed.correspondences)),
            said=entries,
            looks=LOOKS,
        )


@blueprint.get("/regles/<uuid:rulebook>.zip")
def download(rulebook: UUID) -> Response:
    """The rules as sheets, which may be read into another draft."""
    with transaction() as session:
        rules = queries.rules_of(queries.visible_rulebook(session, actor(), rulebook))
    headers = {"Content-Disposition": f'attachment; filename="regles-{rulebook}.zip"'}
    return Response(write_sheets(rules), headers=headers, content_type="application/zip")


@blueprint.post("/regles/<uuid:rulebook>/tableau")
def add_table(rulebook: UUID) -> Response:
    """Add the rows of a correspondences CSV, and show the report by row."""
    return reported(
        rulebook,
        lambda session: operations.add_correspondences(session, actor(), rulebook, one_file()),
    )


def reported(rulebook: UUID, act: Callable[[Session], object]) -> Response:
    """The rules after a file was read into them, with what became of its rows."""
    try:
        with transaction() as session:
            report = act(session)
    except DomainError as error:
        return rules_page(rulebook, refused(error), error.status)
    return rules_page(rulebook, BLANK, report=report)


@blueprint.get("/regles/<uuid:rulebook>/controles")
def show_checks(rulebook: UUID) -> Response:
    """What the last check found, and what differs from the rules in force."""
    return _checks(rulebook, BLANK)


@blueprint.post("/regles/<uuid:rulebook>/controles")
def check(rulebook: UUID) -> Response:
    """Check the draft as it is now."""
    try:
        with transaction() as session:
            operations.check_rulebook(session, actor(), rulebook)
    except DomainError as error:
        return _checks(rulebook, refused(error), error.status)
    return redirect(url_for(".show_checks", rulebook=rulebook, fait="controle"), 303)


def _checks(rulebook: UUID, typed: Typed, status: int = 200) -> Response:
    with transaction() as session:
        stored = queries.visible_rulebook(session, actor(), rulebook)
        before, changes = history.compared(session, actor(), rulebook, None)
        return page(
            "rulebooks/checks.html",
            status,
            **heading(stored),
            findings=_by_severity(stored.findings or []),
            before=before,
            changes=changes,
            said=entries,
            typed=typed,
        )


def _by_severity(findings: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The findings, the gravest first; those of no kind are left out."""
    named = {"error": "Erreurs", "warning": "Avertissements", "info": "À savoir"}
    grouped = [
        (name, [finding for finding in findings if finding["severity"] == severity])
        for severity, name in named.items()
    ]
    return [(name, of_severity) for name, of_severity in grouped if of_severity]


@blueprint.get("/regles/<uuid:rulebook>/historique")
def show_history(rulebook: UUID) -> Response:
    """Who changed what, in the order of time."""
    wanted = listed(MOST)
    last = (wanted.keys(int) or (0,))[0]
    with transaction() as session:
        stored = queries.visible_rulebook(session, actor(), rulebook)
        rows = history.history(session, actor(), rulebook, last, MOST + 1)
        kept, following = wanted.of(rows, lambda row: [row.number])
        return page(
            "rulebooks/history.html",
            **heading(stored),
            events=[disclosed(entry, actor()) for entry in kept],
            following=following and url_for(".show_history", rulebook=rulebook, cursor=following),
        )
