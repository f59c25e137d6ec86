"""How the platforms stand that proofs need: open to anybody; who answers for them names, watches and tells."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.base.db import PARIS
from referencing.base.errors import DomainError
from referencing.base.permissions import Right, may
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, lines, listed, load, number, refused, words
from referencing.platforms import incidents, operations, queries
from referencing.platforms.judging import REASONS
from referencing.platforms.models import ProbeKind
from referencing.platforms.routes import reach
from referencing.platforms.schemas import (
    IncidentClosingIn,
    IncidentCorrectionIn,
    IncidentIn,
    IncidentNoteIn,
    MaintenanceIn,
    PlatformIn,
    PlatformReasonIn,
    ProbeIn,
)
from referencing.platforms.states import INCIDENT, MAINTENANCE, STATES
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, actor_if_any, lagging, transaction

blueprint = Blueprint("platforms", __name__)

#: Incidents of a page of one platform.
MOST_INCIDENTS = 20
KINDS = {
    ProbeKind.HTTP: "réponse HTTP",
    ProbeKind.TLS: "certificat TLS",
    ProbeKind.TCP: "connexion TCP",
    ProbeKind.HEARTBEAT: "signal de vie",
}


def _may(right: Right) -> bool:
    reader = actor_if_any()
    return reader is not None and may(reader, right)


@blueprint.get("/plateformes")
def find() -> Response:
    """Every platform as it stands, and how available it was."""
    return _list(BLANK)


@blueprint.post("/plateformes")
def add() -> Response:
    """Name a platform."""
    try:
        with transaction() as session:
            said: dict[str, Any] = {**words("code", "name", "description"), "words": lines("words")}
            platform = operations.name_platform(session, actor(), load(PlatformIn(), said))
    except DomainError as error:
        return _list(refused(error), error.status)
    return redirect(url_for("console.platforms.show", platform=platform.id), 303)


def _list(typed: Typed, status: int = 200) -> Response:
    with lagging() as session:
        rows = queries.with_months(session, queries.standings(session, limit=operations.MOST_PLATFORMS))
        return page(
            "platforms/list.html",
            status,
            rows=rows,
            longest=max((row.months for row in rows), key=len, default=()),
            states=STATES,
            manages=_may(Right.MANAGE_PLATFORMS),
            typed=typed,
        )


@blueprint.get("/plateformes/<uuid:platform>")
def show(platform: UUID) -> Response:
    """One platform: its incidents with what was told of them, its maintenance, its last twelve months."""
    return _page(platform, BLANK)


def _page(platform: UUID, typed: Typed, status: int = 200) -> Response:
    wanted = listed(MOST_INCIDENTS)
    manages, writes_to = _may(Right.MANAGE_PLATFORMS), _may(Right.RECEIVE_MAIL)
    with transaction() as session:
        row = queries.standing(session, platform)
        happened = queries.incidents(session, platform, id_cursor(wanted), MOST_INCIDENTS + 1)
        kept, following = wanted.of(happened, lambda incident: [incident.id])
        probes = queries.probes(session, actor(), platform, None, operations.MOST_PROBES) if manages else ()
        return page(
            "platforms/page.html",
            status,
            row=row,
            incidents=kept,
            following=following and url_for(".show", platform=platform, cursor=following),
            probes=probes,
            states=STATES,
            kinds=KINDS,
            reasons=REASONS,
            lives=(INCIDENT, MAINTENANCE),
            manages=manages,
            writes_to=writes_to,
            followed=writes_to and bool(queries.followed(session, actor(), [platform])),
            typed=typed,
        )


@blueprint.post("/plateformes/<uuid:platform>/suivre")
def follow(platform: UUID) -> Response:
    """Have oneself written of it."""
    return _acting(platform, lambda session: operations.follow(session, actor(), platform))


@blueprint.post("/plateformes/<uuid:platform>/ne-plus-suivre")
def leave(platform: UUID) -> Response:
    """Be written of it no more."""
    return _acting(platform, lambda session: operations.leave(session, actor(), platform))


@blueprint.post("/plateformes/<uuid:platform>/retirer")
def retire(platform: UUID) -> Response:
    """Look at it no more."""
    return _acting(
        platform, lambda session: operations.retire_platform(session, actor(), platform, _reason())
    )


@blueprint.post("/plateformes/<uuid:platform>/sondes")
def add_probe(platform: UUID) -> Response:
    """Have it looked at: an HTTP address with what it is to answer, a certificate, a connection, a sign of life."""

    def act(session: Session) -> object:
        said: dict[str, Any] = words("kind", "label", "account")
        counts = words("every_seconds", "slow_after", "expiry_days")
        said |= {name: number(value) for name, value in counts.items()}
        steps = [{"address": address, "text": request.form.get("text", "")} for address in lines("steps")]
        return operations.add_probe(
            session, actor(), platform, reach(), load(ProbeIn(), {**said, "steps": steps})
        )

    return _acting(platform, act)


@blueprint.post("/plateformes/<uuid:platform>/sondes/<uuid:probe>/retirer")
def remove_probe(platform: UUID, probe: UUID) -> Response:
    """Look that way no more."""
    return _acting(platform, lambda session: operations.remove_probe(session, actor(), probe))


@blueprint.post("/plateformes/<uuid:platform>/incidents")
def open_incident(platform: UUID) -> Response:
    """Say that it is down or degraded."""

    def act(session: Session) -> object:
        said = load(IncidentIn(), {**words("impact", "title"), **_moments("begun_at")})
        return incidents.open_incident(session, actor(), platform, **said)

    return _acting(platform, act)


@blueprint.post("/plateformes/<uuid:platform>/incidents/<uuid:incident>/nouvelles")
def tell(platform: UUID, incident: UUID) -> Response:
    """Tell everybody how it goes on."""
    return _acting(
        platform,
        lambda session: incidents.tell(
            session, actor(), incident, load(IncidentNoteIn(), words("text"))["text"]
        ),
    )


@blueprint.post("/plateformes/<uuid:platform>/incidents/<uuid:incident>/cloture")
def close(platform: UUID, incident: UUID) -> Response:
    """Say that it is over."""

    def act(session: Session) -> object:
        said = load(IncidentClosingIn(), {**words("note"), **_moments("ended_at")})
        return incidents.close(session, actor(), incident, **said)

    return _acting(platform, act)


@blueprint.post("/plateformes/<uuid:platform>/incidents/<uuid:incident>/correction")
def correct(platform: UUID, incident: UUID) -> Response:
    """Put its moments and its words right."""

    def act(session: Session) -> object:
        said = {**words("impact", "title", "reason"), **_moments("begun_at", "ended_at")}
        loaded = load(IncidentCorrectionIn(), said)
        return incidents.correct(session, actor(), incident, loaded, loaded.pop("reason"))

    return _acting(platform, act)


@blueprint.post("/plateformes/<uuid:platform>/incidents/<uuid:incident>/retrait")
def retract(platform: UUID, incident: UUID) -> Response:
    """Say that there was none."""
    return _acting(platform, lambda session: incidents.retract(session, actor(), incident, _reason()))


@blueprint.post("/plateformes/<uuid:platform>/maintenances")
def plan(platform: UUID) -> Response:
    """Say in advance when it is not there."""

    def act(session: Session) -> object:
        said = load(MaintenanceIn(), {**words("title"), **_moments("starts_at", "ends_at")})
        return incidents.plan_maintenance(session, actor(), platform, **said)

    return _acting(platform, act)


@blueprint.post("/plateformes/<uuid:platform>/maintenances/<uuid:maintenance>/annulation")
def cancel(platform: UUID, maintenance: UUID) -> Response:
    """Say that there is none after all."""
    return _acting(
        platform, lambda session: incidents.cancel_maintenance(session, actor(), maintenance, _reason())
    )


def _reason() -> str:
    reason: str = load(PlatformReasonIn(), words("reason"))["reason"]
    return reason


def _moments(*names: str) -> Mapping[str, str]:
    """Moments that were typed as they are in Paris; what is none stays as it was typed, for a schema to refuse."""
    return {name: _in_paris(typed) for name, typed in words(*names).items()}


def _in_paris(typed: str) -> str:
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=PARIS).isoformat()
    except ValueError:
        return typed


def _acting(platform: UUID, act: Callable[[Session], object]) -> Response:
    try:
        with transaction() as session:
            act(session)
    except DomainError as error:
        return _page(platform, refused(error), error.status)
    return redirect(url_for("console.platforms.show", platform=platform), 303)
