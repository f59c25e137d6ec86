"""Naming platforms, and what watches them; asking to be written of them; the signs of life that integrations send."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.base.db import new_id, now
from referencing.base.errors import Conflict, Forbidden, Stale, invalid_field
from referencing.base.jobs import enqueue
from referencing.base.outgoing.receivers import Reach
from referencing.base.permissions import Actor, Right, Role, authorise
from referencing.journal.operations import record
from referencing.mail.operations import write

from . import queries
from .judging import Reason, Sighting
from .models import Platform, PlatformFollower, Probe, ProbeKind
from .probing import Seen, reachable
from .sights import HERE, follow_sights, note_seen
from .states import PLATFORM, PlatformAction

#: Platforms, watched or retired, and probes of one, at the most.
MOST_PLATFORMS, MOST_PROBES = 200, 20
#: Letters that one job writes; another one goes on.
AT_ONCE = 500
_STREAM = "platforms"
_SCHEMES = {
    ProbeKind.HTTP: ("https://", "http://"),
    ProbeKind.TLS: ("tls://",),
    ProbeKind.TCP: ("tcp://",),
}


def name_platform(session: Session, actor: Actor, words: Mapping[str, Any]) -> Platform:
    """Name a platform that is watched from now on. Raises Conflict for a code that is taken."""
    authorise(actor, Right.MANAGE_PLATFORMS)
    session.execute(sa.text("LOCK TABLE platform IN SHARE ROW EXCLUSIVE MODE"))  # they are counted
    if session.scalar(sa.select(Platform.id).where(Platform.code == words["code"])):
        raise Conflict("Une plateforme a déjà ce code : donnez-en un autre, ou changez celle-là.")
    if session.scalars(sa.select(sa.func.count(Platform.id))).one() >= MOST_PLATFORMS:
        raise Conflict(f"Il y a déjà {MOST_PLATFORMS} plateformes : il ne s'en ajoute pas d'autre.")
    platform = Platform(id=new_id(), created_at=now(session), **words)
    session.add(platform)
    session.flush()
    _record(session, actor, platform, "named")
    return platform


def change_platform(
    session: Session, actor: Actor, platform_id: UUID, revision: int, words: Mapping[str, Any]
) -> Platform:
    """Change what is given. Raises NotFound, Stale on an old revision, Conflict for one that is retired."""
    platform = _followed(session, actor, platform_id, PlatformAction.CHANGE)
    if platform.revision != revision:
        raise Stale("Cette plateforme a changé entre-temps : relisez-la et recommencez.")
    changed = sorted(name for name, value in words.items() if getattr(platform, name) != value)
    for name in changed:
        setattr(platform, name, words[name])
    if changed:
        platform.revision += 1
        _record(session, actor, platform, "changed", fields=changed)
    session.flush()
    return platform


def retire_platform(session: Session, actor: Actor, platform_id: UUID, reason: str) -> Platform:
    """Look at a platform no more. What happened to it stays. Raises NotFound, Conflict."""
    platform = _followed(session, actor, platform_id, PlatformAction.RETIRE)
    session.execute(sa.delete(Probe).where(Probe.platform_id == platform.id))
    _record(session, actor, platform, "retired", reason=reason)
    session.flush()
    return platform


def add_probe(
    session: Session, actor: Actor, platform_id: UUID, reach: Reach, words: Mapping[str, Any]
) -> Probe:
    """Have a platform looked at. Raises NotFound, Conflict, Invalid for what could never be looked at."""
    platform = _followed(session, actor, platform_id, PlatformAction.ADD_PROBE)
    own = sa.select(sa.func.count(Probe.id)).where(Probe.platform_id == platform.id)
    if session.scalars(own).one() >= MOST_PROBES:
        raise Conflict(f"Cette plateforme a déjà {MOST_PROBES} sondes : retirez-en une d'abord.")
    _refuse_misfit(session, platform, reach, words)
    probe = Probe(id=new_id(), platform_id=platform.id, created_at=now(session), **words)
    session.add(probe)
    session.flush()
    _record(session, actor, platform, "probe_added", probe=str(probe.id), kind=probe.kind.value)
    return probe


def remove_probe(session: Session, actor: Actor, probe_id: UUID) -> None:
    """Look that way no more. Raises NotFound."""
    platform = queries.platform(session, queries.probe(session, actor, probe_id).platform_id, lock=True)
    session.delete(queries.probe(session, actor, probe_id))
    session.flush()
    _record(session, actor, platform, "probe_removed", probe=str(probe_id))


def _refuse_misfit(session: Session, platform: Platform, reach: Reach, words: Mapping[str, Any]) -> None:
    if words["kind"] is ProbeKind.HEARTBEAT:
        _refuse_sender(session, platform, words)
        return
    if words["account_id"] is not None:
        raise invalid_field("account", "Seul un signal de vie a un compte : retirez-le.")
    several = words["kind"] is ProbeKind.HTTP
    if not words["steps"] or (len(words["steps"]) > 1 and not several):
        raise invalid_field("steps", "Donnez une adresse, ou plusieurs étapes à une sonde HTTP.")
    for step in words["steps"]:
        if not step["address"].startswith(_SCHEMES[words["kind"]]):
            begins = " ou ".join(_SCHEMES[words["kind"]])
            raise invalid_field("steps", f"L'adresse d'une telle sonde commence par {begins}.")
        try:
            reach.destination(reachable(step["address"]))
        except ValueError as error:
            raise invalid_field("steps", str(error)) from error


def _refuse_sender(session: Session, platform: Platform, words: Mapping[str, Any]) -> None:
    sender = session.get(Account, words["account_id"]) if words["account_id"] else None
    if sender is None or sender.role is not Role.INTEGRATION or words["steps"]:
        raise invalid_field(
            "account", "Donnez à un signal de vie le compte d'une intégration, et aucune adresse."
        )
    same = sa.select(Probe.id).where(Probe.platform_id == platform.id, Probe.account_id == sender.id)
    if session.scalar(same):
        raise Conflict("Cette intégration envoie déjà un signal de cette plateforme.")


def beat(session: Session, actor: Actor, platform_id: UUID, sighting: Sighting) -> Probe:
    """Take a sign of life from the integration that was named for it. Raises NotFound, Forbidden."""
    authorise(actor, Right.PUSH_HEARTBEATS)
    platform = queries.platform(session, platform_id, lock=True)
    named = sa.select(Probe).where(Probe.platform_id == platform.id, Probe.account_id == actor.account_id)
    probe = session.scalar(named)
    if probe is None:
        raise Forbidden(
            "Aucun signal de cette plateforme n'est attendu de votre compte : demandez à l'agence de l'y nommer."
        )
    reason = None if sighting is Sighting.FINE else Reason.TOLD
    note_seen(session, probe, HERE, Seen(sighting, reason, 0))
    follow_sights(session, platform)
    session.refresh(probe, ["sights"])
    return probe


def follow(session: Session, actor: Actor, platform_id: UUID) -> None:
    """Have oneself written of a platform's incidents and maintenance; once more changes nothing. Raises NotFound."""
    authorise(actor, Right.RECEIVE_MAIL)
    platform = queries.platform(session, platform_id)
    row = {"platform_id": platform.id, "account_id": actor.account_id, "asked_at": now(session)}
    session.execute(insert(PlatformFollower).values(row).on_conflict_do_nothing())


