"""What was last said of platforms as a feed: Atom (RFC 4287) and JSON Feed 1.1."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from referencing.base.workdays import PARIS, instant

from .models import Incident, Maintenance
from .states import INCIDENT, MAINTENANCE, STATES, PlatformState

TITLE = "État des plateformes du référencement"
_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry; `page` is where it is read in a browser."""

    id: str
    title: str
    text: str
    page: str
    published: datetime
    updated: datetime


def lines(told: Sequence[Incident | Maintenance], site: str) -> list[Line]:
    """An entry for each; `site` is the address of the page of all platforms."""
    return [_line(each, site) for each in told]


def _line(about: Incident | Maintenance, site: str) -> Line:
    page = f"{site}/{about.platform_id}"
    if isinstance(about, Incident):
        impact = STATES[PlatformState(about.impact.value)]
        title = f"{about.platform.name} : {impact}, incident {INCIDENT.states[about.state]}"
        spans = [f"Depuis le {_moment(about.begun_at)}."]
        if about.ended_at is not None:
            spans = [f"Du {_moment(about.begun_at)} au {_moment(about.ended_at)}."]
        text = "\n".join([about.title, *spans, *(note.text for note in about.notes)])
        return Line(f"urn:uuid:{about.id}", title, text, page, about.begun_at, about.changed_at)
    title = f"{about.platform.name} : maintenance {MAINTENANCE.states[about.state]}"
    text = f"{about.title}\nDu {_moment(about.starts_at)} au {_moment(about.ends_at)}."
    return Line(f"urn:uuid:{about.id}", title, text, page, about.changed_at, about.changed_at)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(PARIS):%d/%m/%Y à %H h %M}"


def atom(entries: Sequence[Line], site: str, own: str, now: datetime) -> bytes:
    """The entries as Atom; `own` is the address of the feed itself."""
    feed = Element("feed", xmlns=_ATOM)
    for name, value in {
        "id": own,
        "title": TITLE,
        "updated": instant(max((entry.updated for entry in entries), default=now)),
    }.items():
        SubElement(feed, name).text = value
    SubElement(SubElement(feed, "author"), "name").text = "Référencement Ségur"
    SubElement(feed, "link", rel="self", href=own)
    SubElement(feed, "link", rel="alternate", href=site)
    for entry in entries:
        element = SubElement(feed, "entry")
        for name, value in {
            "id": entry.id,
            "title": entry.title,
            "published": instant(entry.published),
            "updated": instant(entry.updated),
            "content": entry.text,
        }.items():
            SubElement(element, name).text = value
        SubElement(element, "link", rel="alternate", href=entry.page)
    written: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def json_feed(entries: Sequence[Line], site: str, own: str) -> dict[str, Any]:
    """The entries as JSON Feed; `own` is the address of the feed itself."""
    items = [
        {
            "id": entry.id,
            "url": entry.page,
            "title": entry.title,
            "content_text": entry.text,
            "date_published": instant(entry.published),
            "date_modified": instant(entry.updated),
        }
        for entry in entries
    ]
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": TITLE,
        "language": "fr",
        "home_page_url": site,
        "feed_url": own,
        "items": items,
    }
