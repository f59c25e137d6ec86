"""Sample files that an editor could supply for an expected proof, one format for each kind of proof.

They are real files of their type, small, and say in plain sight that they prove nothing. The same kind and
title give the same bytes.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from demonstration.samples import pdf, screenshot

NOTICE = "Fichier de démonstration : il ne prouve rien et ne décrit aucun logiciel réel."

_STARTED = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
_STEPS = (
    "ouverture de session, profil de test",
    "ouverture du dossier du patient de test",
    "appel au service distant",
    "réponse reçue, code 200",
    "enregistrement dans le dossier",
    "fermeture de session",
)
_PAGES = {
    "document": "Ce document tiendrait lieu de la description demandée : acteurs, règles, paramétrage.",
    "certificate": "Cette page tiendrait lieu d'attestation ou d'homologation ; personne ne l'a signée.",
    "pentest": "Cette page tiendrait lieu de synthèse du test d'intrusion ; aucun test n'a été mené.",
    "other": "Cette page tiendrait lieu de la pièce demandée.",
}


def sample_file(kind: str, title: str) -> tuple[str, bytes]:
    """A file name and content for a proof of this kind, which show `title`; KeyError for an unknown kind."""
    suffix, write = _WRITERS[kind]
    one_line = " ".join(title.split())
    return f"{kind}-{_slug(title)}.{suffix}", write(kind, one_line)


def _slug(title: str) -> str:
    """A file name's stem from a title: letters and digits without accents, at most 48 characters."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].rstrip("-") or "sans-titre"


def _screenshot(_kind: str, title: str) -> bytes:
    return screenshot.png(title, NOTICE)


def _log(_kind: str, title: str) -> bytes:
    exchange = _digest(title)[:12]
    lines = [f"# {NOTICE}", f"# {title}"]
    lines += [
        f"{(_STARTED + timedelta(seconds=7 * at)).isoformat()} INFO echange={exchange} etape={at + 1} {step}"
        for at, step in enumerate(_STEPS)
    ]
    return ("\n".join(lines) + "\n").encode()


def _page(kind: str, title: str) -> bytes:
    return pdf.page(title, [_PAGES[kind], NOTICE, f"Référence : {_digest(title)[:12]}"])


def _test_report(_kind: str, title: str) -> bytes:
    report = {
        "demonstration": True,
        "notice": NOTICE,
        "title": title,
        "platform": "gazelle-demonstration",
        "execution": _digest(title)[:12],
        "tested_at": _STARTED.isoformat(),
        "result": "PASSED",
        "assertions": [{"id": f"A{at:02}", "result": "PASSED"} for at in range(1, 6)],
    }
    return (json.dumps(report, ensure_ascii=False, indent=2) + "\n").encode()


def _digest(title: str) -> str:
    return hashlib.sha256(title.encode()).hexdigest()


_WRITERS: dict[str, tuple[str, Callable[[str, str], bytes]]] = {
    "demonstration": ("png", _screenshot),
    "log": ("txt", _log),
    "document": ("pdf", _page),
    "certificate": ("pdf", _page),
    "pentest": ("pdf", _page),
    "test_report": ("json", _test_report),
    "other": ("pdf", _page),
}
