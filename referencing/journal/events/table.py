"""Every event by the kind of its stream: what people read of it, and the fields of its detail. Pure.

The kind of a stream is what its name begins with: `candidature:0197...` is of the kind `candidature`. What is not
declared here is not written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import agency, dossiers

#: The kind under which live sessions have their events, which are kept apart from the journal.
LIVE_SESSION = "duo-session"

#: The kind of what anybody is told of the public list, by webhooks and `/api/v1/register/changes`.
REGISTER = "register"


class Undeclared(Exception):
    """An event that the table does not have, or not with these fields: a fault of the program."""


@dataclass(frozen=True, slots=True)
class Event:
    """`sentence` is French; `fields` are always in the detail, `optional` ones where there is something to say."""

    sentence: str
    fields: frozenset[str]
    optional: frozenset[str]


def _event(sentence: str, fields: str) -> Event:
    names = fields.split()
    optional = frozenset(name.removesuffix("?") for name in names if name.endswith("?"))
    return Event(sentence, frozenset(names) - {f"{name}?" for name in optional}, optional)


EVENTS: Mapping[str, Mapping[str, Event]] = {
    kind: {action: _event(*words) for action, words in sorted(declared.items())}
    for kind, declared in {
        "candidature": dossiers.CANDIDATURE,
        REGISTER: dossiers.REGISTER,
        "notes": dossiers.NOTES,
        "task": dossiers.TASK,
        LIVE_SESSION: dossiers.LIVE_SESSION,
        "audit": agency.AUDIT,
        "signal": agency.SIGNAL,
        "software": agency.SOFTWARE,
        "alike_versions": agency.ALIKE_VERSIONS,
        "dsr": agency.DSR,
        "issuer": agency.ISSUER,
        "rulebook": agency.RULEBOOK,
        "simulation": agency.SIMULATION,
        "survey": agency.SURVEY,
        "estimate": agency.ESTIMATE,
        "campaign": agency.CAMPAIGN,
        "takeover": agency.TAKEOVER,
        "workbench": agency.WORKBENCH,
        "account": agency.ACCOUNT,
        "newcomer": agency.NEWCOMER,
        "invitation": agency.INVITATION,
        "organisation": agency.ORGANISATION,
        "webhook": agency.WEBHOOK,
        "platforms": agency.PLATFORMS,
        "platform": agency.PLATFORM,
        "queues": agency.QUEUES,
        "safeguards": agency.SAFEGUARDS,
        "comment_templates": agency.TEMPLATES,
        "content": agency.CONTENT,
        "duo": agency.STAFFING,
        "record": agency.RECORD,
        "job": agency.JOB,
        "demonstration": agency.DEMONSTRATION,
    }.items()
}


def kind_of(stream: str) -> str:
    return stream.partition(":")[0]


def refuse_undeclared(stream: str, action: str, detail: Mapping[str, Any]) -> None:
    """Raises Undeclared unless the table has the event in streams of this kind, with these fields."""
    event = EVENTS.get(kind_of(stream), {}).get(action)
    if event is None:
        raise Undeclared(f"{action} is no event of {kind_of(stream)!r} streams: declare it in journal/events")
    missing, unknown = event.fields - detail.keys(), detail.keys() - event.fields - event.optional
    if missing or unknown:
        raise Undeclared(f"{action} lacks {sorted(missing)}, and does not declare {sorted(unknown)}")


def sentence(stream: str, action: str, detail: Mapping[str, Any]) -> str:
    """What happened, in French; the name itself of an event that was written before it was renamed."""
    event = EVENTS.get(kind_of(stream), {}).get(action)
    if event is None:
        return action
    return dossiers.BY_OUTCOME.get(action, {}).get(detail.get("outcome", ""), event.sentence)
