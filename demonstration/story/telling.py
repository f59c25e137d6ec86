"""Referencings told on a terminal: what the earlier ones have proven is not asked again, and why; the last is live."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import click

from demonstration.cast import (
    COMMERCIAL_NAMES,
    COMPONENT_VERSION,
    COMPOSITION,
    NIL,
    OTHER_SOFTWARE,
    PEOPLE,
    SHOWN_SOFTWARE,
    SOFTWARE,
    Person,
)
from demonstration.story import page
from demonstration.story.application import Application, application
from demonstration.story.client import Client
from demonstration.story.play import Play
from demonstration.story.receiver import Receiver, receiver
from demonstration.story.script import (
    ACTS,
    AGENCY_HEADING,
    BRICK_AFTER,
    BRICK_ASKED,
    BRICK_BEFORE,
    ESTIMATED,
    LIVE_DRAFTED,
    LIVE_HEADING,
    LIVE_SETTLED,
    LIVE_SHOWN,
    PLAN_HEADING,
    PLAN_SHOWN,
    PLANNED,
    RECORDED,
    SURVEYED,
    Act,
    Progress,
    Unchanged,
)
from referencing.base.workdays import PARIS

_PLAYERS = {
    "EDITEUR": "editor",
    "EDITEUR_2": "other_editor",
    "PLATEFORME": "platform",
    "VERIFICATEUR": "verifier",
    "RESPONSABLE": "lead",
    "CATALOGUE": "manager",
    "EDITEUR_3": "maker",
}


class Unexpected(Exception):
    """The story does not go as it is written."""


def tell() -> None:
    """Play the acts on an application of their own. Raises Unexpected, Refused or Failed."""
    with application() as house, receiver() as program:
        click.echo(
            click.style(
                "Trois référencements d'un logiciel, ce qui n'est pas redemandé, et une séance", bold=True
            )
        )
        play = _people(house)
        play.tell(program)
        play.publish_referentials()
        play.publish_rules()
        page.paragraph(
            f"Un serveur neuf (port {house.port}), {len(_PLAYERS)} comptes, trois listes d'exigences inventées et "
            "leurs règles. Tout ce qui suit passe par l'API ; les explications sont celles qu'elle donne."
        )
        software = play.editor.post("/softwares", {"name": SOFTWARE, "nil": NIL})["id"]
        solutions = {
            dispositif: play.editor.post("/solutions", {"software": software, "commercial_name": name})["id"]
            for dispositif, name in COMMERCIAL_NAMES.items()
        }
        _plan(play, solutions)
        ends = [_act(play, act, software, solutions[act.dispositif]) for act in ACTS]
        _live(house, replace(play, editor=play.other_editor))
        _read_by_agency(play)
        _brick(play)
        _close(house, play, program, ends)


def _people(house: Application) -> Play:
    """An account for each player, opened by the command line while the server starts."""
    people = [person for person in PEOPLE if person.variable in _PLAYERS]
    keys = house.run(*map(_opening, people))
    house.await_ready()
    return Play(
        **{
            _PLAYERS[person.variable]: Client(house.port, key)
            for person, key in zip(people, keys, strict=True)
        }
    )


def _opening(person: Person) -> list[str]:
    owner = ["--organisation", person.organisation] if person.organisation else []
    return ["accounts", "create", person.name, "--role", person.role.value, *owner]


def _plan(play: Play, solutions: Mapping[str, str]) -> None:
    """What to supply once so that the rest of the three dossiers follows, before any of them is drafted."""
    page.heading(PLAN_HEADING)
    plans = play.plan(*((act.dsr, solutions[act.dispositif], act.composition) for act in ACTS))
    likely, certain = plans["to_confirm"], plans["certain"]
    counts, items = likely["counts"], likely["items"]
    _expect((len(items), counts["to_supply"], certain["counts"]["to_supply"]), PLANNED)
    _expect((likely["exact"], certain["exact"]), (True, True))
    page.paragraph(
        f"{len(items)} preuves attendues : {counts['to_supply']} à fournir, et pas moins ; {counts['covered']} "
        f"suivront, {counts['to_confirm']} autres une fois confirmées. Sans rien à confirmer : "
        f"{certain['counts']['to_supply']} à fournir.",
        2,
    )
    for filing in likely["filing"]:
        page.paragraph(f"{plans['dossiers'][filing['dossier']]['dsr']} — {filing['reason']}", 4)
    for supply in likely["supplies"][:PLAN_SHOWN]:
        served = ", ".join(items[served["item"]]["code"] for served in supply["serves"])
        page.paragraph(f"{items[supply['item']]['code']} servira à {served}.", 4)


def _act(play: Play, act: Act, software: str, solution: str) -> Progress:
    """One dossier from its draft to the decision; answers its items by state at the end."""
    page.heading(act.heading)
    candidature = play.draft(act.dsr, solution, act.software_version, act.composition)
    _expect(play.progress(candidature), act.drafted)
    _show_draft(play, candidature)
    explanations = play.explanations(candidature)
    for code, what in act.to_explain.items():
        page.paragraph(f"{_short(code)} — {what} :", 2)
        # The first sentence says where the item stands, which the lists above have shown.
        page.paragraph(" ".join(explanations[code][1:]), 4)
    if act.components:
        _compare_components(play, act.components, candidature)
    if act.unchanged:
        _accept_unchanged(play, act.unchanged, act.dsr, candidature)
    return _instruct(play, act, candidature, software)


def _accept_unchanged(play: Play, unchanged: Unchanged, dsr: str, candidature: str) -> None:
    """The lead makes rules of what did not change, proof by proof; the dossier gains by them."""
    accepted, moved = play.accept_unchanged(unchanged.since, dsr)
    _expect((accepted, moved), (unchanged.accepted, unchanged.moved))
    play.await_progress(candidature, unchanged.progress)
    page.paragraph(
        f"Preuve par preuve, l'atelier des règles propose : {accepted} ont gardé mot pour mot leur scénario et ce "
        f"qui est attendu, même là où le texte de l'exigence a bougé. Le responsable les accepte ; la simulation en "
        f"annonce {moved} de « à confirmer » à « couverte ». Une fois publié : {page.counted(unchanged.progress)}.",
        2,
    )


def _compare_components(play: Play, components: tuple[int, int], candidature: str) -> None:
    """What the dossier loses by a component of another version, and what a declaration of the lead would keep."""
    compared = play.changed_components(candidature)
    (difference,) = compared["differences"]
    lost, kept = len(compared["lost"]), difference["kept"]
    _expect((lost, kept), components)
    other = difference["other"]
    page.paragraph(
        f"{other['component']} au lieu de {other['verified_with']} : {lost} preuves y perdent ; dire les deux versions "
        f"équivalentes en garderait {kept}.",
        2,
    )


def _show_draft(play: Play, candidature: str) -> None:
    """What the dossier holds as soon as it is drafted: the requirements by state, with how many proofs if several."""
    items = play.items(candidature)
    for state in ("covered", "to_confirm", "required"):
        required = Counter(item["requirement"] for item in items if item["state"] == state)
        if required:
            named = ", ".join(f"{code} (×{count})" if count > 1 else code for code, count in required.items())
            page.paragraph(named, 18, first=f"  {page.counted({state: required.total()})}")


def _instruct(play: Play, act: Act, candidature: str, software: str) -> Progress:
    """The editor supplies what is left and files; the agency reads, confirms and decides."""
    supplied, left_out = play.supply(candidature, later="CNDA" if act.certified else None)
    if act.certified:
        play.certify(candidature, software)
    play.file(candidature)
    confirmed, read = play.verify_all("equivalence"), play.verify_all("proof_review")
    _expect((confirmed, read), (act.confirmed, act.read))
    progress = play.progress(candidature)
    _expect(progress, act.settled)
    _expect(play.reference(candidature), "referenced")
    claims = [f"déclare {left_out} preuves sans objet (il montre une autre modalité de PSC)"]
    page.paragraph(f"L'éditeur {_listed([f'fournit {supplied} fichiers', *claims[:left_out], 'dépose'])}.", 2)
    if act.certified:
        page.paragraph("Le compte d'intégration enregistre le certificat du CNDA : il remplace la pièce.", 2)
    confirmations = [f"confirme {confirmed} réemplois"]
    page.paragraph(
        f"Un vérificateur {_listed([*confirmations[:confirmed], f'rend {read} verdicts'])} : "
        f"{page.counted(progress)}. Décision : référencée.",
        2,
    )
    return progress


def _live(house: Application, play: Play) -> None:
    """A dossier whose demonstrations are shown to a verifier, from its draft to the signed minutes and the decision."""
    page.heading(LIVE_HEADING)
    _, solution = play.register(*SHOWN_SOFTWARE)
    candidature = play.draft("DPI-V2", solution, "1.0", COMPOSITION, mode="duo")
    _expect(play.progress(candidature), LIVE_DRAFTED)
    supplied, _ = play.supply(candidature)
    play.file(candidature)
    booked = play.book(candidature)
    start = datetime.fromisoformat(booked["starts_at"])
    page.paragraph(
        f"L'éditeur fournit {supplied} fichiers, dépose, et réserve le créneau du "
        f"{start.astimezone(PARIS):%d/%m/%Y à %H:%M} : {len(booked['agenda'])} preuves à l'ordre "
        "du jour. L'horloge du serveur y est avancée.",
        2,
    )
    house.move_on(start)
    shown = play.hold(booked["id"])
    _expect(shown, LIVE_SHOWN)
    _expect(play.sign(booked["id"]), "signed")
    page.paragraph(
        f"La séance s'ouvre : {shown} preuves montrées, {shown} verdicts. Elle est close ; les deux parties signent "
        "le procès-verbal.",
        2,
    )
    read = play.verify_all("proof_review") + play.verify_all("duo_follow_up")
    progress = play.progress(candidature)
    _expect(progress, LIVE_SETTLED)
    _expect(play.reference(candidature), "referenced")
    page.paragraph(
        f"Un vérificateur rend les {read} autres verdicts : {page.counted(progress)}. Décision : référencée.",
        2,
    )


def _read_by_agency(play: Play) -> None:
    """Who else would profit from the rules, what is known of their safety, and what the next list would cost."""
    page.heading(AGENCY_HEADING)
    elsewhere = [line for line in play.survey() if line["presence"] == "none"]
    covered = sum(line["covered_proofs"] for line in elsewhere)
    _expect((len(elsewhere), covered), SURVEYED)
    named = ", ".join(
        f"« {line['software']} » sur {line['dsr']} ({page.counted({'covered': line['covered_proofs']})})"
        for line in elsewhere
    )
    page.paragraph(f"Qui profiterait des règles sans avoir déposé : {named}.", 2)
    records = play.records()
    reuses = tuple(
        sum(record[name] for record in records) for name in ("granted", "confirmed", "found_false")
    )
    _expect(reuses, RECORDED)
    granted, confirmed, found_false = reuses
    page.paragraph(
        f"Bilan des règles : {granted} réemplois accordés, {confirmed} confirmés, {found_false} trouvé faux.",
        2,
    )
    estimate = play.estimate_next_list()
    cost = estimate["cost"]
    spared = sum(bool(chapter["spared"]) for chapter in estimate["by_chapter"])
    _expect((cost["losing"], cost["more_to_supply"], spared), ESTIMATED)
    page.paragraph(
        f"La prochaine version de {estimate['dsr']}, avant d'être publiée : {cost['losing']} logiciel y perd ce qu'il "
        f"a, {cost['more_to_supply']} preuves à fournir ; si le scénario restait le même, rien n'y serait perdu dans "
        f"{spared} chapitres sur {len(estimate['by_chapter'])}.",
        2,
    )


def _brick(play: Play) -> None:
    """A component is verified in its maker's dossier; whoever embeds it is no longer asked for what depends on it."""
    component, sold = play.register_component()
    made = replace(play, editor=play.maker)
    own_dossier = made.draft("LGC-V2", sold, COMPONENT_VERSION, [])
    asked = made.progress(own_dossier)
    _expect(asked, BRICK_ASKED)
    made.supply(own_dossier)
    made.file(own_dossier)
    read = made.verify_all("proof_review")
    _expect(made.reference(own_dossier), "referenced")
    embedder = replace(play, editor=play.other_editor)
    software, solution = embedder.register(*OTHER_SOFTWARE)
    candidature = embedder.draft("LGC-V2", solution, "1.0", COMPOSITION)
    before = embedder.progress(candidature)
    gained = play.accept_embedding(component, software, COMPOSITION[0][1])
    after = embedder.progress(candidature)
    _expect((before, after, gained), (BRICK_BEFORE, BRICK_AFTER, BRICK_AFTER["covered"]))
    page.paragraph(
        f"Une brique vérifiée une fois : {COMPOSITION[0][1]} a prouvé {read} preuves dans son dossier ; "
        f"« {OTHER_SOFTWARE[2]} », qui l'embarque, passe de {page.counted(before)} à {page.counted(after)}.",
        2,
    )


def _close(house: Application, play: Play, program: Receiver, ends: Sequence[Progress]) -> None:
    page.heading("Bilan")
    headings = ("liste", "preuves attendues", "fournies", "sans objet", "réemployées")
    columns = ("conform", "not_applicable", "covered")
    counts = [
        (act.dsr, str(sum(end.values())), *(str(end.get(state, 0)) for state in columns))
        for act, end in zip(ACTS, ends, strict=True)
    ]
    page.rows([headings, *counts])
    told = play.await_told(program)
    house.run(["journal", "verify"])
    page.paragraph(
        f"Le journal est intact ; un webhook en a dit {told} événements à l'éditeur, signés et dans l'ordre.",
        2,
    )


def _expect(actual: object, wanted: object) -> None:
    if actual != wanted:
        raise Unexpected(f"attendu : {wanted} ; trouvé : {actual}")


def _short(code: str) -> str:
    """An expected proof's code without its list, which the heading gives."""
    return code.partition(":")[2]


def _listed(parts: Sequence[str]) -> str:
    return " et ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
