"""What is printed before the demonstration is served: where, who with which key, what there is, what to try."""

import shlex
import sys
from collections.abc import Sequence

import click

from demonstration.attempts import READABLE, WHY, Scene, attempts
from demonstration.cast import Person
from demonstration.loading import Accesses
from demonstration.story import page
from referencing.base import db
from referencing.base.permissions import ROLES
from referencing.candidatures.api.queries import Dossier, dossiers
from referencing.candidatures.record.states import STATES
from referencing.config import Settings

AGENCY = "l'agence"
FOLDER = "demonstration"
MOST = 100  # dossiers shown

#: Each item of an equivalence with its sentences.
_EXPLANATIONS = """import json, sys
for one in json.load(sys.stdin)["items"]:
    print("\\n" + one["code"], *one["explanation"], sep="\\n  ")"""


def show(settings: Settings, sessions: db.Sessions, accesses: Accesses, address: str) -> None:
    """Print it; the file that a command supplies is written to the data folder. Raises OSError."""
    page.heading("Le référencement Ségur : démonstration")
    page.rows(
        [
            ("Console", f"{address}/  (dans un navigateur ; un clic par personne, sans clé)"),
            ("API", f"{address}/api/v1"),
            ("Pages de l'API", f"{address}/api/docs"),
            ("Dossier", str(settings.data)),
        ]
    )
    page.paragraph("Les éditeurs, les logiciels, les exigences et les règles sont inventés.", 2)
    scene = _scene(settings, sessions, accesses)
    page.heading("Les candidatures")
    page.rows(map(_dossier, _dossiers(sessions, accesses, "EDITEUR", "EDITEUR_2")))
    page.heading("Les comptes")
    page.rows(_account(access.person) for access in accesses.values())
    page.heading("À coller dans un autre terminal (les clés changent à chaque démarrage)")
    _shell(accesses, address)
    page.heading("Puis, par exemple")
    possible = (attempt for attempt in attempts(scene) if attempt.variable in accesses)
    for number, attempt in enumerate(possible, start=1):
        click.echo(f"\n{number}. {attempt.what}\n\n{attempt.command}")
    click.echo("\nCtrl-C arrête le serveur ; ce qui a été fait reste.\n")


def _scene(settings: Settings, sessions: db.Sessions, accesses: Accesses) -> Scene:
    folder = settings.data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    verifier = accesses.get("VERIFICATEUR")
    own_dossiers = _dossiers(sessions, accesses, "EDITEUR")
    return Scene(sessions, own_dossiers, verifier.actor if verifier else None, folder)


def _dossiers(sessions: db.Sessions, accesses: Accesses, *editors: str) -> Sequence[Dossier]:
    """The dossiers of these editors, as they see them."""
    with db.transaction(sessions) as session:
        return [
            dossier
            for editor in editors
            if editor in accesses
            for dossier in dossiers(session, accesses[editor].actor, None, MOST)
        ]


def _dossier(dossier: Dossier) -> tuple[str, ...]:
    candidature = dossier.candidature
    solution = (
        f"{candidature.configuration.solution.commercial_name} {candidature.configuration.software_version}"
    )
    counts = {state.value: count for state, count in dossier.counts.items()}
    return candidature.version.dsr.code, solution, STATES[candidature.state], page.counted(counts)


def _account(person: Person) -> tuple[str, ...]:
    return person.variable, ROLES[person.role], person.name, person.organisation or AGENCY


def _shell(accesses: Accesses, address: str) -> None:
    click.echo()
    click.echo(f"export API={address}/api/v1")
    for variable, access in accesses.items():
        click.echo(f"export {variable}={access.key}")
    python = shlex.quote(sys.executable)
    click.echo(f"{READABLE}() {{ {python} -m json.tool --no-ensure-ascii; }}")
    click.echo(f"{WHY}() {{ {python} -c {shlex.quote(_EXPLANATIONS)}; }}")