def leave(session: Session, actor: Actor, platform_id: UUID) -> None:
    """Be written of it no more. Raises NotFound."""
    authorise(actor, Right.RECEIVE_MAIL)
    platform = queries.platform(session, platform_id)
    own = PlatformFollower.account_id == actor.account_id
    session.execute(sa.delete(PlatformFollower).where(PlatformFollower.platform_id == platform.id, own))


def write_to_followers(
    session: Session,
    platform_id: str,
    subject_key: str,
    subject: str,
    text: str,
    cursor: str = "",
    *,
    public_url: str | None,
) -> None:
    """Write to everybody who follows a platform, once of each thing that happens to it."""
    page = f"{public_url.rstrip('/')}/plateformes/{platform_id}" if public_url else ""
    accounts = queries.followers(session, UUID(platform_id), UUID(cursor) if cursor else None, AT_ONCE)
    onward = f"\n\nSuivre la plateforme, ou ne plus recevoir ces messages : {page}" if page else ""
    for account_id in accounts:
        write(session, account_id, subject_key, subject, f"Bonjour,\n\n{text}{onward}\n")
    if len(accounts) == AT_ONCE:
        enqueue(
            session,
            "write_to_followers",
            platform_id=platform_id,
            subject_key=subject_key,
            subject=subject,
            text=text,
            cursor=str(accounts[-1]),
        )


def _followed(session: Session, actor: Actor, platform_id: UUID, action: PlatformAction) -> Platform:
    authorise(actor, Right.MANAGE_PLATFORMS)
    platform = queries.platform(session, platform_id, lock=True)
    platform.state = PLATFORM.follow("Cette plateforme", platform.state, action, actor)
    return platform


def _record(session: Session, actor: Actor, platform: Platform, what: str, **more: object) -> None:
    detail = {"platform": platform.code, **more}
    record(session, actor, f"platform.{what}", _STREAM, detail)
