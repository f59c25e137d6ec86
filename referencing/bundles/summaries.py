"""What a bundle says to whoever reads it without a program: a few lines of French, that a court reads too. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from referencing.audits.inquiries.states import AUDITS, AuditState
from referencing.base.db import PARIS
from referencing.candidatures.record.states import ITEM_STATES
from referencing.equivalence.engine.explanation import in_french

Json = Mapping[str, Any]

#: What any bundle shows, and what it does not.
SHOWN = (
    "Ce fichier se vérifie sans l'application du référencement, avec le programme verifier-preuve.py et la clé "
    "publique de l'agence : son contenu est celui dont l'empreinte est inscrite au journal du référencement, et le "
    "journal est celui dont l'agence a signé l'empreinte. Rien de ce qu'il dit ne peut avoir été changé "
    "depuis cette signature."
)


def receipt_summary(receipt: Json) -> str:
    act = receipt["act"]
    return _lines(
        f"Récépissé : {act['sentence']}, le {_moment(act['at'])}.",
        _about(receipt["dossier"]),
        _files(receipt["files"]),
        SHOWN,
    )


def decision_summary(decision: Json) -> str:
    act, case = decision["act"], decision["derivations"]
    comment, rulebook = act["detail"]["comment"], decision["rulebook"]
    states = Counter(item["state"] for item in decision["items"])
    counted = ", ".join(f"{count} « {ITEM_STATES[state]} »" for state, count in sorted(states.items()))
    reused = len(case["items"]) if case else 0
    confirmed = sum(item["confirmed"] for item in case["items"]) if case else 0
    return _lines(
        f"Décision du {_moment(act['at'])} : {act['sentence']}.",
        _about(decision["dossier"]),
        f"Motifs : {comment}" if comment else "",
        f"Preuves attendues : {len(decision['items'])}, dont {counted}.",
        f"Réemplois démontrés dans ce fichier : {reused}, dont {confirmed} confirmés par un vérificateur, par les "
        f"règles « {rulebook} »."
        if rulebook and reused
        else "",
        _files(decision["files"]),
        SHOWN,
    )


def minutes_summary(minutes: Json, document: Json) -> str:
    about = document["candidature"]
    outcomes = Counter(item["verdict"]["outcome"] for item in document["items"] if item["verdict"])
    return _lines(
        f"Procès-verbal de la séance du {_moment(document['session']['starts_at'])}, signé des deux parties.",
        f"Solution {about['solution']}, version {about['software_version']}, de {about['organisation']} ; "
        f"DSR {about['dsr']}, version {about['dsr_version']}.",
        f"Preuves vues : {len(document['items'])}, dont {outcomes['conform']} conformes et "
        f"{outcomes['nonconform']} non conformes.",
        _files(minutes["files"]),
        SHOWN,
    )


def audit_summary(audit: Json, record: Json) -> str:
    about, sample = audit["dossier"], record["sample"]
    findings = Counter(sampled["finding"] for sampled in sample)
    state = AUDITS.states[AuditState(record["audit"]["state"])]
    measures = [sanction for sanction in record["sanctions"] if sanction["decided_at"]]
    return _lines(
        f"Dossier d'audit, tel qu'il était quand il a été scellé : audit {state}.",
        f"Solution {about['commercial_name']} (logiciel {about['software']}, NIL {about['nil']}, version "
        f"{about['software_version']}) de {about['organisation']} ; DSR {about['dsr']}, version "
        f"{about['dsr_version']}.",
        f"Preuves tirées : {len(sample)}, dont {findings['conform']} conformes et {findings['nonconform']} non "
        f"conformes. Non-conformités : {len(record['nonconformities'])}. Mesures décidées : {len(measures)}.",
        _files(audit["files"]),
        SHOWN,
    )


def register_summary(day: date, size: int) -> str:
    return _lines(
        f"Liste publique des solutions référencées, telle qu'elle était à la fin du {in_french(day)} : "
        f"{size} ligne{'s' if size > 1 else ''}, suspensions comprises.",
        SHOWN,
    )


def _about(dossier: Json) -> str:
    deposited = dossier["deposited_on"]
    return (
        f"Solution {dossier['commercial_name']} (logiciel {dossier['software']}, NIL {dossier['nil']}, version "
        f"{dossier['software_version']}) de {dossier['organisation']} ; DSR {dossier['dsr']}, version "
        f"{dossier['dsr_version']}"
        + (f" ; dossier déposé le {in_french(date.fromisoformat(deposited))}." if deposited else ".")
    )


def _files(files: Iterable[Json]) -> str:
    count = len([*files])
    return f"Fichiers désignés par leur empreinte SHA-256 : {count}." if count else ""


def _moment(at: str) -> str:
    """The day and the time in Paris of a moment, as a person reads it."""
    moment = datetime.fromisoformat(at).astimezone(PARIS)
    return f"{in_french(moment.date())} à {moment:%H h %M} (heure de Paris)"


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)
