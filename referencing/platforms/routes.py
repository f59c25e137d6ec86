"""Platforms over HTTP: anybody reads how they stand; who answers for them needs a key."""

from typing import Any
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.outgoing.receivers import Reach
from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.descriptions import ETAG, IF_MATCH, asks_no_key, needs, reads, tells
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import (
    actor,
    actor_if_any,
    answer,
    etag,
    expected_version,
    lagging,
    parts,
    transaction,
)

from . import feeds, incidents, operations, queries, schemas
from .models import Incident, Maintenance

blueprint = Blueprint(
    "platforms",
    __name__,
    url_prefix="/api/v1",
    description="The platforms that proofs need, and how they are",
)

_platform = shape(schemas.PlatformOut)
_with_months = shape(schemas.PlatformWithMonthsOut)
_probe = shape(schemas.ProbeOut)
_heartbeat = shape(schemas.HeartbeatOut)
_incident = shape(schemas.IncidentOut)
_maintenance = shape(schemas.MaintenanceOut)


def reach() -> Reach:
    """What probes of this service may reach."""
    return Reach(parts().settings.probes.networks)


def _answer(session: Session, platform_id: UUID, status: int = 200) -> Response:
    row = queries.standing(session, platform_id)
    return answer(_with_months(row, actor_if_any()), status, etag(row.platform.revision))


def _answer_incident(incident: Incident, status: int = 200) -> Response:
    return answer(_incident(incident, actor_if_any()), status)


def _answer_maintenance(maintenance: Maintenance, status: int = 200) -> Response:
    return answer(_maintenance(maintenance, actor_if_any()), status)


# At each address what takes a key comes first: what Flask answers of itself (OPTIONS) asks for one as everywhere.
@blueprint.route("/platforms", methods=["POST"])
@needs(Right.MANAGE_PLATFORMS)
@tells(ETAG)
@blueprint.arguments(schemas.PlatformIn)
@blueprint.response(201, schemas.PlatformWithMonthsOut)
def name_platform(words: dict[str, Any]) -> Response:
    """Name a platform or a service that proofs need."""
    with transaction() as session:
        return _answer(session, operations.name_platform(session, actor(), words).id, 201)


@blueprint.route("/platforms")
@asks_no_key(hears_one=True)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.PlatformOut))
def list_platforms(arguments: dict[str, Page]) -> Response:
    """The platforms by name, each as it stands, with its open incidents and planned maintenance; no key is needed."""
    page = arguments["page"]
    with lagging() as session:
        rows = queries.standings(session, page.keys(str, UUID), page.limit + 1)
        on_page, following = page.of(rows, lambda row: [row.platform.name, row.platform.id])
        return listing([_platform(row, actor_if_any()) for row in on_page], following)


@blueprint.route("/platforms/feed")
@asks_no_key(hears_one=True)
@blueprint.arguments(schemas.PlatformFeedArguments, location="query")
@blueprint.response(200)
def read_feed(arguments: dict[str, Any]) -> Response:
    """The incidents and the maintenance of which something was said last, as Atom or JSON Feed; no key is needed."""
    base = (parts().settings.public_url or request.host_url).rstrip("/")
    chosen: schemas.FeedFormat = arguments["format"]
    site, own = f"{base}/plateformes", f"{base}/api/v1/platforms/feed?format={chosen.value}"
    with lagging() as session:
        lines = feeds.lines(queries.lately(session), site)
        if chosen is schemas.FeedFormat.JSON:
            response = answer(feeds.json_feed(lines, site, own))
            response.content_type = "application/feed+json"
            return response
        written = feeds.atom(lines, site, own, now(session))
        return Response(written, content_type="application/atom+xml; charset=utf-8")


@blueprint.route("/platforms/<uuid:platform>", methods=["PATCH"])
@needs(Right.MANAGE_PLATFORMS)
@tells(ETAG)
@reads(IF_MATCH)
@blueprint.arguments(schemas.PlatformChangeIn)
@blueprint.response(200, schemas.PlatformWithMonthsOut)
def change_platform(words: dict[str, Any], platform: UUID) -> Response:
    """Change what is given (If-Match: its revision)."""
    with transaction() as session:
        operations.change_platform(session, actor(), platform, expected_version(), words)
        return _answer(session, platform)


