"""The summary of an audit's file, in French, as a page that needs nothing else."""

from datetime import date, datetime
from importlib import resources
from typing import Any

from jinja2 import Environment

from referencing.audits.inquiries.states import (
    AUDITS,
    NONCONFORMITIES,
    PLANS,
    SANCTIONS,
    AuditState,
    Measure,
    NonconformityState,
    PlanState,
    SanctionState,
)
from referencing.base.db import PARIS
from referencing.candidatures.record.states import STATES, State

README = """Dossier d'audit d'une solution référencée

synthese.html  ce dossier, à lire
dossier.json   le même, complet, pour les machines (format audit-file/1)
journal/       les entrées du journal, une par ligne, dans l'ordre : l'audit, la candidature, le logiciel
pieces/        les pièces versées à l'audit, et les preuves qui n'ont pas été retrouvées conformes
SHA256SUMS     l'empreinte de chaque fichier : « sha256sum -c SHA256SUMS »

Sceaux du journal. Chaque ligne porte « content » et « digest ». Le sceau d'une entrée est le SHA-256 de : le sceau
de la précédente (64 zéros pour la première), un saut de ligne, puis « content » en JSON, clés triées, sans espaces,
en UTF-8. Le dernier sceau de chaque journal et le nombre de ses entrées sont dans dossier.json (« journal »). Aucun
nom de personne n'est scellé : « by » est celui que porte, le jour de l'export, le compte « account_id » de « content ».

Tirage. Chaque exigence a autant de billets que son poids. Le numéro d'un billet est donné par les 16 premiers chiffres
de SHA-256(« GRAINE:EXIGENCE:BILLET »), les billets étant comptés à partir de 1 ; une exigence vaut son plus petit
numéro, et les plus petits sont tirés. La graine et les poids sont dans dossier.json (« draw »).

Les auteurs des signalements ne figurent pas dans ce dossier. Les noms des agents y figurent.
"""

_MEASURES = {
    Measure.SUSPENSION: "Suspension",
    Measure.DELISTING: "Déréférencement",
    Measure.REINSTATEMENT: "Rétablissement",
}
_FINDINGS = {"conform": "conforme", "nonconform": "non conforme"}
_environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)


def summary(record: dict[str, Any]) -> str:
    """HTML of an export's record."""
    source = resources.files("referencing.audits.export").joinpath("summary.html").read_text(encoding="utf-8")
    return _environment.from_string(source).render(record)


def _day(value: date | datetime | None) -> str:
    """A day or a moment as a person in Paris writes it."""
    if isinstance(value, datetime):
        return f"{value.astimezone(PARIS):%d/%m/%Y à %H:%M}"
    return f"{value:%d/%m/%Y}" if value else "—"


_environment.filters["day"] = _day
_environment.filters["measure"] = lambda value: _MEASURES[Measure(value)]
_environment.filters["finding"] = lambda value: _FINDINGS.get(value, "sans constat")
_environment.filters["listed"] = lambda value: STATES[State(value)]
_environment.filters["audit_state"] = lambda value: AUDITS.states[AuditState(value)]
_environment.filters["nonconformity_state"] = lambda value: NONCONFORMITIES.states[NonconformityState(value)]
_environment.filters["plan_state"] = lambda value: PLANS.states[PlanState(value)]
_environment.filters["sanction_state"] = lambda value: SANCTIONS.states[SanctionState(value)]
