"""The minutes as pages to read and to file: the same document and signatures give the same bytes.

Bitstream Vera comes with reportlab, may be distributed and embedded, and has the letters of French and its neighbours;
what it lacks is shown by its base letter, or by its number in Unicode, never left out.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import reportlab
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer

PARIS = ZoneInfo("Europe/Paris")
TITLE = "Procès-verbal de séance DUO"
INK, FAINT, RULE = HexColor("#1b1b3a"), HexColor("#55556d"), HexColor("#c8c8d8")
FONTS = {"Minutes": "Vera.ttf", "Minutes-Bold": "VeraBd.ttf"}
#: Spaces that the font has not, and what stands for them.
SPACES = str.maketrans({"\u202f": "\u00a0", "\u2009": " ", "\u2003": " ", "\t": " "})

SIDES = {"agency": "Agence", "editor": "Éditeur"}
OUTCOMES = {"conform": "Conforme", "nonconform": "Non conforme", "complement": "Complément demandé"}
STATES = {
    "planned": "non présenté",
    "shown": "présenté, sans verdict",
    "decided": "décidé en séance",
    "covered": "couvert par équivalence",
    "withdrawn": "retiré de l'ordre du jour",
    "to_queue": "renvoyé en file d'instruction",
    "to_next": "reporté à une prochaine séance",
}
DECISIONS = {"signed": "a signé", "refused": "a refusé de signer"}


def _style(name: str, size: float, font: str = "Minutes", **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        name, fontName=font, fontSize=size, leading=size * 1.4, **{"textColor": INK, **more}
    )


HEADING = _style("heading", 17, "Minutes-Bold", spaceAfter=2 * mm)
SECTION = _style("section", 12, "Minutes-Bold", spaceBefore=6 * mm, spaceAfter=2 * mm)
ITEM = _style("item", 10, "Minutes-Bold", spaceBefore=4 * mm, spaceAfter=1 * mm)
BODY = _style("body", 9, spaceAfter=1 * mm)
INSIDE = _style("inside", 9, leftIndent=5 * mm, spaceAfter=0.6 * mm)
SMALL = _style("small", 7, leftIndent=5 * mm, textColor=FAINT, spaceAfter=1 * mm)


def render(document: Mapping[str, Any], sha256: str, signatures: Sequence[Mapping[str, Any]]) -> bytes:
    """An A4 PDF in French. `document` and `signatures` are as the API answers them."""
    _fonts()
    written = BytesIO()
    pages = SimpleDocTemplate(
        written,
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=18 * mm,
        bottomMargin=22 * mm,
        title=TITLE,
        author="Agence",
        lang="fr",
        invariant=1,
    )

    def canvas(*args: Any, **options: Any) -> _Numbered:
        return _Numbered(*args, sha256=sha256, **{**options, "initialFontName": "Minutes"})

    pages.build(list(_story(document, sha256, signatures)), canvasmaker=canvas)
    return written.getvalue()


def _story(
    document: Mapping[str, Any], sha256: str, signatures: Sequence[Mapping[str, Any]]
) -> Iterator[Flowable]:
    yield _text(TITLE, HEADING)
    yield from _about(document["candidature"], document["session"])
    yield _text("Participants", SECTION)
    for who in document["participants"]:
        yield from _participant(who)
    yield _text(f"Éléments à l'ordre du jour ({len(document['items'])})", SECTION)
    for item in document["items"]:
        yield from _item(item)
    yield _text("Signatures", SECTION)
    yield from _signatures(signatures)
    yield Spacer(0, 3 * mm)
    yield _text(f"Empreinte SHA-256 du procès-verbal : {sha256}", SMALL)


def _about(candidature: Mapping[str, Any], session: Mapping[str, Any]) -> Iterator[Flowable]:
    yield _field("Solution", f"{candidature['solution']}, version {candidature['software_version']}")
    yield _field("Éditeur", candidature["organisation"])
    yield _field("Référentiel", f"{candidature['dsr']}, version {candidature['dsr_version']}")
    yield _field("Prévue", f"du {_when(session['starts_at'])} au {_when(session['ends_at'])}")
    if session["opened_at"]:
        yield _field("Tenue", f"du {_when(session['opened_at'])} au {_when(session['ended_at'])}")
    if session["absent"]:
        yield _field("Absence", SIDES[session["absent"]])
    if session["reason"]:
        yield _field("Motif", session["reason"])


def _participant(who: Mapping[str, Any]) -> Iterator[Flowable]:
    there = [f"du {_when(one['arrived_at'])} au {_when(one['left_at'])}" for one in who["presences"]]
    yield _field(SIDES[who["side"]], f"{who['name']} : {' ; '.join(there) or 'absent'}")


def _item(item: Mapping[str, Any]) -> Iterator[Flowable]:
    title = f"{item['position']}. {item['code']}" + (f" : {item['title']}" if item["title"] else "")
    verdict = item["verdict"]
    label = OUTCOMES[verdict["outcome"]] if verdict else STATES[item["state"]]
    yield KeepTogether([_text(title, ITEM), _field("Verdict" if verdict else "État", label, INSIDE)])
    if verdict:
        yield from _verdict(verdict)
    if item["note"]:
        yield _field("Note", item["note"], INSIDE)
    if item["timecode"] is not None:
        yield _field("Repère", _timecode(item["timecode"]), INSIDE)
    if item["recording"]:
        yield _field("Enregistrement", item["recording"], INSIDE)
    for step in item["steps"]:
        yield _field(f"Étape {step['step']}", _step(step), INSIDE)
    for capture in item["captures"]:
        at = "" if capture["timecode"] is None else f" à {_timecode(capture['timecode'])}"
        yield _field("Capture", f"{capture['filename']} ({capture['size']} octets){at}", INSIDE)
        yield _text(f"SHA-256 {capture['sha256']}", SMALL)


def _verdict(verdict: Mapping[str, Any]) -> Iterator[Flowable]:
    yield _field("Par", f"{verdict['by']}, le {_when(verdict['given_at'])}", INSIDE)
    if verdict["comment"]:
        yield _field("Commentaire", verdict["comment"], INSIDE)
    for missing in verdict["missing"]:
        yield _field("Attendu", missing, INSIDE)
    if verdict["due_on"]:
        yield _field("Avant le", _day(verdict["due_on"]), INSIDE)
    if verdict["taken_back_at"]:
        because = verdict["taken_back_because"]
        yield _field("Repris", f"le {_when(verdict['taken_back_at'])} : {because}", INSIDE)


def _step(step: Mapping[str, Any]) -> str:
    at = step.get("timecode")
    parts = [
        OUTCOMES.get(str(step.get("outcome")), "sans verdict"),
        f"à {_timecode(at)}" if isinstance(at, int) else "",
        str(step.get("comment") or ""),
    ]
    return ", ".join(part for part in parts if part)


def _signatures(signatures: Sequence[Mapping[str, Any]]) -> Iterator[Flowable]:
    if not signatures:
        yield _text("Aucune signature à ce jour.", BODY)
    for signature in signatures:
        yield _field(
            SIDES[signature["side"]],
            f"{signature['by']} {DECISIONS[signature['outcome']]} le {_when(signature['signed_at'])}",
        )
        if signature["reserves"]:
            yield _field("Réserves", signature["reserves"], INSIDE)


def _field(label: str, value: str, style: ParagraphStyle = BODY) -> Paragraph:
    return Paragraph(f'<font name="Minutes-Bold">{_safe(label)} :</font> {_safe(value)}', style)


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(_safe(text), style)


def _safe(text: str) -> str:
    """Text as reportlab reads it: without markup of its own, each of its lines a line."""
    lines = unicodedata.normalize("NFC", text).translate(SPACES).splitlines()
    return "<br/>".join(escape("".join(map(_drawn, line))) for line in lines)


def _drawn(char: str) -> str:
    drawable = _fonts()
    if ord(char) in drawable:
        return char
    base = "".join(one for one in unicodedata.normalize("NFKD", char) if ord(one) in drawable)
    return base or f"[U+{ord(char):04X}]"


@cache
def _fonts() -> frozenset[int]:
    """The code points that all of the fonts have; registers them the first time."""
    folder = Path(reportlab.__file__).parent / "fonts"
    code_points: list[set[int]] = []
    for name, file in FONTS.items():
        font = TTFont(name, str(folder / file))
        pdfmetrics.registerFont(font)
        code_points.append(set(font.face.charToGlyph))
    return frozenset(set.intersection(*code_points))


def _when(moment: str | None) -> str:
    if moment is None:
        return "…"
    return datetime.fromisoformat(moment).astimezone(PARIS).strftime("%d/%m/%Y à %H:%M:%S")


def _day(day: str) -> str:
    return datetime.fromisoformat(day).strftime("%d/%m/%Y")


def _timecode(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


class _Numbered(Canvas):
    """Pages are counted before they are written, to say of each how many there are."""

    def __init__(self, *args: Any, sha256: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self._sha256 = sha256
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        self._pages.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # missing from its stubs

    def save(self) -> None:
        pages: Iterable[dict[str, Any]] = self._pages
        for number, page in enumerate(pages, 1):
            self.__dict__.update(page)
            self._foot(number)
            super().showPage()
        super().save()

    def _foot(self, number: int) -> None:
        self.setStrokeColor(RULE)
        self.line(20 * mm, 16 * mm, A4[0] - 20 * mm, 16 * mm)
        self.setFont("Minutes", 6.5)
        self.setFillColor(FAINT)
        self.drawString(20 * mm, 12 * mm, f"SHA-256 {self._sha256}")
        self.drawRightString(A4[0] - 20 * mm, 12 * mm, f"Page {number} sur {len(self._pages)}")