@blueprint.route("/platforms/<uuid:platform>")
@asks_no_key(hears_one=True)
@blueprint.response(200, schemas.PlatformWithMonthsOut)
def read_platform(platform: UUID) -> Response:
    """One platform as it stands, how available it was by month, with its ETag; no key is needed."""
    with transaction() as session:
        return _answer(session, platform)


@blueprint.route("/platforms/<uuid:platform>/retirement", methods=["POST"])
@needs(Right.MANAGE_PLATFORMS)
@tells(ETAG)
@blueprint.arguments(schemas.PlatformReasonIn)
@blueprint.response(200, schemas.PlatformWithMonthsOut)
def retire_platform(words: dict[str, str], platform: UUID) -> Response:
    """Look at a platform no more; what happened to it stays."""
    with transaction() as session:
        operations.retire_platform(session, actor(), platform, words["reason"])
        return _answer(session, platform)


@blueprint.route("/platforms/<uuid:platform>/probes")
@needs(Right.MANAGE_PLATFORMS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.ProbeOut))
def list_probes(arguments: dict[str, Page], platform: UUID) -> Response:
    """What looks at a platform, and what each place saw last."""
    page = arguments["page"]
    with transaction() as session:
        probes = queries.probes(session, actor(), platform, id_cursor(page), page.limit + 1)
        on_page, following = page.of(probes, lambda probe: [probe.id])
        return listing([_probe(probe, actor()) for probe in on_page], following)


@blueprint.route("/platforms/<uuid:platform>/probes", methods=["POST"])
@needs(Right.MANAGE_PLATFORMS)
@blueprint.arguments(schemas.ProbeIn)
@blueprint.response(201, schemas.ProbeOut)
def add_probe(words: dict[str, Any], platform: UUID) -> Response:
    """Have a platform looked at: by requests, a certificate's end, a connection, or an integration's heartbeat."""
    with transaction() as session:
        probe = operations.add_probe(session, actor(), platform, reach(), words)
        return answer(_probe(probe, actor()), 201)


@blueprint.route("/platforms/probes/<uuid:probe>", methods=["DELETE"])
@needs(Right.MANAGE_PLATFORMS)
@blueprint.response(204)
def remove_probe(probe: UUID) -> Response:
    """Look that way no more."""
    with transaction() as session:
        operations.remove_probe(session, actor(), probe)
        return Response(status=204)


@blueprint.route("/platforms/<uuid:platform>/heartbeats", methods=["POST"])
@needs(Right.PUSH_HEARTBEATS)
@blueprint.arguments(schemas.HeartbeatIn)
@blueprint.response(201, schemas.HeartbeatOut)
def push_heartbeat(words: dict[str, Any], platform: UUID) -> Response:
    """Say that a platform is alive, and how it is: by the integration that was named for it alone."""
    with transaction() as session:
        return answer(_heartbeat(operations.beat(session, actor(), platform, words["state"])), 201)


@blueprint.route("/platforms/<uuid:platform>/heartbeats")
@asks_no_key(hears_one=True)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.HeartbeatOut))
def list_heartbeats(arguments: dict[str, Page], platform: UUID) -> Response:
    """The signs of life that are awaited of a platform, and when each came last; no key is needed."""
    page = arguments["page"]
    with transaction() as session:
        probes = queries.heartbeats(session, platform, id_cursor(page), page.limit + 1)
        on_page, following = page.of(probes, lambda probe: [probe.id])
        return listing([_heartbeat(probe) for probe in on_page], following)


@blueprint.route("/platforms/<uuid:platform>/incidents", methods=["POST"])
@needs(Right.MANAGE_PLATFORMS)
@blueprint.arguments(schemas.IncidentIn)
@blueprint.response(201, schemas.IncidentOut)
def open_incident(words: dict[str, Any], platform: UUID) -> Response:
    """Say that a platform is down or degraded, since now or an earlier moment."""
    with transaction() as session:
        return _answer_incident(incidents.open_incident(session, actor(), platform, **words), 201)


@blueprint.route("/platforms/<uuid:platform>/incidents")
@asks_no_key(hears_one=True)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.IncidentOut))
def list_incidents(arguments: dict[str, Page], platform: UUID) -> Response:
    """The incidents of a platform with what was told of them, the latest first; no key is needed."""
    page = arguments["page"]
    with transaction() as session:
        rows = queries.incidents(session, platform, id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda incident: [incident.id])
        return listing([_incident(row, actor_if_any()) for row in on_page], following)


@blueprint.route("/platforms/incidents/<uuid:incident>/notes", methods=["POST"])
@needs(Right.MANAGE_PLATFORMS)
@blueprint.arguments(schemas.IncidentNoteIn)
@blueprint.response(201, schemas.IncidentOut)
def tell(words: dict[str, str], incident: UUID) -> Response:
    """Tell everybody how an incident goes on."""
    with transaction() as session:
        return _answer_incident(incidents.tell(session, actor(), incident, words["text"]), 201)


@blueprint.route("/platforms/incidents/<uuid:incident>/correction", methods=["POST"])
@needs(Right.MANAGE_PLATFORMS)
@blueprint.arguments(schemas.IncidentCorrectionIn)
@blueprint.response(200, schemas.IncidentOut)
def correct_incident(words: dict[str, Any], incident: UUID) -> Response:
    """Put right what is given of an incident; all that follows from it follows anew."""
    reason = words.pop("reason")
    with transaction() as session:
        return _answer_incident(incidents.correct(session, actor(), incident, words, reason))


@blueprint.route("/platforms/incidents/<uuid:incident>/closing", methods=["POST"])
@needs(Right.MANAGE_PLATFORMS)
@blueprint.arguments(schemas.IncidentClosingIn)
@blueprint.response(200, schemas.IncidentOut)
def close_incident(words: dict[str, Any], incident: UUID) -> Response:
    """Say that an incident is over, and what it was."""
    with transaction() as session:
        return _answer_incident(incidents.close(session, actor(), incident, **words))


@blueprint.route("/platforms/incidents/<uuid:incident>/retraction", methods=["POST"])
@needs(Right.MANAGE_PLATFORMS)
@blueprint.arguments(schemas.PlatformReasonIn)
@blueprint.response(200, schemas.IncidentOut)
def retract_incident(words: dict[str, str], incident: UUID) -> Response:
    """Say that there was no incident: it counts nowhere any more."""
    with transaction() as session:
        return _answer_incident(incidents.retract(session, actor(), incident, words["reason"]))


@blueprint.route("/platforms/<uuid:platform>/maintenances", methods=["POST"])
@needs(Right.MANAGE_PLATFORMS)
@blueprint.arguments(schemas.MaintenanceIn)
@blueprint.response(201, schemas.MaintenanceOut)
def plan_maintenance(words: dict[str, Any], platform: UUID) -> Response:
    """Say in advance when a platform is not there."""
    with transaction() as session:
        return _answer_maintenance(incidents.plan_maintenance(session, actor(), platform, **words), 201)


@blueprint.route("/platforms/<uuid:platform>/maintenances")
@asks_no_key(hears_one=True)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.MaintenanceOut))
def list_maintenances(arguments: dict[str, Page], platform: UUID) -> Response:
    """Maintenance of a platform, planned, past or cancelled, the latest first; no key is needed."""
    page = arguments["page"]
    with transaction() as session:
        rows = queries.maintenances(session, platform, id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda maintenance: [maintenance.id])
        return listing([_maintenance(row, actor_if_any()) for row in on_page], following)


@blueprint.route("/platforms/maintenances/<uuid:maintenance>/cancellation", methods=["POST"])
@needs(Right.MANAGE_PLATFORMS)
@blueprint.arguments(schemas.PlatformReasonIn)
@blueprint.response(200, schemas.MaintenanceOut)
def cancel_maintenance(words: dict[str, str], maintenance: UUID) -> Response:
    """Say that there is no maintenance after all."""
    with transaction() as session:
        cancelled = incidents.cancel_maintenance(session, actor(), maintenance, words["reason"])
        return _answer_maintenance(cancelled)


@blueprint.route("/platforms/<uuid:platform>/follower", methods=["PUT"])
@needs(Right.RECEIVE_MAIL)
@blueprint.response(204)
def follow(platform: UUID) -> Response:
    """Have oneself written of a platform's incidents and maintenance."""
    with transaction() as session:
        operations.follow(session, actor(), platform)
        return Response(status=204)


@blueprint.route("/platforms/<uuid:platform>/follower", methods=["DELETE"])
@needs(Right.RECEIVE_MAIL)
@blueprint.response(204)
def leave(platform: UUID) -> Response:
    """Be written of a platform no more."""
    with transaction() as session:
        operations.leave(session, actor(), platform)
        return Response(status=204)
